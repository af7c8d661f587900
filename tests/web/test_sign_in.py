"""Coming in, staying in, going out; and what happens to those who should not."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.office import Office
from tests.web.conftest import PASSWORD, Visitor, hidden
from workflow.people.accounts import Accounts


@pytest.fixture
def anna(sqlite_office: Office, accounts: Accounts) -> int:
    person = sqlite_office.people["anna"]
    accounts.set_password(person, PASSWORD, at=sqlite_office.now, must_change=False)
    return person


def test_who_signs_in_comes_to_their_work(visitor: Visitor, anna: int) -> None:
    answer = visitor.sign_in("anna")

    assert answer.headers["Location"] == "/"
    assert visitor.get("/").headers["Location"] == "/inbox/"
    assert visitor.get("/inbox/").status_code == 200


@pytest.mark.parametrize(("login", "password"), [("anna", "wrong"), ("nobody", PASSWORD), ("", ""), ("an\0na", "\0")])
def test_a_wrong_name_and_a_wrong_password_look_the_same(
    visitor: Visitor, anna: int, login: str, password: str
) -> None:
    answer = visitor.sign_in(login, password)

    assert answer.status_code == 401
    assert "用户名或密码" in answer.text
    assert visitor.get("/inbox/").status_code == 302


def test_guessing_is_made_slow_even_with_the_right_password_at_last(visitor: Visitor, anna: int) -> None:
    for _ in range(5):
        assert visitor.sign_in("anna", "wrong").status_code == 401

    assert visitor.sign_in("anna").status_code == 429


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\n/evil", "\\/evil", ""],
)
def test_signing_in_leads_to_no_other_site(visitor: Visitor, anna: int, target: str) -> None:
    assert visitor.sign_in("anna", next=target).headers["Location"] == "/"


def test_signing_in_leads_to_the_page_that_was_asked_for(visitor: Visitor, anna: int) -> None:
    sent = visitor.get("/cases/?closed=open").headers["Location"]
    assert sent == "/sign-in?next=/cases/?closed%3Dopen"
    target = hidden(visitor.get(sent).text.split('action="/sign-in"')[1], "next")

    assert visitor.sign_in("anna", next=target).headers["Location"] == "/cases/?closed=open"


def test_signing_out_ends_the_session_for_a_stolen_cookie_too(app: Flask, visitor: Visitor, anna: int) -> None:
    visitor.sign_in("anna")
    cookie = visitor.client.get_cookie("baton_session")
    assert cookie is not None
    visitor.post("/sign-out")
    thief = app.test_client()
    thief.set_cookie("baton_session", cookie.value)

    assert thief.get("/inbox/").status_code == 302


def test_a_session_ends_after_hours_without_use_and_after_days_whatever_the_use(
    sqlite_office: Office, visitor: Visitor, anna: int
) -> None:
    visitor.sign_in("anna")
    for _ in range(14 * 24):
        sqlite_office.later(hours=1)
        if visitor.get("/settings").status_code != 200:
            break

    assert sqlite_office.now.day == 16
    visitor.sign_in("anna")
    sqlite_office.later(hours=2, seconds=1)
    assert visitor.get("/settings").status_code == 302


def test_one_may_end_ones_other_sessions_and_nobody_elses(
    sqlite_office: Office, signed_in: Callable[[str], Visitor], app: Flask
) -> None:
    first, ben = signed_in("anna"), signed_in("ben")
    second = Visitor(app.test_client())
    second.sign_in("anna")
    mark = hidden_mark(second.get("/sessions").text)

    ben.post(f"/sessions/{mark}/end")
    assert first.get("/inbox/").status_code == 200
    second.post(f"/sessions/{mark}/end")
    assert first.get("/inbox/").status_code == 302
    assert second.get("/inbox/").status_code == 200


def hidden_mark(page: str) -> str:
    return page.split("/sessions/")[1].split("/end", maxsplit=1)[0]


def test_a_first_password_is_changed_before_anything_else(
    sqlite_office: Office, accounts: Accounts, visitor: Visitor
) -> None:
    accounts.set_password(sqlite_office.people["anna"], PASSWORD, at=sqlite_office.now)
    visitor.sign_in("anna")

    assert visitor.get("/inbox/").headers["Location"] == "/password"
    form = {"current": PASSWORD, "fresh": "quiet-meadow-4471", "repeat": "quiet-meadow-4471"}
    assert visitor.post("/password", form, page="/password").status_code == 302
    assert visitor.get("/inbox/").status_code == 200


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"current": "wrong", "fresh": "quiet-meadow-4471", "repeat": "quiet-meadow-4471"}, 401),
        ({"current": PASSWORD, "fresh": "short", "repeat": "short"}, 422),
        ({"current": PASSWORD, "fresh": "quiet-meadow-4471", "repeat": "quiet-meadow-4472"}, 422),
        ({}, 401),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(
    signed_in: Callable[[str], Visitor], form: dict[str, str], status: int
) -> None:
    visitor = signed_in("anna")

    answer = visitor.post("/password", form, page="/password")

    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    visitor.post("/sign-out")
    assert visitor.sign_in("anna").status_code == 302


def test_what_was_typed_survives_the_end_of_the_session(
    sqlite_office: Office, signed_in: Callable[[str], Visitor]
) -> None:
    case = sqlite_office.complaint()
    visitor = signed_in("anna")
    page = visitor.get(f"/cases/{case.id}/")
    form = {"csrf_token": hidden(page.text, "csrf_token"), "comment": "写了很久的留言"}
    sqlite_office.later(hours=3)

    late = visitor.client.post(f"/cases/{case.id}/comments", data=form)
    assert late.status_code == 401
    back = visitor.client.post(
        "/sign-in",
        data={
            "csrf_token": hidden(late.text, "csrf_token"),
            "kept": hidden(late.text, "kept"),
            "login": "anna",
            "password": PASSWORD,
        },
    )
    assert "写了很久的留言" in back.text
    again = {"csrf_token": hidden(back.text, "csrf_token"), "comment": hidden(back.text, "comment")}
    assert visitor.client.post(f"/cases/{case.id}/comments", data=again).status_code == 302
    assert "写了很久的留言" in visitor.get(f"/cases/{case.id}/").text


def test_a_kept_form_that_is_not_ours_is_let_go(visitor: Visitor, anna: int) -> None:
    assert visitor.sign_in("anna", kept="eyJwYXRoIjoiL3gifQ.forged").headers["Location"] == "/"


def test_who_leaves_the_organisation_is_signed_out(sqlite_office: Office, signed_in: Callable[[str], Visitor]) -> None:
    visitor = signed_in("anna")
    root = sqlite_office.actor("root")
    sqlite_office.workflow.change_person(sqlite_office.people["anna"], {"active": False}, actor=root)

    assert visitor.get("/inbox/").status_code == 302
    assert visitor.sign_in("anna").status_code == 401
