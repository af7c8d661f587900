"""The figures of a department on a page: each opens what it counts, each table can be taken along to Excel."""

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from tests.support.office import Office
from tests.web.conftest import Visitor
from web import language
from workflow.core.step import SYSTEM

Enter = Callable[[str], Visitor]
PATH = "/supervision/performance/"


@pytest.fixture
def lived(sqlite_office: Office) -> Office:
    office = sqlite_office
    for number in range(3):
        case = office.complaint().id
        office.later(hours=30 * (number + 1))
        office.fire()
        office.workflow.perform(case, "answer", form={"reply": "已致歉"}, actor=office.actor("anna"))
    formula = office.workflow.add_person("eve", name_zh="=1+1", name_en="=1+1", actor=SYSTEM)
    office.workflow.grant(formula, office.units["city"], "account_manager", actor=SYSTEM)
    office.workflow.change_customer(office.customer, {"a": formula}, actor=SYSTEM)
    return office


def test_every_number_on_the_page_is_as_long_a_list(lived: Office, signed_in: Enter) -> None:
    visitor = signed_in("supervisor")
    page = visitor.get(PATH).text
    links = re.findall(r'<a href="(/supervision/performance/(?:runs|cases|departments/cases)[^"]*)">(\d+)</a>', page)

    assert len(links) > 10
    assert any("/departments/" in address for address, _ in links)
    assert re.search(r"<rect class=\"kept\"", page)
    assert re.search(r"<rect class=\"late\"", page)
    for address, count in set(links):
        opened = visitor.get(unescape(address)).text
        assert len(re.findall(r'<h2 class="what">', opened)) == int(count), address


def test_it_is_narrowed_by_period_unit_and_lifecycle(lived: Office, signed_in: Enter) -> None:
    visitor = signed_in("supervisor")
    county = visitor.get(PATH, query_string={"unit": lived.units["county"]}).text
    assert "这段时间没有到期或办结的时限" in county
    assert "2026-03" in visitor.get(PATH, query_string={"period": "month"}).text
    visitor.client.set_cookie(language.COOKIE, "en")
    assert (
        "Customer complaint · Answer within 48 hours"
        in visitor.get(PATH, query_string={"definition": "complaint"}).text
    )
    for nonsense in ("by=unit&key=x", "by=burn&key=1", "verdict=no", "clock=:", "clock=a:b", "by=manager&key=none"):
        assert visitor.get(f"{PATH}runs?{nonsense}").status_code == 200
    assert visitor.get(f"{PATH}cases?of=nothing&in=nowhere").status_code == 200


def test_each_table_goes_to_excel_with_the_figures_of_the_page(lived: Office, signed_in: Enter) -> None:
    visitor = signed_in("supervisor")
    for table in ("period", "clock", "unit", "manager", "state", "reopened", "paused", "departments"):
        answer = visitor.get(f"{PATH}{table}.xlsx")
        book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
        rows = book.get_sheet_by_index(0).to_python()
        assert len(book.sheet_names) == 2
        if table == "clock":
            assert rows[1][:5] == ["客户投诉 · 48小时答复", 3.0, 1.0, 2.0, 0.0]
            assert rows[1][5] == 33.3
        if table == "manager":
            assert rows[1][:2] == ["=1+1", 3.0]
        if table == "departments":
            assert rows[1][:5] == ["city局", "客户经理", "前台（客户经理）", 3.0, 17.5]
        if table == "unit":
            assert rows[1][0] == "city局"
    assert visitor.get(f"{PATH}salaries.xlsx").status_code == 404
    assert signed_in("anna").get(f"{PATH}clock.xlsx").status_code == 403
    empty = signed_in("stranger").get(f"{PATH}clock.xlsx")
    assert len(CalamineWorkbook.from_filelike(BytesIO(empty.data)).get_sheet_by_index(0).to_python()) == 1
