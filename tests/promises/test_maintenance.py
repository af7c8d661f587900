"""A customer that is looked after: meetings, calls, alerts, new projects, loss and winning back (domain §4.4)."""

from datetime import datetime, timedelta

import pytest

from tests.promises.house import MONDAY, House, Story
from tests.promises.paths import complaint, dispatched, maintained, registered, signed
from workflow.core.errors import ConditionNotMet, FormInvalid


def opened(story: Story, link: str) -> list[datetime]:
    return [found.case.opened for found in story.all_linked(link)]


@pytest.mark.parametrize(
    ("tier", "days"),
    [
        # nominal days are the first of the month; 1-5 May is the holiday, 1 August a Saturday, 1-7 October the holiday
        ("diamond", [(4, 1), (5, 6), (6, 1), (7, 1), (8, 3), (9, 1), (10, 8)]),
        ("gold", [(5, 6), (7, 1), (9, 1)]),
        ("silver", [(6, 1), (9, 1)]),
        ("ordinary", [(9, 1)]),
    ],
)
def test_the_analysis_meeting_comes_by_tier(house: House, tier: str, days: list[tuple[int, int]]) -> None:
    """002 §9(3)(4): every month, every two; silver each quarter and ordinary each half-year are ours."""
    house.regrade(tier)
    story = maintained(house)
    house.wait_until(house.local(10, 20))
    assert opened(story, "meeting") == [house.local(month, day, 0) for month, day in days]


def test_a_change_of_tier_changes_the_cadence_from_the_next_meeting_on(house: House) -> None:
    """002 §8-9."""
    house.regrade("gold")
    story = maintained(house)
    house.wait_until(house.local(3, 20))
    house.regrade("diamond")
    house.wait_until(house.local(7, 10))
    assert opened(story, "meeting") == [house.local(5, 6, 0), house.local(6, 1, 0), house.local(7, 1, 0)]


def test_a_diamond_customers_meeting_is_led_by_the_city_centre(house: House) -> None:
    """002 §9(3)."""
    house.regrade("diamond")
    story = maintained(house)
    house.wait_until(house.local(4, 2))
    assert story.linked("meeting").work() == {"hold_city": "chu"}


def test_other_meetings_are_led_by_the_unit_that_keeps_the_customer(house: House) -> None:
    """002 §9(4)."""
    story = maintained(house)
    house.wait_until(house.local(5, 7))
    assert story.linked("meeting").work() == {"hold": "dong"}


def test_measures_of_a_meeting_become_work_with_an_owner(house: House) -> None:
    """002 §9(3)(4): an owner and a date each."""
    story = maintained(house)
    house.wait_until(house.local(5, 7))
    meeting = story.linked("meeting")
    form = {"held_on": "2026-05-07", "movement": "下降一成"}
    nobodys = [{"what": "加密走访", "until": "2026-06-01"}]
    assert isinstance(meeting.refused("hold_with_measures", by="dong", **form, measures=nobodys), FormInvalid)
    visits = {"what": "加密走访", "owner": house.person("wang"), "until": "2026-06-01"}
    tariff = {"what": "核算优惠", "owner": house.person("li"), "until": "2026-05-20"}
    meeting.do("hold_with_measures", by="dong", **form, measures=[visits, tariff])
    first, second = meeting.all_linked("measure")
    assert (first.work(), first.due("carry_out")) == ({"carry_out": "wang"}, house.local(6, 1, 18))
    assert (second.work(), second.due("carry_out")) == ({"carry_out": "li"}, house.local(5, 20, 18))
    first.do("finish", by="wang", outcome="回升")
    assert meeting.state == "acting"
    house.wait_until(house.local(5, 20, 18, 1))
    assert second.escalations() == [(1, ("du",))]
    second.do("finish", by="li", outcome="已报批")
    assert (meeting.state, second.clock("due").breached) == ("carried_out", house.local(5, 20, 18))


def test_a_meeting_nobody_holds_is_escalated_and_gives_way_to_the_next(house: House) -> None:
    """Five working days, and a month: ours."""
    story = maintained(house)
    house.wait_until(house.local(5, 14))
    meeting = story.linked("meeting")
    assert meeting.escalations() == [(1, ("du",))]
    house.wait_until(house.local(6, 7))
    assert (meeting.state, meeting.clock("hold").breached is not None) == ("missed", True)


def test_there_are_no_meetings_before_the_customer_is_won_or_after_it_is_lost(house: House) -> None:
    story = signed(house)
    house.wait_until(house.local(7, 10))
    assert opened(story, "meeting") == []


def test_meetings_go_on_while_the_managers_change(house: House) -> None:
    story = maintained(house)
    house.wait_until(house.local(4, 20))
    story.do("change_managers", by="du", new_b=house.person("sun"), change_reason="moves")
    house.wait_until(house.local(5, 7))
    assert opened(story, "meeting") == [house.local(5, 6, 0)]


def test_a_newly_won_customer_is_called_within_24_hours(house: House) -> None:
    """004 §2.2 E(1)②."""
    call = signed(house).linked("first_contact")
    assert call.clock("call").due == MONDAY + timedelta(hours=24)
    assert call.work() == {"call": "li"}
    house.wait(hours=24)
    assert call.escalations() == [(1, ("du",))]
    house.wait(hours=24)
    assert call.escalations() == [(1, ("du",)), (2, ("dong",))]
    call.do("reached", by="li", result="已问候")
    assert (call.state, call.clock("call").breached) == ("done", MONDAY + timedelta(hours=24))


def test_every_new_customer_is_called_back_in_its_first_billing_period(house: House) -> None:
    """004 §2.2 E(1)⑦; one month is ours."""
    call = signed(house).linked("first_bill")
    assert call.clock("call").due == house.local(4, 2, 9)


def test_an_alert_is_called_back_the_same_day(house: House) -> None:
    """004 §2.2 E(1)⑧."""
    story = maintained(house)
    story.do("alert", by="dai", alert="drop", alert_note="三月收入较同期下降三成")
    call = story.linked("alert")
    assert call.clock("call").due == house.local(3, 2, 18)
    assert call.work() == {"call": "wang"}
    assert (story.state, story.work()) == ("active", {"maintain": "wang"})
    house.wait_until(house.local(3, 2, 18, 1))
    assert call.escalations() == [(1, ("du",))]


def test_an_alert_is_not_done_before_its_cause_is_found(house: House) -> None:
    """004 §2.2 E(1)⑧."""
    story = maintained(house).do("alert", by="dai", alert="drop")
    refused = story.linked("alert").refused("reached", by="wang", result="已通话")
    assert refused.facts["en"] == "Find and record the cause of the alert."
    assert story.linked("alert").do("reached", by="wang", result="已通话", cause="季节性").state == "done"


def test_what_the_manager_cannot_solve_goes_to_the_supervisor(house: House) -> None:
    """004 §2.2 E(1)⑩."""
    call = maintained(house).do("alert", by="dai", alert="unusual").linked("alert")
    call.do("refer", by="wang", result="客户不满", cause="资费", problem="要求降价")
    assert (call.work(), call.clock("call").status) == ({"solve": "du"}, "met")
    assert call.do("solve", by="du", solution="申请优惠").state == "done"


def test_an_unreachable_customer_is_recorded_and_tried_again_at_another_time(house: House) -> None:
    """004 §2.2 E(1)④."""
    call = maintained(house).do("alert", by="dai", alert="drop").linked("alert")
    again = house.local(3, 2, 16).isoformat()
    refused = call.refused("unreachable", by="wang", attempt="关机", next_at=house.now.isoformat())
    assert refused.facts["en"] == "Choose another time, later than now."
    call.do("unreachable", by="wang", attempt="关机", next_at=again)
    assert (call.state, call.due("call")) == ("later", house.local(3, 2, 16))
    house.wait_until(house.local(3, 2, 16, 5))
    assert call.notices("reminder")[-1][2] == ("wang",)
    call.do("unreachable", by="wang", attempt="无人接听", next_at=house.local(3, 3, 10).isoformat())
    assert (call.case.counts["unreachable"], call.clock("call").due) == (2, house.local(3, 2, 18))
    house.wait_until(house.local(3, 2, 18, 1))
    assert call.escalations() == [(1, ("du",))]


def test_several_alerts_are_several_calls(house: House) -> None:
    story = maintained(house).do("alert", by="dai", alert="drop")
    house.wait(days=1)
    story.do("alert", by="dai", alert="drop")
    assert story.linked_count("alert") == 2


def test_a_new_project_turns_an_existing_customer_new_again(house: House) -> None:
    """000 §3.2.4; 002 §11(2): one month for a seasonal project."""
    story = maintained(house)
    assert story.case.data["standing"] == "existing"
    story.do("start_project", by="wang", new_project="中秋礼盒", new_kind="seasonal")
    assert (story.case.data["standing"], story.work()) == ("new", {"maintain": "wang"})
    project = story.linked("project").do("approve", by="dong")
    assert project.clock("window").due == house.local(4, 2, 9)
    project.do("sign", by="li", contract_number="YZ-8", products="物流", yearly_value="300000")
    project.do("take_over", by="wang")
    assert (project.state, story.case.data["standing"]) == ("finished", "existing")


def test_a_project_that_is_not_won_in_time_leaves_the_customer_existing(house: House) -> None:
    """000 §3.2.4; 002 §11(2): two months."""
    story = maintained(house).do("start_project", by="wang", new_project="仓配", new_kind="regular")
    again = story.refused("start_project", by="wang", new_project="仓配二期", new_kind="regular")
    assert isinstance(again, ConditionNotMet)
    story.linked("project").do("approve", by="dong")
    house.wait_until(house.local(5, 2, 9))
    assert (story.linked("project").state, story.case.data["standing"]) == ("lapsed", "existing")


def test_a_lost_customer_is_won_back_and_maintained_again(house: House) -> None:
    """003 §3.1."""
    story = maintained(house)
    assert isinstance(story.refused("report_loss", by="wang"), FormInvalid)
    story.do("report_loss", by="wang", lost_reason="价格", lost_to="某快递")
    assert (story.state, house.record()["stage"]) == ("lost", "lost")
    effort = story.linked("win_back")
    assert (effort.case.data["why"], effort.work()) == ("价格", {"plan": "wang"})
    effort.do("start", by="wang", competitor="低价", plan="专属方案")
    effort.do("won", by="wang", result="客户回流")
    assert (story.state, house.record()["stage"], story.work()) == ("active", "maintained", {"maintain": "wang"})


def test_a_customer_is_given_up_only_by_the_director(house: House) -> None:
    """003 §3.1."""
    story = maintained(house).do("report_loss", by="wang", lost_reason="迁址")
    effort = story.linked("win_back").do("start", by="wang", competitor="无", plan="跟进新址")
    effort.do("propose_end", by="wang", result="客户已停业")
    assert effort.work() == {"decide": "dong"}
    effort.do("give_up", by="dong", result="同意")
    assert (story.state, story.case.closed, house.record()["stage"]) == ("given_up", house.now, "lost")


def test_no_meeting_opens_for_a_lost_customer(house: House) -> None:
    story = maintained(house).do("report_loss", by="wang", lost_reason="价格")
    house.wait_until(house.local(9, 10))
    assert opened(story, "meeting") == []


def test_the_visit_form_is_due_the_next_morning(house: House) -> None:
    """004 §2.2 E(2)⑥."""
    story = maintained(house).do("plan_visit", by="wang", visit_purpose="季度走访")
    visit = story.linked("visit").do("agree", by="wang", appointment=house.now.isoformat(), prepared="档案已查")
    house.wait_until(house.local(3, 6, 16))  # a Friday
    visit.do("held", by="wang", met="周经理")
    assert visit.clock("form").due == house.local(3, 9, 12)
    assert visit.do("file", by="wang", notes="一切正常").clock("form").status == "met"


def test_a_complaint_met_on_a_visit_keeps_the_form_open_until_its_result(house: House) -> None:
    """004 §2.2 E(2)⑤⑥."""
    story = maintained(house).do("plan_visit", by="wang", visit_purpose="季度走访")
    visit = story.linked("visit").do("agree", by="wang", appointment=house.now.isoformat(), prepared="档案已查")
    visit.do("held", by="wang", met="周经理", held_at=house.now.isoformat())
    house.wait(hours=3)
    visit.do("complain", by="wang", complaint="投递总是晚到")
    trouble = visit.linked("complaint")
    assert trouble.clock("answer").due == MONDAY + timedelta(hours=48)
    assert trouble.case.data["channel"] == "visit"
    house.wait(hours=20)
    trouble.do("settle", by="wang", reply="已调整频次")
    assert (visit.state, visit.clock("result").due) == ("result_in", house.local(3, 3, 18))
    assert visit.do("file", by="wang", notes="客户满意").state == "filed"


def test_open_points_of_a_visit_are_followed_to_their_end_and_their_results_filed_that_day(house: House) -> None:
    """004 §2.2 E(2)④⑥."""
    story = maintained(house).do("plan_visit", by="wang", visit_purpose="季度走访")
    visit = story.linked("visit").do(
        "agree", by="wang", appointment=house.local(3, 4, 10).isoformat(), prepared="档案已查"
    )
    assert visit.due("visit") == house.local(3, 4, 10)
    house.wait_until(house.local(3, 4, 11))
    assert [at for at, _, _ in visit.notices("reminder")] == [house.local(3, 3, 10)]
    visit.do("held", by="wang", met="周经理")
    point = {"what": "补寄发票", "owner": house.person("li"), "until": "2026-03-10"}
    visit.do("file_open", by="wang", notes="需求平稳", points=[point])
    assert (visit.state, visit.clock("form").status) == ("following", "met")
    house.wait_until(house.local(3, 9, 15))
    visit.linked("point").do("finish", by="li", outcome="已补寄")
    assert (visit.state, visit.clock("result").due) == ("result_in", house.local(3, 9, 18))
    assert visit.do("file", by="wang", notes="发票已补").state == "filed"


def test_an_infeasible_order_reaches_the_manager_at_once_and_the_customer_within_a_working_day(house: House) -> None:
    """004 §1.4 C, H; domain §6: one working day."""
    order = maintained(house).do("order_service", by="wang", request="专线一条").linked("service_order")
    order.do("infeasible", by="pan", obstacle="无管道")
    assert order.notices("notice")[-1][2] == ("wang", "du")
    assert order.clock("inform").due == house.local(3, 3, 9)
    assert order.do("informed", by="wang", informed="已电话告知").state == "impossible"


def test_the_delivery_date_is_agreed_by_front_and_back_office_and_a_delay_is_announced(house: House) -> None:
    """004 §1.4 C, §2.2 D."""
    order = maintained(house).do("order_service", by="wang", request="专线一条").linked("service_order")
    order.do("feasible", by="pan", check="有资源", solution="直连", date="2026-03-20").do("agree", by="wang")
    assert order.clock("deliver").due == house.local(3, 20, 18)
    order.do("delay", by="pan", date="2026-03-25", side="back", why="备件未到")
    assert (order.told(), order.state, order.clock("deliver").due) == (1, "building", house.local(3, 25, 18))
    assert order.due("build") == house.local(3, 25, 18)
    house.wait_until(house.local(3, 23, 18, 1))
    assert order.notices("reminder")[-1][2] == ("pan", "wang")
    order.do("built", by="pan", works="已敷设").do("accept", by="wang", acceptance="合格")
    assert (order.state, order.clock("deliver").breached) == ("working", None)


def test_a_delay_is_announced_before_the_date_or_the_missed_date_stays_on_record(house: House) -> None:
    """004 §1.4 C, §2.2 D."""
    order = maintained(house).do("order_service", by="wang", request="专线一条").linked("service_order")
    order.do("feasible", by="pan", check="有资源", solution="直连", date="2026-03-06").do("agree", by="wang")
    new = {"date": "2026-03-13", "side": "back", "why": "备件未到"}
    assert order.refused("explain_delay", by="pan", **new).facts["en"].startswith("The date has not passed yet")
    house.wait_until(house.local(3, 6, 18, 1))
    assert order.escalations() == [(1, ("du",))]
    assert order.refused("delay", by="pan", **new).facts["en"].startswith("The date has passed")
    order.do("explain_delay", by="pan", **new)
    order.do("built", by="pan", works="已敷设")
    assert order.clock("deliver").breached == house.local(3, 6, 18)


def test_each_step_of_an_order_has_a_clock_of_the_side_that_works_on_it(house: House) -> None:
    """004 §1.4 C: was it the back office or the front line? 3, 2 and 5 working days are ours."""
    order = maintained(house).do("order_service", by="wang", request="专线一条").linked("service_order")
    assert order.clock("check").due == house.local(3, 5, 9)
    house.wait_until(house.local(3, 5, 11))
    order.do("feasible", by="pan", check="有资源", solution="直连", date="2026-03-20")
    assert order.clock("agree").due == house.local(3, 9, 11)
    order.do("object", by="wang", why="太迟", wished="三月中旬")
    order.do("feasible", by="pan", check="有资源", solution="直连", date="2026-03-16").do("agree", by="wang")
    order.do("built", by="pan", works="已敷设")
    assert order.clock("accept").due == house.local(3, 12, 11)
    late = {clock.name: clock.breached is not None for clock in order.case.clocks if clock.run == 1}
    assert late == {"check": True, "agree": False, "deliver": False, "accept": False}


def test_a_dispatched_complaint_of_a_maintained_customer_names_the_maintainer(house: House) -> None:
    maintained(house)
    story = dispatched(complaint(house), by="wang")
    assert story.work() == {"investigate": "fen", "chase": "wang"}


def test_a_customer_others_have_registered_in_the_meantime_is_not_won_back_behind_their_backs(house: House) -> None:
    effort = maintained(house).do("report_loss", by="wang", lost_reason="价格").linked("win_back")
    effort.do("start", by="wang", competitor="低价", plan="专属方案")
    registered(house, by="zhao", unit="west", a=house.person("zhao"), b=house.person("qian"))
    refused = effort.refused("won", by="wang", result="客户回流")
    assert refused.facts["en"] == "Another unit has registered this customer in the meantime."
