"""What goes wrong is said on a page, in the reader's language, with a way back, and never with a traceback."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.office import Office
from tests.web.conftest import Visitor
from web.errors import STATUS
from workflow.core.errors import Refused


def subclasses(kind: type[Refused]) -> set[type[Refused]]:
    return {found for one in kind.__subclasses__() for found in (one, *subclasses(one))}


def test_every_refusal_has_its_line_in_the_table() -> None:
    assert set(STATUS) == subclasses(Refused)


@pytest.mark.parametrize(("language", "words"), [("zh", "没有找到"), ("en", "Not found")])
def test_an_unknown_page_says_so_in_the_language_asked_for(visitor: Visitor, language: str, words: str) -> None:
    answer = visitor.get("/nowhere", headers={"Accept-Language": language})

    assert answer.status_code == 404
    assert words in answer.text
    assert 'href="/"' in answer.text


def test_a_fault_of_ours_shows_a_reference_and_no_traceback(
    app: Flask, sqlite_office: Office, signed_in: Callable[[str], Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = signed_in("anna")

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the-inner-secret")

    monkeypatch.setattr(sqlite_office.workflow, "inbox", fail)
    answer = visitor.get("/inbox/", headers={"Accept-Language": "en"})

    assert answer.status_code == 500
    assert "the-inner-secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "Reference" in answer.text


def test_a_wrong_method_names_the_right_ones(visitor: Visitor) -> None:
    answer = visitor.get("/sign-out")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_form_without_its_token_changes_nothing(signed_in: Callable[[str], Visitor], sqlite_office: Office) -> None:
    case = sqlite_office.complaint()
    visitor = signed_in("anna")

    answer = visitor.client.post(f"/cases/{case.id}/comments", data={"comment": "hello"})

    assert answer.status_code == 400
    assert len(sqlite_office.workflow.history(case.id, sqlite_office.actor("anna"))) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/cases/0/",
        "/cases/99999999999999999999999/",
        "/cases/?q=%00&definition=%F0%9F%93%A6&unit=x&after=nonsense",
        "/customers/?q=" + "x" * 10_000,
        "/inbox/?after=%00",
        "/cases/new/none",
        "/cases/new/complaint?customer=99999999999999",
        "/cases/new/complaint?customer=x",
    ],
)
def test_an_address_that_makes_no_sense_is_answered_calmly(signed_in: Callable[[str], Visitor], path: str) -> None:
    assert signed_in("anna").get(path).status_code in (200, 400, 404)


def test_a_body_that_is_too_large_is_refused(app: Flask, signed_in: Callable[[str], Visitor]) -> None:
    visitor = signed_in("anna")
    app.config["MAX_CONTENT_LENGTH"] = 1000

    answer = visitor.client.post("/settings", data={"language": "x" * 5000})

    assert answer.status_code == 413
