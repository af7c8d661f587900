"""The desk lists who took what out, and nobody else sees it."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.office import Office
from tests.web.conftest import Visitor

Enter = Callable[[str], Visitor]


def test_an_export_is_listed_with_who_and_when(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    auditor = signed_in("auditor")
    assert "没有记录" in auditor.get("/audit/looks/").text
    assert auditor.post(f"/exports/cases/{case.id}", {}, page=f"/audit/cases/{case.id}/").status_code == 200

    page = auditor.get("/audit/looks/").text
    assert "auditor员" in page[page.index("<tbody>") :]
    assert case.number in page
    assert "导出事项档案" in page
    assert "没有找到" in auditor.get(f"/audit/looks/?person={sqlite_office.people['ben']}").text
    assert case.number in auditor.get("/audit/looks/?case=青云数据").text, "found by the customer's name"
    assert case.number not in auditor.get("/audit/looks/?case=青云书店").text
    assert case.number not in signed_in("head").get("/audit/looks/").text
    assert signed_in("anna").get("/audit/looks/").status_code == 403
