"""Revenue on pages: a file comes in, is mended, applied and taken back; the statement opens what it is made of."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.support.office import Office
from tests.web.conftest import Visitor, token
from workflow.core.step import SYSTEM

Enter = Callable[[str], Visitor]
HEAD = "客户编号,月份,业务,收入（元）\n"


def send(visitor: Visitor, content: bytes, name: str = "三月.csv") -> Any:
    page = visitor.get("/imports/").text
    form = {"csrf_token": token(page), "file": (io.BytesIO(content), name)}
    return visitor.client.post("/imports/revenue", data=form, content_type="multipart/form-data")


def rows_of(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_a_file_is_checked_mended_applied_and_taken_back(sqlite_office: Office, signed_in: Enter) -> None:
    clerk, number = signed_in("clerk"), sqlite_office.stored(sqlite_office.customer).number
    content = f"{HEAD}{number},2026-02,特快专递,1234.50\n{number},2026-02,火箭,1\n{number},2026-02,函件,许多\n".encode()

    answer = send(clerk, content)
    assert answer.status_code == 302
    place = answer.headers["Location"]
    page = clerk.get(place).text
    assert "没有这项业务" in page
    assert "不是金额" in page
    assert "导入这1行" in page
    assert sqlite_office.count("revenue") == 0
    marked = rows_of(clerk.get(f"{place}marked.xlsx").data)
    assert [row[0] for row in marked] == ["行号", 3, 4]
    assert marked[1][4].startswith("没有这项业务")

    clerk.post(f"{place}apply", page=place)
    clerk.post(f"{place}apply", page=place)
    assert sqlite_office.count("revenue") == 1
    assert "已导入" in clerk.get(place).text
    assert "1,234.50" in clerk.get(f"/customers/{sqlite_office.customer}/").text
    clerk.post(f"{place}undo", page=place)
    assert "1,234.50" not in clerk.get(f"/customers/{sqlite_office.customer}/").text
    assert "已撤回" in clerk.get(place).text
    assert clerk.post(f"{place}undo", page=place).status_code == 409
    other = signed_in("director")
    assert other.get(place).status_code == other.post(f"{place}apply").status_code == 404
    assert signed_in("auditor").get(place).status_code == 200


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04x", "不能作为表格读取"),
        ("月份,业务\n".encode(), "缺少这些列：客户编号、收入（元）"),
        (HEAD.encode(), "没有数据行"),
    ],
)
def test_a_file_that_is_no_such_table_is_told_so(signed_in: Enter, content: bytes, says: str) -> None:
    answer = send(signed_in("clerk"), content)
    assert answer.status_code == 422
    assert says in answer.text


def test_the_template_is_taken_filled_in_and_brought(sqlite_office: Office, signed_in: Enter) -> None:
    clerk = signed_in("clerk")
    assert rows_of(clerk.get("/imports/revenue/template.xlsx").data)[0] == ["客户编号", "月份", "业务", "收入（元）"]
    assert clerk.get("/imports/nothing/template.xlsx").status_code == 404


def test_every_figure_of_the_statement_opens_what_it_is_made_of(sqlite_office: Office, signed_in: Enter) -> None:
    figures = [("2026-01", "express", 100_01), ("2026-02", "press", 50_00)]
    sqlite_office.workflow.say_revenue({sqlite_office.customer: figures}, actor=SYSTEM)
    director = signed_in("director")

    page = director.get("/revenue/").text
    links = re.findall(r'href="(/revenue/parts[^"]+)">([\d,.]+)', page)
    assert [figure for _, figure in links] == ["150.01", "150.01"]
    for address, figure in links:
        parts = director.get(address.replace("&amp;", "&")).text
        assert figure in parts
        assert "100.01" in parts
        assert "100.00 %" in parts
    table = rows_of(director.get("/revenue/statement.xlsx?since=2026-01&until=2026-02").data)
    assert [row[3] for row in table[1:]] == [150.01, 150.01]
    book = director.get("/revenue/statement.xlsx?since=2026-01&until=2026-02").data
    parts = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(1).to_python()
    assert [row[4:] for row in parts[1:]] == [["2026-01", 100.01, 100, 100.01], ["2026-02", 50, 100, 50]]
    assert sqlite_office.count("reads") >= 2
    assert "100.01" not in director.get("/revenue/?since=2026-02&until=2026-02").text
    assert "没有收入" in signed_in("stranger").get("/revenue/").text
    assert director.get("/revenue/?since=nonsense&until=2026-99&unit=x").status_code == 200
    assert director.get("/revenue/parts").status_code == 200


def test_the_customers_page_tells_who_had_it_why_and_by_whom(sqlite_office: Office, signed_in: Enter) -> None:
    sqlite_office.later(days=1)
    sqlite_office.workflow.change_customer(sqlite_office.customer, {"lead": "b"}, actor=SYSTEM)

    page = signed_in("clerk").get(f"/customers/{sqlite_office.customer}/").text

    owners = page[page.index('id="owners"') :]
    assert owners.index("ben员") < owners.index("anna员")
    assert "更改了资料" in owners
    assert "登记了客户" in owners
    assert "未定分成" in owners
