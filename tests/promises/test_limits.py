"""The limits of the everyday lifecycles that are told nowhere else, each seen at an open task or a running clock."""

from datetime import datetime

import pytest

from tests.promises.house import House, Story
from tests.promises.paths import maintained

ASKED = {"services": ["express"], "off": "30", "volume": "300000", "starts": "2026-03-09", "ends": "2026-12-31",
         "why": "用邮稳定"}  # fmt: skip


def test_a_visit_is_agreed_on_within_two_weeks(house: House) -> None:
    """Ours."""
    visit = maintained(house).do("plan_visit", by="wang", visit_purpose="季度走访").linked("visit")
    assert visit.due("agree") == house.local(3, 16, 9)


def test_a_meeting_is_held_within_five_working_days_and_a_month_later_gives_way(house: House) -> None:
    """002 §9(3)(4); the limits are ours."""
    maintained(house)
    meeting = house.open("review_meeting", by="dong")
    assert meeting.clock("hold").due == house.local(3, 9, 9)
    house.wait_until(house.local(4, 2, 9))
    assert meeting.state == "missed"


def test_a_follow_up_reminds_two_days_before_and_reaches_the_director_a_week_after(house: House) -> None:
    """Ours."""
    maintained(house)
    measure = {"what": "加密走访", "owner": house.person("wang"), "until": "2026-03-13"}
    meeting = house.open("review_meeting", by="dong")
    meeting.do("hold_with_measures", by="dong", held_on="2026-03-02", movement="平稳", measures=[measure])
    story = meeting.linked("measure")
    house.wait_until(house.local(3, 20, 18, 1))
    assert story.notices("reminder") == [(house.local(3, 11, 18), "reminder", ("wang",))]
    assert story.escalations() == [(1, ("du",)), (2, ("dong",))]


def test_another_date_of_a_follow_up_is_set_by_the_supervisor_and_a_missed_one_stays_on_record(house: House) -> None:
    """Ours."""
    maintained(house)
    measure = {"what": "加密走访", "owner": house.person("wang"), "until": "2026-03-06"}
    meeting = house.open("review_meeting", by="dong")
    story = meeting.do(
        "hold_with_measures", by="dong", held_on="2026-03-02", movement="平稳", measures=[measure]
    ).linked("measure")
    house.wait_until(house.local(3, 9, 9))
    assert story.refused("postpone", by="wang", until="2026-03-20", why="资料未到").code == "NotPermitted"
    story.do("postpone", by="du", until="2026-03-20", why="资料未到")
    assert (story.due("carry_out"), story.clock("due").breached) == (house.local(3, 20, 18), house.local(3, 6, 18))


def test_winning_back_is_planned_in_five_working_days_and_takes_three_months(house: House) -> None:
    """003 §3.1; the limits are ours."""
    story = maintained(house).do("report_loss", by="wang", lost_reason="价格").linked("win_back")
    assert story.due("plan") == house.local(3, 9, 9)
    assert story.do("start", by="wang", competitor="低价", plan="专属方案").due("win") == house.local(6, 2, 9)
    assert story.do("propose_end", by="wang", result="客户已停业").due("decide") == house.local(3, 9, 9)


def test_a_tier_is_confirmed_in_five_working_days_and_so_is_the_unit(house: House) -> None:
    """002 §8-9; the limits are ours."""
    maintained(house)
    review = house.open("tier_review", by="dai", tier="diamond", yearly_revenue="1200000")
    assert review.due("confirm") == house.local(3, 9, 9)
    assert review.do("confirm", by="dong").due("place") == house.local(3, 9, 9)


def test_a_project_is_approved_in_three_working_days_warned_of_and_taken_over_in_five(house: House) -> None:
    """002 §11(1)(2); 3 and 5 working days and the warnings 14 and 3 days before are ours."""
    story = maintained(house).do("start_project", by="wang", new_project="中秋礼盒", new_kind="seasonal")
    project = story.linked("project")
    assert project.due("approve") == house.local(3, 5, 9)
    project.do("approve", by="dong")
    house.wait_until(house.local(3, 30, 10))
    assert [at for at, _, _ in project.notices("reminder")][-2:] == [house.local(3, 19, 9), house.local(3, 30, 9)]
    project.do("sign", by="li", contract_number="YZ-8", products="物流", yearly_value="300000")
    assert project.due("take_over") == house.local(4, 7, 10)  # 6 April is a holiday


@pytest.mark.parametrize(
    ("triggers", "task", "due"),
    [
        ([], "check", (3, 4, 9)),
        ([("return", "dong")], "revise", (3, 9, 9)),
        ([("pass_on", "dong")], "price", (3, 5, 9)),
        ([("pass_on", "dong"), ("price", "fen")], "decide", (3, 9, 9)),
    ],
)
def test_a_discount_takes_2_3_and_5_working_days_and_10_in_all(
    house: House, triggers: list[tuple[str, str]], task: str, due: tuple[int, int, int]
) -> None:
    """003 §2.2(四)5, 001 §3; the limits are ours."""
    house.grant("fen", "sorting", "director")
    maintained(house)
    forms = {
        "return": {"opinion": "补充明细"},
        "pass_on": {"bureau": house.units["sorting"]},
        "price": {"cost": "保本"},
    }
    story: Story = house.open("discount", by="wang", unit="east", **ASKED, bureau=house.units["sorting"])
    for trigger, who in triggers:
        story.do(trigger, by=who, **forms[trigger])
    when: datetime = house.local(*due)
    assert (story.due(task), story.clock("decide").due) == (when, house.local(3, 16, 9))


def test_a_case_study_is_revised_in_ten_working_days_and_looked_at_again_after_a_year(house: House) -> None:
    """Ours."""
    written = {"title": "礼盒", "situation": "福利", "approach": "组合", "result": "增收", "lessons": "提前"}
    story = house.open("case_study", by="li", about=False, **written).do("return", by="dong", opinion="补充")
    assert story.due("revise") == house.local(3, 16, 9)
    story.do("resubmit", by="li", **written).do("publish", by="dong")
    assert story.due("keep") == house.local(3, 2, 9, year=2027)


def test_a_report_is_read_in_three_working_days(house: House) -> None:
    """004 §2.2 E(3)①; the limit is ours."""
    period = {"kind": "weekly", "period": "第9周", "since": "2026-02-23", "until": "2026-03-01"}
    report = house.open("report", by="li", about=False, manager=house.person("li"), **period)
    house.wait(minutes=1)
    report.do("submit", by="li", gained=0, lost=0, visits=0, calls=0, messages=0, summary="正常", revenue="平稳")
    assert report.due("read") == house.local(3, 5, 9, 1)
