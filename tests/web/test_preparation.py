"""A visit's preparation is drafted from what is on record, for its manager to check and complete (domain §4.4)."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from tests.promises import paths
from tests.promises.conftest import founded, house, library  # noqa: F401 - fixtures
from tests.promises.house import House
from tests.promises.paths import complaint, maintained
from tests.web.conftest import Visitor
from tests.web.test_portfolio import enter  # noqa: F401 - a fixture
from tests.web.test_statements import asked
from workflow.core.step import SYSTEM
from workflow.service.views.names import Masked

Enter = Callable[[str], Visitor]

RECORD = """\
截至2026年3月2日 09:00的记录
【未办结事项】
客户投诉 {complaint}：已受理（3月4日 09:00）
客户回访 {bill}：待回访（4月2日 09:00）
客户回访 {first}：待回访（3月3日 09:00）
大客户开发与维护 {account}：维护中（无时限）
【客户回访】
{call}（已回访，2026年3月2日）回访记录：嫌周末不揽收；原因：客户旺季 推迟；推荐的业务及客户反应：账单函件，愿试
【客户投诉】
{complaint}（已受理，2026年3月2日）投诉内容：三月一日的邮件丢失
【收入变动】
2026-02：7,500.50元，环比-25.0%，同比+50.0%
近3个月构成：特快专递 97%、函件 3%
【即将到期的协议与优惠（60天内）】
协议YZ-7：特快（至2026-04-15）
【近期生日（30天内）】
周经理、总经理、决策人、2026年3月16日
没有记录：客户走访、事项跟进"""


def drafted(page: str, field: str = "prepared") -> str:
    found = re.search(rf'<textarea[^>]* name="f\.{field}"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found, f"no text {field} is asked for"
    return unescape(found[1])


def test_004_e2_1_a_visit_is_prepared_from_calls_file_and_revenue_and_the_manager_completes_it(
    house: House,  # noqa: F811
    enter: Enter,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """004 §2.2 E(2)①: from the call-backs, what revenue consists of and how it moves, and the customer's file; what a
    manager may not read is not told, and nothing is kept that the manager does not send."""
    monkeypatch.setitem(paths.FORMS, "sign", {**paths.FORMS["sign"], "contract_end": "2026-04-15"})
    complaint(house, by="li", kind="query", text="他人受理的查询").do("settle", by="li", reply="已投递")
    account = maintained(house)
    people = [
        {"name": "周经理", "role": "总经理", "birthday": "1970-03-16", "decides": True},
        {"name": "吴会计", "birthday": "05-01"},
    ]
    house.workflow.change_customer(house.customer, {"contacts": people}, actor=SYSTEM, at=house.now)
    months = [("2025-02", "express", 500_033), ("2026-01", "express", 1_000_000)]
    months += [("2026-02", "express", 700_050), ("2026-02", "letters", 50_000)]
    house.workflow.say_revenue({house.customer: months}, actor=SYSTEM, at=house.now)
    call = account.do("alert", by="dai", alert="drop").linked("alert")
    call.do("reached", by="wang", result="嫌周末不揽收。", cause="客户旺季\n推迟", recommended="账单函件，愿试")
    trouble = complaint(house, by="wang")
    visit = account.do("plan_visit", by="wang", visit_purpose="季度走访").linked("visit")
    task, wang = f"/cases/{visit.id}/tasks/1", enter("wang")

    page = wang.get(f"{task}/").text
    told = drafted(page)
    first, bill = account.linked("first_contact"), account.linked("first_bill")
    named = {"complaint": trouble, "account": account, "call": call, "first": first, "bill": bill}
    assert told == RECORD.format(**{name: story.case.number for name, story in named.items()})
    assert "已按系统记录带出，请核对、补充。" in page
    assert "prepared" not in visit.case.data
    english = drafted(wang.get(f"{task}/", headers={"Accept-Language": "en"}).text)
    assert "2026-02: 7,500.50 yuan, -25.0% on the period before, +50.0% on a year before" in english

    form = {"f.appointment": "2026-03-06T09:00", "f.prepared": f"{told}\n带新资费表", "key": "a"}
    assert wang.post(f"{task}/complete/agree", form).status_code == 302
    kept = house.workflow.case(visit.id, house.actor("wang")).data["prepared"]
    assert kept.splitlines() == [*told.splitlines(), "带新资费表"]
    assert house.workflow.case(visit.id, house.actor("sun")).data["prepared"] == Masked("withheld")
    whole = unescape(wang.get(f"/cases/{visit.id}/").text)
    assert whole.count("近3个月构成") == 1, "a long text stands once: above, and by a link in the history"
    assert re.search(r'<a class="small" href="#data">见上方“填写内容”', whole)
    house.wait(minutes=5)
    again = wang.get(f"/cases/{visit.id}/tasks/{visit.case.tasks[0].no}/").text
    assert drafted(again).splitlines() == kept.splitlines(), "the manager's, not drafted anew"


def test_a_sentence_says_that_nothing_is_on_record_and_of_a_closed_file_nothing_is_told(
    house: House,  # noqa: F811
    enter: Enter,  # noqa: F811
) -> None:
    """004 §2.2 E(2)①: there may be nothing to look up. 001 §4, 003 §3.1: whoever may read the file no more still ends
    the visit, without it."""
    house.workflow.change_customer(house.customer, {"unit": house.units["east"]}, actor=SYSTEM, at=house.now)
    visit = house.open("visit", by="li", unit="east", purpose="初次拜访")
    li, task = enter("li"), f"/cases/{visit.id}/tasks/1/"
    assert drafted(li.get(task).text) == "截至2026年3月2日 09:00，系统中没有可供准备的记录。"
    house.workflow.change_customer(house.customer, {"confidentiality": "restricted"}, actor=SYSTEM, at=house.now)
    page = li.get(task)
    assert (page.status_code, drafted(page.text), "已按系统记录带出" in page.text) == (200, "", False)


def test_the_movement_of_revenue_stands_in_the_form_of_its_meeting(house: House, enter: Enter) -> None:  # noqa: F811
    """002 §9(3)(4): the meeting looks at how revenue moved."""
    house.workflow.change_customer(house.customer, {"unit": house.units["east"]}, actor=SYSTEM, at=house.now)
    months = [(f"2026-{month:02}", "express", 10_000 * month) for month in (1, 2)]
    house.workflow.say_revenue({house.customer: months}, actor=SYSTEM, at=house.now)
    meeting = house.open("review_meeting", by="dong", unit="east")
    dong = enter("dong")
    with asked(house.workflow.database) as heard:
        told = drafted(dong.get(f"/cases/{meeting.id}/tasks/1/").text, "movement")
    assert sum("sum(revenue.cents)" in one for one in heard) == 1, "two parts of the text, read once"
    assert told.splitlines()[1:] == [
        "【收入变动】", "2026-02：200.00元，环比+100.0%", "近3个月构成：特快专递 100%",
        "【近12个月收入】", "2026-02：200.00元", "2026-01：100.00元",
    ]  # fmt: skip
