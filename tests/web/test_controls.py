"""The auditor sees what did not hold, follows it to its step, and runs a control for a period."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

from tests.support.office import Office, library
from tests.web.conftest import Visitor
from workflow.audit.controls.runs import nightly
from workflow.settings import Settings

Enter = Callable[[str], Visitor]


def late(office: Office) -> int:
    case = office.complaint()
    office.later(hours=60)
    office.fire()
    office.later(hours=1)
    nightly(office.database, library(), now=lambda: office.now, zone=Settings().display.zone)
    return int(case.id)


def test_an_exception_leads_to_its_step(sqlite_office: Office, signed_in: Enter) -> None:
    assert "尚未检查" in signed_in("auditor").get("/audit/controls/").text
    case = late(sqlite_office)
    auditor = signed_in("auditor")

    page = unescape(auditor.get("/audit/controls/").text)
    assert "1 处例外" in page
    one = unescape(auditor.get("/audit/controls/answered_in_time").text)
    assert f'href="/audit/cases/{case}/replay/' in one
    assert "超时 13小时，仍未完成" in one
    assert "!clock.breached" in one
    assert "<svg" in one
    assert auditor.get("/audit/controls/unheard_of").status_code == 404
    assert auditor.get("/audit/controls/answered_in_time?run=999").status_code == 404


def test_a_control_is_run_for_a_period_and_the_result_is_kept(sqlite_office: Office, signed_in: Enter) -> None:
    case = late(sqlite_office)
    auditor = signed_in("auditor")
    address = "/audit/controls/answered_in_time"

    came = auditor.post(f"{address}/runs", {"since": "2026-03-01", "until": "2026-03-04"})
    other = auditor.post(f"{address}/runs", {"since": "2026-02-01", "until": "2026-02-28"})

    page = unescape(auditor.get(came.headers["Location"]).text)
    assert "2026年3月1日 至 2026年3月4日" in page
    assert f'href="/audit/cases/{case}/replay/' in page
    assert "auditor员" in page
    page = unescape(auditor.get(other.headers["Location"]).text)
    assert f'href="/audit/cases/{case}/replay/' not in page


def test_exceptions_of_another_unit_are_counted_and_not_shown(sqlite_office: Office, signed_in: Enter) -> None:
    case = late(sqlite_office)

    page = unescape(signed_in("head").get("/audit/controls/answered_in_time").text)

    assert "1 处例外" in page
    assert f"/audit/cases/{case}/" not in page
    assert signed_in("anna").get("/audit/controls/").status_code == 403
