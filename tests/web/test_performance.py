"""The figures of a department on a page: each opens what it counts, each table can be taken along to Excel."""

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

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


def test_the_waits_of_departments_are_narrowed_alike_on_the_page_in_their_lists_and_for_excel(
    lived: Office, signed_in: Enter
) -> None:
    """Each says of the same cases, and of none but those that whoever asks may see."""
    office = lived
    gold = {one.number for one in office.workflow.cases(SYSTEM).rows}
    city = waited(office, "city", "ben", "silver")
    county, other = waited(office, "county", "dana", "silver"), waited(office, "other", "carl", "gold")
    visitors = {login: signed_in(login) for login in ("supervisor", "head", "stranger", "anna")}
    [line] = {address for address, _ in lines(visitors["head"], "")}

    for login, narrowing, expected in (
        ("supervisor", "", gold | city | county),
        ("head", "", county),
        ("stranger", f"unit={office.units['county']}", set()),
        ("stranger", "", other),
        ("supervisor", f"unit={office.units['county']}", county),
        ("supervisor", "definition=visit", set()),
        ("supervisor", "tier=silver", city | county),
        ("supervisor", "q=city", city),
        ("supervisor", "period=month&state=received", set()),
    ):
        visitor = visitors[login]
        found = lines(visitor, narrowing)
        rows = sheet(visitor.get(f"{PATH}departments.xlsx?{narrowing}").data)
        listed = [numbers(visitor.get(address).text) for address, _ in found]
        assert sorted(row[3] for row in rows) == sorted(count for _, count in found), narrowing
        assert [len(one) for one in listed] == [count for _, count in found], narrowing
        assert set().union(*listed) == expected, (login, narrowing)
    assert numbers(visitors["head"].get(line).text) == county
    assert numbers(visitors["stranger"].get(line).text) == set()
    assert visitors["anna"].get(line).status_code == 403


def waited(office: Office, place: str, login: str, tier: str) -> set[str]:
    """A complaint of a customer of a unit that was answered after a while; its number."""
    manager = office.people[login]
    customer = office.register(f"{place}局客户", unit=office.units[place], a=manager, b=None, tier=tier)
    form = {"kind": "complaint", "channel": "phone", "text": "迟到", "severity": "normal"}
    case = office.workflow.open("complaint", customer=customer, data=form, actor=office.actor(login))
    office.later(hours=5)
    office.workflow.perform(case.id, "answer", form={"reply": "已致歉"}, actor=office.actor(login))
    return {case.number}


def lines(visitor: Visitor, narrowing: str) -> list[tuple[str, int]]:
    """Each line of the waits on the page: where its cases are listed, and how many there are."""
    page = visitor.get(f"{PATH}?{narrowing}").text
    found = re.findall(r'<a href="(/supervision/performance/departments/cases[^"]*)">(\d+)</a>', page)
    return [(unescape(address), int(count)) for address, count in found]


def numbers(page: str) -> set[str]:
    return set(re.findall(r"TS\d+", page))


def sheet(book: bytes) -> list[list[Any]]:
    """What stands on the first sheet below its headings."""
    return CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_index(0).to_python()[1:]


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
