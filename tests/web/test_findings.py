"""Auditors write findings, draw samples and sign off at the desk; others answer, or look."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

from tests.support.office import Office
from tests.web.conftest import Visitor

Enter = Callable[[str], Visitor]


def test_a_finding_goes_from_raised_over_answered_to_closed(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    auditor, chief = signed_in("auditor"), signed_in("chief")
    home = "/audit/findings/"

    raised = auditor.post(home, {"text": "未按时<答复>", "severity": "high", "case": str(case.id), "seq": "1"})
    assert raised.status_code == 302
    (found,) = sqlite_office.workflow.findings(sqlite_office.actor("auditor"))
    page = auditor.get(home).text
    assert "未按时&lt;答复&gt;" in page
    assert f'href="/audit/cases/{case.id}/replay/1"' in page
    assert chief.post(f"{home}{found.no}/answers", {"text": "已补办"}).status_code == 302
    assert chief.post(f"{home}{found.no}/closing", {"text": "关"}).status_code == 403
    assert auditor.post(f"{home}{found.no}/closing", {"text": "认可"}).status_code == 302
    page = unescape(auditor.get(home).text)
    assert "已关闭" in page
    assert "已补办" in page
    assert auditor.post(f"{home}{found.no}/answers", {"text": "再"}).status_code == 409
    assert auditor.post(home, {"text": " "}).status_code == 422
    assert auditor.post(home, {"text": "x", "case": "9999"}).status_code == 404
    assert signed_in("anna").get(home).status_code == 403


def test_a_sample_and_a_sign_off_are_kept_with_what_they_were_of(sqlite_office: Office, signed_in: Enter) -> None:
    for _ in range(4):
        sqlite_office.complaint()
    sqlite_office.later(minutes=1)
    auditor, home = signed_in("auditor"), "/audit/findings/"

    drawn = auditor.post(f"{home}samples", {"of": "cases", "count": "2", "seed": "42", "definition": "complaint"})
    signed = auditor.post(f"{home}sign-offs", {"since": "2026-03-01", "until": "2026-03-02", "text": "已核查"})

    assert (drawn.status_code, signed.status_code) == (302, 302)
    page = unescape(auditor.get(home).text)
    assert "从4个中抽取2个，种子42" in page
    assert "2026年3月1日 至 2026年3月2日" in page
    assert auditor.post(f"{home}samples", {"of": "cases", "count": "0", "seed": "1"}).status_code == 422
    assert auditor.post(f"{home}samples", {"of": "rows", "count": "x", "seed": "y"}).status_code == 422
    assert sqlite_office.count("refusals") == 2
