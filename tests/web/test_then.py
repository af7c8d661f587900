"""The auditor chooses a moment once and goes from list to list as they stood then."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from tests.support.office import Office
from tests.web.conftest import Visitor

Enter = Callable[[str], Visitor]


def lived(office: Office) -> int:
    """A complaint that was overdue on the fifth of March and answered on the sixth."""
    case = office.complaint()
    office.later(hours=50)
    office.fire()
    office.later(hours=30)
    office.fire()
    office.workflow.perform(case.id, "answer", actor=office.actor("anna"), form={"reply": "已补送"})
    office.later(days=20)
    return int(case.id)


def test_the_overdue_board_of_a_past_day_leads_to_the_case_as_it_was(sqlite_office: Office, signed_in: Enter) -> None:
    case = lived(sqlite_office)
    auditor = signed_in("auditor")

    then = unescape(auditor.get("/audit/then/?at=2026-03-05T09:30").text)
    before = unescape(auditor.get("/audit/then/?at=2026-03-03T09:30").text)
    today = unescape(auditor.get("/audit/then/").text)

    assert f'href="/audit/cases/{case}/as-of?at=2026-03-05T09:30"' in then
    assert "超时 24小时" in then
    assert f"/audit/cases/{case}/" not in before
    assert f"/audit/cases/{case}/" not in today
    assert "/audit/then/?list=tasks&at=2026-03-05T09:30" in then
    nothing = before[before.index("当时为空") :]
    assert "/audit/then/?list=cases&at=2026-03-03T09:30" in nothing, "a way on from nothing"
    assert re.findall(r"/audit/then/\?at=([0-9T:-]+)", nothing) == ["2026-03-04T09:02"], "to when something was late"
    assert "/audit/then/?at=" not in unescape(signed_in("head").get("/audit/then/?at=2026-03-03T09:30").text)

    stood = unescape(auditor.get(f"/audit/cases/{case}/as-of?at=2026-03-05T09:30").text)
    answered = unescape(auditor.get(f"/audit/cases/{case}/as-of?at=2026-03-08T09:30").text)
    assert "超时 24小时" in stood
    assert "anna员办理" in stood
    assert "超时 " not in answered
    assert "曾于3月4日 09:00超时" in answered
    assert 'href="/audit/then/?at=2026-03-05T09:30"' in stood, "the way back to the lists of then"
    film = re.search(rf'class="button primary" href="(/audit/cases/{case}/replay/\d+)"', stood)
    assert film is not None, "it opens where the clock ran out"
    assert "“48小时答复”超时" in auditor.get(film[1]).text
    assert f'class="button primary" href="/audit/cases/{case}/replay/?at=' in answered


def test_every_list_is_there_at_any_moment(sqlite_office: Office, signed_in: Enter) -> None:
    lived(sqlite_office)
    auditor = signed_in("auditor")
    anna = sqlite_office.people["anna"]
    seen = {}
    for chosen in ("overdue", "escalations", "tasks", "cases", "customers", "load", "units", "nonsense"):
        for at in ("2026-03-05T09:30", "1999-01-01T00:00", "2999-01-01T00:00", "soon"):
            answer = auditor.get(f"/audit/then/?list={chosen}&at={at}&person={anna}")
            assert answer.status_code == 200, (chosen, at)
            seen[chosen, at[:4]] = unescape(answer.text)

    assert "anna员" in seen["load", "2026"]
    assert "1 项逾期" in seen["load", "2026"]
    assert "青云数据有限公司" in seen["customers", "2026"]
    assert "supervisor员" in seen["units", "2026"]
    assert "当时为空" in seen["cases", "1999"]
    assert "当时为空" in seen["units", "1999"]


def test_only_who_audits_goes_back_in_time(sqlite_office: Office, signed_in: Enter) -> None:
    case = lived(sqlite_office)

    assert signed_in("anna").get("/audit/then/").status_code == 403
    assert f"/audit/cases/{case}/" not in signed_in("head").get("/audit/then/?at=2026-03-05T09:30").text
