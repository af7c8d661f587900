"""Results on pages: figures open their customers, a plan is entered, pay is shown to those it concerns."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from python_calamine import CalamineWorkbook

from tests.support.office import Office
from tests.web.conftest import Visitor, token
from workflow.core.step import SYSTEM

Enter = Callable[[str], Visitor]
ZONE = ZoneInfo("Asia/Shanghai")
PLAN = {
    "planned": "1,000", "base": "600", "allowed": "50", "spent": "0", "forecast": "1500", "products": "1",
    "receivables": "0", "satisfaction": "90.00", "all_staff": "100", "margin": "33", "rate": "5",
}  # fmt: skip


def enter(visitor: Visitor, path: str, form: dict[str, str]) -> int:
    page = visitor.get(path).text
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    return visitor.client.post(path, data={"csrf_token": token(page), "key": key[1], **form}).status_code


def test_a_plan_is_entered_and_pay_shown_to_those_it_concerns(sqlite_office: Office, signed_in: Enter) -> None:
    """004 §3.2(5)-(6): all of the standard times 99 points, and 5 % of 1,500 − 1,000 − 100."""
    office = sqlite_office
    office.workflow.say_revenue({office.customer: [("2026-03", "express", 1_500_00)]}, actor=SYSTEM)
    office.later(days=40)
    path = f"/results/people/{office.people['anna']}?year=2026"
    director = signed_in("director")

    assert enter(director, path, PLAN) == 302
    page = director.get(path).text
    assert "99.00" in page
    assert "594.00" in page
    assert "20.00" in page
    assert "594.00" in signed_in("anna").get(path).text
    for login in ("supervisor", "auditor"):
        assert "594.00" not in signed_in(login).get(path).text
    assert signed_in("ben").get(path).status_code == 404
    assert 'name="base"' not in signed_in("anna").get(path).text
    assert "594.00" in director.get("/results/scores?year=2026").text

    answer = enter(director, path, {**PLAN, "planned": "much", "rate": "11"})
    assert (answer, "594.00" in director.get(path).text) == (422, True)
    assert enter(director, path, {**PLAN, "rate": "11"}) == 422
    assert enter(director, path, {**PLAN, "planned": "NaN"}) == 422

    [link] = re.findall(r'href="(/results/behind[^"]+what=revenue[^"]*)"', director.get("/results/?until=2026-04").text)
    assert "1,500.00" in director.get(link.replace("&amp;", "&")).text
    book = sheets(director, "/results/figures.xlsx?since=2026-01&until=2026-04")
    assert [row[-1] for row in book["业绩"][1:]] == [1_500]
    assert [(row[1], row[4], row[6]) for row in book["计入收入（元）"][1:]] == [
        (office.stored(office.customer).number, "2026-03", 1_500),
    ]  # fmt: skip
    assert book["业绩"][0][2] in book, "each number has its list"
    assert "1,500.00" not in director.get("/results/?until=2026-04&on=2026-02-28").text, "as it was known then"
    assert director.get("/results/?since=x&until=y&unit=z&on=9999-12-31").status_code == 200


def test_a_managers_year_is_taken_with_every_input_and_is_what_the_page_says(
    sqlite_office: Office, signed_in: Enter
) -> None:
    office = sqlite_office
    office.workflow.change_customer(office.customer, {"name_zh": "=1+1公司"}, actor=SYSTEM)
    office.workflow.say_revenue({office.customer: [("2026-03", "express", 1_500_00)]}, actor=SYSTEM)
    office.later(days=40)
    anna = office.people["anna"]
    path, director = f"/results/people/{anna}?year=2026", signed_in("director")
    enter(director, path, PLAN)

    page = director.get(path).text
    book = sheets(director, f"/results/people/{anna}.xlsx?year=2026")
    points = {row[1]: row[3:] for row in book["得分组成"][1:]}
    assert points["收入"] == [1_500, 1_000, 40, 40]
    assert points["得分"][-1] == 99
    pay = dict(zip(*book["绩效工资与超产奖励"][:2], strict=True))
    told = {
        name: pay[name] for name in ("年度计划收入（元）", "基本绩效标准（元/年）", "绩效工资（元）", "超产奖励（元）")
    }
    assert list(told.values()) == [1_000, 600, 594, 20]
    assert (pay["本年工作月数"], pay["完成率 r"], pay["收入毛利率（%）"], pay["营销成本预算（元）"]) == (
        12,
        150,
        33,
        50,
    )
    for name, amount in told.items():
        assert re.search(rf"{re.escape(name)}.{{0,80}}{amount:,.2f}", page, re.DOTALL), name
    assert [row[2] for row in book["计入收入（元）"][1:]] == ["=1+1公司"], "a text, and never calculated"

    every = sheets(director, "/results/scores.xlsx?year=2026")
    assert [row[-3:] for row in every["得分与绩效工资"][1:]] == [[99, 594, 20]]
    assert len(every["绩效工资与超产奖励"]) == 2
    hidden = sheets(signed_in("supervisor"), "/results/scores.xlsx?year=2026")
    assert [row[-3:] for row in hidden["得分与绩效工资"][1:]] == [[99, "不显示", "不显示"]]
    assert len(hidden["绩效工资与超产奖励"]) == 1, "pay is the person's and the directors' to see"
    assert signed_in("ben").get(f"/results/people/{anna}.xlsx").status_code == 404
    with office.database.reading() as connection:
        taken = connection.exec_driver_sql("SELECT kind, person_id, detail FROM reads ORDER BY id").all()
    kinds = [(row.kind, row.person_id, json.loads(row.detail)["what"]) for row in taken if "export" in row.kind]
    assert kinds == [
        ("export.xlsx", office.people["director"], "score"), ("export.xlsx", office.people["director"], "scores"),
        ("export.xlsx", office.people["supervisor"], "scores"),
    ]  # fmt: skip


def sheets(visitor: Visitor, path: str) -> dict[str, list[list[Any]]]:
    answer = visitor.get(path)
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_a_centres_plan_is_entered_and_scored(sqlite_office: Office, signed_in: Enter) -> None:
    """001 §2(3)."""
    path = f"/results/units/{sqlite_office.units['city']}?year=2026"
    form = {"customers": "4", "planned": "1000", "satisfaction": "80"}
    assert enter(signed_in("director"), path, form) == 302
    page = signed_in("supervisor").get(path).text
    assert "16.00" in page
    assert 'name="customers"' not in page
    assert signed_in("stranger").get(path).status_code == 404
    book = sheets(signed_in("supervisor"), path.replace("?", ".xlsx?"))
    assert {row[1]: row[-1] for row in book["得分组成"][1:]}["客户满意度"] == 16
    assert [row[1] for row in book["登记年度计划与数据"][1:]] == [4, 1_000, 80]


def test_service_opens_the_runs_it_counts(sqlite_office: Office, signed_in: Enter) -> None:
    """004 §2.2 E(1)⑤: a complaint that was not answered within 48 hours."""
    office = sqlite_office
    case = office.complaint()
    office.later(hours=49)
    office.fire()
    supervisor = signed_in("supervisor")
    assert "投诉48小时内答复率" in supervisor.get("/results/service").text
    assert case.number in supervisor.get("/results/service/0?verdict=late").text
    assert case.number not in supervisor.get("/results/service/0?verdict=kept").text
    assert supervisor.get("/results/service/99").status_code == 404
    book = sheets(supervisor, "/results/service.xlsx")
    answered = next(row for row in book["服务指标"] if row[0] == "投诉48小时内答复率")
    assert answered[2:6] == [1, 0, 1, 0]
    assert [row[1:3] for row in book["逐项明细"][1:] if row[0] == answered[0]] == [["因人员超时", case.number]]
    assert sum(row[2] for row in book["服务指标"][1:]) == len(book["逐项明细"]) - 1


def test_plans_come_by_excel_and_the_file_is_not_kept(sqlite_office: Office, signed_in: Enter) -> None:
    office, path = sqlite_office, "/results/plans/?year=2026&of=person"
    anna, director = office.people["anna"], signed_in("director")
    enter(director, f"/results/people/{anna}?year=2026", {"planned": "1000", "base": "600", "rate": "5"})
    head, *rows = next(iter(sheets(director, "/results/plans/table.xlsx?year=2026").values()))
    known = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    assert (known["anna"]["年度计划收入（元）"], known["anna"]["基本绩效标准（元/年）"]) == (1_000, 600)
    assert known.keys() == {"anna", "ben", "dana"}, "managers of one's units, and not others"

    text = (
        "登录名,年度计划收入（元）,本年工作月数,计提比例（5-10%）,预测收入（元）\n"
        'anna,"2,000.50",,5,\nben,许多,1.5,11,\ncarl,1,,,\nanna,3,,,\nclerk,,,,=1+1\n'
    )

    def send(content: bytes) -> Any:
        form = {"csrf_token": token(director.get(path).text), "file": (io.BytesIO(content), "计划.csv")}
        return director.client.post(path, data=form, content_type="multipart/form-data")

    page = send(text.encode("gb18030")).text
    assert "<del>1,000.00</del> → <ins>2,000.50</ins>" in page
    for said in ("不是数字", "不是整数", "应在5.00与10.00之间", "不由您登记计划", "与第2行重复", "这是公式"):
        assert said in page
    assert "登记这1行" in page
    assert office.count("uploads") == 0
    hidden = {name: html.unescape(re.findall(rf'name="{name}" value="([^"]+)"', page)[-1]) for name in ("said", "key")}
    for _ in range(2):
        form = {"csrf_token": token(page), **hidden}
        assert director.client.post("/results/plans/enter?year=2026&of=person", data=form).status_code == 302
    found = office.workflow.managers_year(office.actor("director"), anna, 2026, zone=ZONE)
    assert dict(found.plan.values) == {"planned": 2_000_50, "base": 600_00, "rate": 5_00}, "what is empty stays"
    assert len([one for one in plans(office) if one == anna]) == 2, "said twice in all: by hand, and once by the file"

    mine = json.dumps([[office.people["director"], {"planned": 1}]])
    form = {"csrf_token": token(page), "said": mine, "key": "x"}
    assert director.client.post("/results/plans/enter?year=2026", data=form).status_code == 403
    assert send(b"x\n1\n").status_code == send(b"").status_code == 422
    assert signed_in("supervisor").get(path).status_code == 403
    units = next(iter(sheets(director, "/results/plans/table.xlsx?year=2026&of=unit").values()))
    assert [row[0] for row in units[1:]] == ["city", "county", "works"]


def plans(office: Office) -> list[int]:
    with office.database.reading() as connection:
        said = connection.exec_driver_sql("SELECT form FROM steps WHERE trigger = 'plan_person' ORDER BY seq").scalars()
        return [json.loads(one)["person_id"] for one in said]
