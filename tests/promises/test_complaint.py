"""What a customer who complains is promised (domain §5)."""

from datetime import timedelta

from tests.promises.house import MONDAY, House
from tests.promises.paths import complaint, dispatched, maintained, registered
from workflow.core.errors import ConditionNotMet, FormInvalid, NotInThisState


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def test_what_can_be_answered_on_the_spot_is_answered_and_closed_with_the_record(house: House) -> None:
    registered(house)
    story = complaint(house, kind="query").do("settle", by="li", reply="邮件已到邻近网点", satisfaction="satisfied")
    assert story.state == "closed"
    assert story.clock("answer").status == "met"
    assert story.case.tasks == ()


def test_a_question_not_answered_at_once_is_recalled_and_a_complaint_is_not(house: House) -> None:
    """004 §2.2 E(1)⑤: consultations and queries at once; half an hour is ours."""
    registered(house)
    asked, wrong = complaint(house, kind="consultation"), complaint(house, kind="fault")
    complaint(house, kind="query").do("settle", by="li", reply="邮件已到邻近网点")
    house.wait(minutes=29)
    assert asked.notices("reminder") == []
    house.wait(minutes=1)
    assert asked.notices("reminder") == [(house.now, "reminder", ("li", "du"))]
    assert wrong.notices("reminder") == []


def test_nothing_is_closed_on_the_spot_without_an_answer(house: House) -> None:
    registered(house)
    assert isinstance(complaint(house).refused("settle", by="li"), FormInvalid)


def test_the_answer_is_due_48_hours_after_receipt_days_off_included(house: House) -> None:
    registered(house)
    house.wait_until(house.local(4, 30, 17))  # the eve of the May holiday, Friday to Tuesday
    story = complaint(house)
    assert story.clock("answer").due == house.local(5, 2, 17)
    house.wait_until(house.local(5, 2, 17, 1))
    assert story.clock("answer").breached == house.local(5, 2, 17)


def test_a_complaint_met_on_a_visit_counts_from_the_visit_not_from_its_filing(house: House) -> None:
    registered(house)
    story = complaint(house, channel="visit", received_at=(house.now - hours(5)).isoformat())
    assert story.clock("answer").due == house.now + hours(43)


def test_no_complaint_gains_time_by_a_receipt_that_lies_ahead(house: House) -> None:
    registered(house)
    story = complaint(house, received_at=(house.now + hours(500)).isoformat())
    assert story.clock("answer").due == house.now + hours(48)


def test_the_customer_is_told_expressly_when_another_department_is_needed(house: House) -> None:
    registered(house)
    story = complaint(house)
    assert isinstance(story.refused("dispatch", by="li", question="去向", told="phone"), FormInvalid)
    dispatched(story)
    assert story.told() == 1
    assert story.case.data["told"] == "phone"
    assert story.work() == {"investigate": "fen", "chase": "li"}


def test_the_supervisor_hears_of_a_dispatch_and_of_the_answer(house: House) -> None:
    registered(house)
    story = dispatched(complaint(house))
    assert story.notices("notice")[-1][2] == ("du",)
    story.do("report", by="fen", findings="分拣有误", cause="sorting").do("answer", by="li", reply="已找到，明日送达")
    assert story.notices("notice")[-1][2] == ("du",)


def test_the_department_that_finds_the_facts_answers_the_manager_not_the_customer(house: House) -> None:
    registered(house)
    story = dispatched(complaint(house)).do("report", by="fen", findings="分拣有误", cause="sorting")
    assert story.state == "investigated"
    assert story.clock("answer").status == "running"
    assert story.work() == {"reply": "li"}


def test_a_department_may_send_back_what_is_not_its_own_and_the_48_hours_go_on(house: House) -> None:
    registered(house)
    story = dispatched(complaint(house))
    house.wait(hours=10)
    story.do("decline", by="fen", declined="属投递环节")
    assert story.state == "received"
    assert story.clock("answer").due == MONDAY + hours(48)


def test_an_answer_in_time_need_not_wait_for_the_department_or_the_final_fix(house: House) -> None:
    registered(house)
    story = dispatched(complaint(house))
    house.wait(hours=40)
    story.do("answer", by="li", reply="正在查找，明晚前再告")
    house.wait(hours=40)
    assert story.state == "answered"
    assert story.clock("answer").status == "met"
    assert story.clock("answer").breached is None


def test_answered_is_not_resolved_until_the_department_has_put_it_right(house: House) -> None:
    registered(house)
    story = dispatched(complaint(house)).do("answer", by="li", reply="正在查找")
    refused = story.refused("resolve", by="li", resolution="已送达")
    assert isinstance(refused, ConditionNotMet)
    assert refused.facts["zh"] == "责任部门尚未反馈整改结果。"
    story.done("put_right", by="fen", fix="已改分拣规则")
    assert story.do("resolve", by="li", resolution="已送达").state == "resolved"


def test_the_ladder_climbs_at_24_36_48_72_and_96_hours(house: House) -> None:
    registered(house)
    story = complaint(house)
    house.wait(hours=120)
    assert [(at - MONDAY, to) for at, _, to in story.notices("reminder")] == [
        (hours(24), ("li",)),
        (hours(36), ("li", "du")),
    ]
    assert [(at - MONDAY, to) for at, _, to in story.notices("escalation")] == [
        (hours(48), ("du",)),
        (hours(72), ("dong",)),
        (hours(96), ("chu",)),
    ]
    assert story.escalations() == [(1, ("du",)), (2, ("dong",)), (3, ("chu",))]


def test_the_breach_is_at_the_48th_hour_not_when_somebody_notices(house: House) -> None:
    registered(house)
    story = complaint(house)
    house.now += hours(60)  # nobody and nothing looked for sixty hours
    story.do("answer", by="li", reply="抱歉久等")
    assert story.clock("answer").breached == MONDAY + hours(48)


def test_escalations_end_when_the_answer_is_given_and_the_breach_stays(house: House) -> None:
    registered(house)
    story = complaint(house)
    house.wait(hours=50)
    assert len(story.escalations()) == 1
    story.do("answer", by="li", reply="抱歉久等")
    assert story.escalations() == []
    assert story.clock("answer").breached == MONDAY + hours(48)


def test_an_escalation_is_acknowledged_by_the_one_it_went_to(house: House) -> None:
    registered(house)
    story = complaint(house)
    house.wait(hours=50)
    raised = story.escalation(1)
    house.workflow.acknowledge(story.id, raised.no, actor=house.actor("du"), note="已督办", at=house.now)
    assert story.escalation(1).acknowledged_by == house.person("du")
    house.wait(hours=23)
    assert [level for level, _ in story.escalations()] == [1, 2]


def test_a_complaint_that_is_major_from_the_start_is_reported_to_the_head_at_once(house: House) -> None:
    registered(house)
    story = complaint(house, severity="major", category="丢失")
    assert (MONDAY, "notice", ("dong", "du")) in story.notices()
    assert story.linked("arrangement").work() == {"arrange": "dong"}


def test_marking_a_complaint_major_reports_it_at_once_and_only_once(house: House) -> None:
    registered(house)
    story = complaint(house)
    house.wait(hours=30)
    story.do("mark_major", by="li", major_reason="媒体关注")
    assert story.notices("notice") == [(house.now, "notice", ("dong", "du"))]
    assert story.linked("arrangement").case.data["why"] == "媒体关注"
    assert isinstance(story.refused("mark_major", by="li", major_reason="再次"), ConditionNotMet)
    story.do("record_progress", by="li", progress="已到现场")
    assert len(story.all_linked("arrangement")) == 1


def test_a_major_complaint_keeps_its_other_deadlines(house: House) -> None:
    registered(house)
    story = complaint(house)
    house.wait(hours=30)
    story.do("mark_major", by="li", major_reason="媒体关注")
    assert story.clock("answer").due == MONDAY + hours(48)


def test_a_major_complaint_the_head_does_not_arrange_in_four_hours_goes_one_centre_up(house: House) -> None:
    registered(house)
    arrangement = complaint(house, severity="major").linked("arrangement")
    house.wait(hours=5)
    assert arrangement.escalations() == [(1, ("chu",))]
    arrangement.do("arrange", by="dong", arrangement="成立专班")
    assert arrangement.escalations() == []


def test_small_compensation_is_granted_at_once(house: House) -> None:
    registered(house)
    story = complaint(house).do("propose_compensation", by="li", amount="1000", amount_reason="延误")
    assert story.linked("compensation").state == "granted"
    assert ("linked", "compensation_granted") in story.triggers()


def test_compensation_above_the_limit_waits_for_the_director(house: House) -> None:
    registered(house)
    story = complaint(house).do("propose_compensation", by="li", amount="1000.01", amount_reason="丢失")
    assert story.linked("compensation").work() == {"decide": "dong"}
    assert isinstance(story.refused("settle", by="li", reply="赔付"), ConditionNotMet)
    story.linked("compensation").do("grant", by="dong")
    assert story.do("settle", by="li", reply="赔付1000.01元").state == "closed"


def test_a_refused_compensation_comes_back_with_a_reason(house: House) -> None:
    registered(house)
    story = complaint(house).do("propose_compensation", by="li", amount="5000", amount_reason="丢失")
    assert isinstance(story.linked("compensation").refused("refuse", by="dong"), FormInvalid)
    story.linked("compensation").do("refuse", by="dong", decision="未保价")
    assert ("linked", "compensation_refused") in story.triggers()


def test_a_second_compensation_waits_until_the_first_is_decided(house: House) -> None:
    registered(house)
    story = complaint(house).do("propose_compensation", by="li", amount="5000", amount_reason="丢失")
    again = story.refused("propose_compensation", by="li", amount="6000", amount_reason="丢失")
    assert again.facts["en"] == "A compensation is already being decided."


def test_the_customers_confirmation_closes_the_complaint(house: House) -> None:
    registered(house)
    story = complaint(house).do("answer", by="li", reply="已查到").do("resolve", by="li", resolution="已送达")
    story.do("confirm", by="li", confirmed_by="周经理", satisfaction="satisfied")
    assert story.state == "closed"
    assert story.case.closed == house.now


def test_seven_days_without_objection_close_it(house: House) -> None:
    registered(house)
    story = complaint(house).do("answer", by="li", reply="已查到").do("resolve", by="li", resolution="已送达")
    house.wait(days=6, hours=23)
    assert story.state == "resolved"
    house.wait(hours=1)
    assert story.state == "closed"
    assert story.case.closed == MONDAY + timedelta(days=7)


def test_a_reopened_complaint_starts_a_new_48_hours_and_the_first_verdict_stays(house: House) -> None:
    registered(house)
    story = complaint(house)
    house.wait(hours=60)
    story.do("answer", by="li", reply="已查到").do("resolve", by="li", resolution="已送达")
    house.wait(hours=10)
    story.do("reopen", by="li", objection="并未收到")
    first, second = story.runs("answer")
    assert (first.status, first.breached) == ("met", MONDAY + hours(48))
    assert (second.run, second.started, second.due) == (2, house.now, house.now + hours(48))
    story.do("answer", by="li", reply="已补寄")
    first, second = story.runs("answer")
    assert first.breached == MONDAY + hours(48)
    assert (second.status, second.breached) == ("met", None)


def test_a_first_answer_in_time_stays_in_time_however_late_the_second_is(house: House) -> None:
    registered(house)
    story = complaint(house).do("answer", by="li", reply="已查到").do("reopen", by="li", objection="不对")
    house.wait(hours=49)
    first, second = story.runs("answer")
    assert first.breached is None
    assert second.breached == MONDAY + hours(48)
    assert story.escalations() == [(1, ("du",))]


def test_a_closed_complaint_may_be_reopened_and_keeps_its_history(house: House) -> None:
    registered(house)
    story = complaint(house).do("settle", by="li", reply="已查到")
    before = story.triggers()
    story.do("reopen", by="li", objection="仍未收到")
    assert story.state == "received"
    assert story.case.closed is None
    assert story.triggers()[: len(before)] == before


def test_a_customer_who_cannot_be_reached_is_recorded_and_called_again(house: House) -> None:
    registered(house)
    story = complaint(house)
    story.do("unreachable", by="li", attempt="关机").do("unreachable", by="li", attempt="无人接听")
    assert story.case.counts["unreachable"] == 2
    assert story.work() == {"triage": "li"}
    assert story.clock("answer").due == MONDAY + hours(48)


def test_a_withdrawn_complaint_stops_the_clock_without_a_verdict(house: House) -> None:
    registered(house)
    story = complaint(house).do("withdraw", by="li", withdrawal="客户已找到邮件")
    assert (story.state, story.clock("answer").status) == ("withdrawn", "stopped")
    assert isinstance(story.refused("answer", by="li", reply="…"), NotInThisState)


def test_the_one_who_maintains_the_customer_answers_its_complaints(house: House) -> None:
    maintained(house)
    assert complaint(house).work() == {"triage": "wang"}
