"""What makes a page quick shows nothing else than what is slow: addresses, the page's language, its indentation."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask, g, request, url_for
from flask_babel import force_locale, gettext

from tests.support.office import Office
from tests.web.conftest import Visitor
from tests.web.test_statements import counted
from web import language
from web.addresses import page_of

NUMBERED = [
    ("tasks.show", {"case": 7, "no": 1}),
    ("cases.show", {"case": 12345678901}),
    ("inbox.snooze", {"no": 2, "case": 1}),
    ("cases.index", {"customer": 3}),
    ("inbox.mine", {}),
]


def test_an_address_is_the_one_that_is_worked_out_anew(app: Flask) -> None:
    for root in ("", "/baton"):
        with app.test_request_context("/inbox/", environ_overrides={"SCRIPT_NAME": root}):
            assert request.script_root == root
            for endpoint, numbers in NUMBERED * 2:
                assert page_of(endpoint, **numbers) == url_for(endpoint, **numbers)


def test_the_page_speaks_the_language_in_force(app: Flask) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "zh"}):
        g.person = None
        assert (language.current(), language.words("nav.inbox")) == ("zh", gettext("nav.inbox"))
        with force_locale("en"):
            assert (language.current(), language.words("nav.inbox")) == ("en", gettext("nav.inbox"))
        assert (language.current(), language.words("nav.inbox")) == ("zh", gettext("nav.inbox"))


def test_no_line_of_a_list_is_indented_and_what_was_typed_keeps_its_spaces(
    sqlite_office: Office, signed_in: Callable[[str], Visitor]
) -> None:
    case = sqlite_office.complaint()
    sqlite_office.workflow.comment(case.id, "第一行\n    缩进的一行", actor=sqlite_office.actor("anna"))
    anna = signed_in("anna")
    assert not re.search(r"^[ \t]", anna.get("/inbox/").text, re.MULTILINE)
    assert "第一行\n    缩进的一行" in anna.get(f"/cases/{case.id}/").text


def test_the_inbox_of_one_task_and_of_fifty_asks_ten_times(
    sqlite_office: Office, signed_in: Callable[[str], Visitor]
) -> None:
    anna = signed_in("anna")
    sqlite_office.complaint()
    few = counted(sqlite_office, anna, "/inbox/")
    for _ in range(51):
        sqlite_office.complaint()
    many = counted(sqlite_office, anna, "/inbox/")
    # One more for how many there are behind the page.
    assert (len(few), len(many)) == (9, 10)
