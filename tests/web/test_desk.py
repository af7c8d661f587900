"""The desk's front page says at a glance what holds, what does not and what waits."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from html import unescape

from tests.support.office import Office, library
from tests.web.conftest import Visitor
from workflow.audit.controls.runs import nightly
from workflow.core.errors import Refused
from workflow.settings import Settings

Enter = Callable[[str], Visitor]


def figures(visitor: Visitor) -> dict[str, str]:
    """Title → what is said, of the front page."""
    page = unescape(visitor.get("/audit/").text)
    return dict(re.findall(r"<dt><a href=\"[^\"]*\">([^<]*)</a></dt><dd>([^<]*)</dd>", page))


def test_the_front_page_tells_what_is_not_in_order(sqlite_office: Office, signed_in: Enter) -> None:
    assert figures(signed_in("auditor")) == {
        "全面校验": "尚未进行", "外部留存的检查点": "从未", "有例外的检查项": "尚未检查",
        "未关闭的发现": "0", "今日被拒": "0",
    }  # fmt: skip
    case = sqlite_office.complaint()
    sqlite_office.later(hours=60)
    sqlite_office.fire()
    sqlite_office.later(hours=1)
    nightly(sqlite_office.database, library(), now=lambda: sqlite_office.now, zone=Settings().display.zone)
    auditor = signed_in("auditor")
    auditor.post("/audit/findings/", {"text": "未答复", "severity": "low", "case": str(case.id)})
    with suppress(Refused):
        sqlite_office.workflow.perform(case.id, "confirm", actor=sqlite_office.actor("anna"))

    found = figures(auditor)

    assert (found["有例外的检查项"], found["未关闭的发现"]) == (f"1 / {len(library().controls)}", "1")
    assert found["今日被拒"] == "1"


def test_the_front_page_leads_back_to_any_moment(sqlite_office: Office, signed_in: Enter) -> None:
    page = signed_in("auditor").get("/audit/").text

    assert 'action="/audit/then/"' in page
    assert 'name="at"' in page
