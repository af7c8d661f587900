"""The auditor's report as a page: every figure leads to its list, and the list says the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from tests.support.office import Office
from tests.web.conftest import Visitor
from workflow.core.errors import NotPermitted

SignIn = Callable[[str], Visitor]
MARCH = "since=2026-03-01&until=2026-03-31"


@pytest.fixture
def lived(sqlite_office: Office) -> Office:
    """A complaint that ran late and was handed up, somebody refused, and a finding with a formula in it."""
    office, door = sqlite_office, sqlite_office.workflow
    case = office.complaint()
    office.later(days=3)
    office.fire()
    with pytest.raises(NotPermitted):
        door.perform(case.id, "answer", actor=office.actor("director"), form={"reply": "好"})
    door.add_finding("=1+1", severity="high", case=case.id, seq=1, actor=office.actor("auditor"))
    door.look_at_customer(office.customer, office.actor("director"))
    return office


def figures(page: str, key: str) -> dict[str, tuple[list[str], str]]:
    """First cell of each row of a part → the other cells, and the address it leads to."""
    part = page[page.index(f'aria-labelledby="{key}"') :]
    part = part[: part.index("</section>")]
    found = {}
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", part, flags=re.DOTALL)[1:]:
        cells = [unescape(re.sub("<[^>]+>", "", one)).strip() for one in re.findall(r"<td[^>]*>(.*?)</td>", row)]
        link = re.search(r'href="([^"]+)"', row)
        found[cells[0]] = (cells[1:], unescape(link[1]) if link else "")
    return found


def test_every_figure_leads_to_its_list_and_the_list_says_the_same(lived: Office, signed_in: SignIn) -> None:
    auditor = signed_in("auditor")
    page = auditor.get(f"/audit/report?{MARCH}").text

    late, to = figures(page, "late")["合计"]
    assert late[1:] == ["1", "0", "1"]
    assert auditor.get(to).text.count("/audit/cases/") == 1
    raised, to = figures(page, "raised")["合计"]
    assert f"{raised[0]}项" in auditor.get(to).text
    assert raised[0] != "0"
    denied, to = figures(page, "refusals")["无权办理或无权查看"]
    assert denied == ["1"]
    assert "共1条" in auditor.get(to).text or auditor.get(to).text.count("<tr>") == 2
    read, to = figures(page, "readings")["打开客户档案"]
    assert read == ["1", "1"]
    assert "打开" in auditor.get(to).text
    assert [cells[-1] for cells, _ in figures(page, "findings").values()] == ["=1+1"]
    assert "授予了角色" in page
    for key in re.findall(r'<h2 id="(\w+)"', page):
        for _, address in figures(page, key).values():
            assert not address or auditor.get(address).status_code == 200, address


def test_it_is_by_unit_as_well_and_in_english(lived: Office, signed_in: SignIn) -> None:
    auditor = signed_in("auditor")
    auditor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en-GB"
    other = auditor.get(f"/audit/report?{MARCH}&unit={lived.units['other']}").text
    assert figures(other, "late")["All"][0][1:] == ["0", "0", "0"]
    assert figures(other, "refusals")["All"][0] == ["0"]
    city = auditor.get(f"/audit/report?{MARCH}&unit={lived.units['city']}").text
    assert figures(city, "late")["All"][0][1:] == ["1", "0", "1"]
    assert f"unit={lived.units['city']}" in figures(city, "late")["All"][1]
    # What came before or after is of another period.
    february = auditor.get("/audit/report?since=2026-02-01&until=2026-02-28").text
    assert figures(february, "late")["All"][0][1:] == ["0", "0", "0"]
    assert "granted a role" not in february


def test_it_is_taken_as_pdf_and_workbook_in_which_nothing_is_a_formula(lived: Office, signed_in: SignIn) -> None:
    auditor = signed_in("auditor")
    days = {"since": "2026-03-01", "until": "2026-03-31"}
    paper = PdfReader(BytesIO(auditor.post("/audit/report/file", form={**days, "form": "pdf"}).data))
    told = "".join(page.extract_text() for page in paper.pages)
    assert "2026-03-01 至 2026-03-31" in told.replace("\n", "")
    assert "=1+1" in told
    links = [one.get_object()["/A"]["/URI"] for page in paper.pages for one in page.get("/Annots", ())]
    assert any(one.startswith("http://") and "/audit/refusals?kind=denied" in one for one in links)
    book = CalamineWorkbook.from_filelike(
        BytesIO(auditor.post("/audit/report/file", form={**days, "form": "xlsx"}).data)
    )
    sheet = next(one for one in book.sheet_names if "发现" in one)
    rows = book.get_sheet_by_name(sheet).to_python()
    assert "=1+1" in rows[1], "a text, and not two"
    refused = book.get_sheet_by_name(next(one for one in book.sheet_names if "被拒" in one)).to_python()
    assert [row[1] for row in refused[1:] if row[0] == "合计"] == [1.0]
    with lived.database.reading() as connection:
        kinds = connection.exec_driver_sql("SELECT kind FROM reads ORDER BY id").scalars().all()
    assert kinds[-2:] == ["export.report.pdf", "export.report.xlsx"]


def test_days_that_are_none_are_asked_for_again(lived: Office, signed_in: SignIn) -> None:
    auditor = signed_in("auditor")
    assert "2026-02-01" in auditor.get("/audit/report").text, "last month is offered"
    before = lived.count("reads")
    beyond = "since=2026-01-01&until=9999-12-31"
    for unfit in ("since=2026-03-02&until=2026-03-01", "since=x&until=2026-03-01", "since=2026-03-01", beyond):
        assert auditor.get(f"/audit/report?{unfit}").status_code == 422
    assert lived.count("reads") == before
    assert auditor.get("/audit/report/late?since=x").status_code == 200
