"""Who comes first, who decides, and that nobody can dispute it afterwards (domain §4.1)."""

from datetime import timedelta

import pytest

from tests.promises.house import MONDAY, House, Story
from tests.promises.paths import (
    FORMS,
    approve,
    claim,
    claimed,
    maintained,
    pre_checked,
    precheck,
    registered,
)
from workflow import SYSTEM
from workflow.audit import replays
from workflow.core.errors import FormInvalid, FourEyes, NotInThisState, NotPermitted


def test_a_claim_goes_up_to_the_city_centre_for_its_pre_check(house: House) -> None:
    assert claim(house).work() == {"precheck": "cheng"}


REQUIRED = ["services", "expected_revenue", "project_plan", "a", "b", "signed_in", "arises_in"]


@pytest.mark.parametrize("field", REQUIRED)
def test_the_registration_form_must_be_complete(house: House, field: str) -> None:
    with pytest.raises(FormInvalid) as refused:
        claim(house, **{field: None})
    assert list(refused.value.facts["fields"]) == [field]


def test_the_moment_of_registration_is_kept_to_the_microsecond(house: House) -> None:
    house.now += timedelta(microseconds=1)
    story = claim(house)
    assert story.case.opened == MONDAY + timedelta(microseconds=1)


def test_the_pre_check_is_due_in_two_working_days_and_the_approval_in_three(house: House) -> None:
    house.wait_until(house.local(3, 6, 10))  # a Friday
    story = claim(house)
    assert story.due("precheck") == house.local(3, 10, 10)
    precheck(story)
    assert story.due("approve") == house.local(3, 11, 10)


def test_a_pre_check_that_is_late_is_brought_up(house: House) -> None:
    story = claim(house)
    house.wait(days=3)
    assert story.notices("reminder") == [(house.local(3, 4, 9), "reminder", ("cheng", "chu"))]


def test_the_director_approves_and_the_customer_belongs_to_the_claimant(house: House) -> None:
    story = registered(house)
    assert story.state == "surveying"
    record = house.record()
    assert (record["a"], record["b"], record["lead"]) == (house.person("li"), house.person("wang"), "a")
    assert (record["unit"], record["stage"]) == (house.units["east"], "registered")


def test_only_the_director_approves(house: House) -> None:
    story = pre_checked(house)
    refused = story.refused("approve", by="cheng", developing_unit=house.units["east"])
    assert isinstance(refused, NotPermitted)


def test_nobody_approves_what_they_pre_checked(house: House) -> None:
    house.grant("chu", "city", "account_administrator")
    story = claim(house).do("precheck", by="chu", developing_unit=house.units["east"], leads_by="territory")
    assert isinstance(story.refused("approve", by="chu", developing_unit=house.units["east"]), FourEyes)


def test_nobody_approves_what_they_registered(house: House) -> None:
    house.grant("chu", "city", "account_manager")
    story = precheck(claim(house, by="chu"))
    refused = story.refused("approve", by="chu", developing_unit=house.units["east"])
    assert refused.facts["en"] == "Nobody decides on their own registration."


def test_a_and_b_are_two_people(house: House) -> None:
    story = claim(house, b=house.person("li"))
    refused = story.refused("precheck", by="cheng", developing_unit=house.units["east"], leads_by="territory")
    assert refused.facts["zh"] == "A角与B角不能是同一人。"


def test_a_returned_claim_goes_back_to_the_claimant_with_what_is_missing(house: House) -> None:
    story = claim(house)
    assert isinstance(story.refused("return", by="cheng"), FormInvalid)
    story.do("return", by="cheng", gaps="缺联系人")
    assert (story.state, story.work()) == ("returned", {"revise": "li"})
    kept = {name: story.case.data[name] for name in ("services", "project_plan", "a", "b", "signed_in", "arises_in")}
    story.do("resubmit", by="li", expected_revenue="900000", kind="seasonal", **kept)
    assert (story.state, story.case.data["kind"]) == ("submitted", "seasonal")


def test_a_returned_claim_nobody_completes_is_withdrawn_after_ten_working_days(house: House) -> None:
    story = claim(house).do("return", by="cheng", gaps="缺联系人")
    house.wait_until(house.local(3, 16, 8, 59))
    assert story.state == "returned"
    house.wait(hours=1)
    assert (story.state, story.case.closed) == ("withdrawn", house.local(3, 16, 9))


def test_a_rejected_claim_is_over_and_leaves_the_customer_free(house: House) -> None:
    story = pre_checked(house).do("reject", by="chu", opinion="不符合开发条件")
    assert (story.state, story.case.tasks) == ("rejected", ())
    assert house.record()["stage"] == "potential"
    assert registered(house).state == "surveying"


def test_where_business_arises_elsewhere_the_split_is_fixed_with_the_decision(house: House) -> None:
    east, west = house.units["east"], house.units["west"]
    story = pre_checked(house, arises_in=west)
    refused = story.refused("approve", by="chu", developing_unit=east)
    assert refused.facts["zh"] == "签约地与业务发生地不同，须先确定收入分成。"
    uneven = [{"unit": east, "percent": "60"}, {"unit": west, "percent": "30"}]
    assert isinstance(story.refused("approve", by="chu", developing_unit=east, split=uneven), FormInvalid)
    assert approve(story, split=[*uneven[:1], {"unit": west, "percent": "40"}]).state == "surveying"


def test_a_second_claim_for_the_same_customer_goes_to_dispute_by_itself(house: House) -> None:
    first = claim(house)
    house.wait(minutes=1)
    second = claim(house, by="zhao", unit="west", a=house.person("zhao"), b=house.person("qian"))
    assert (first.state, second.state) == ("submitted", "disputed")
    assert second.linked("dispute").work() == {"settle": "chu"}
    assert second.notices("notice")[0][2][0] == "zhao"


def test_a_claim_within_anothers_protection_is_told_at_once_who_holds_it_and_until_when(house: House) -> None:
    registered(house)
    second = claim(house, by="zhao", unit="west")
    assert second.state == "disputed"
    assert second.case.data["held_by"] == house.person("li")
    assert second.case.data["held_unit"] == house.units["east"]
    assert second.case.data["held_until"] == house.local(5, 2, 9).isoformat()


def test_a_claim_for_a_customer_others_maintain_goes_to_dispute_with_the_name_of_its_maintainer(house: House) -> None:
    maintained(house)
    second = claim(house, by="zhao", unit="west")
    assert (second.state, second.case.data["held_by"]) == ("disputed", house.person("wang"))


def test_a_customer_in_the_pool_may_be_registered_by_anybody(house: House) -> None:
    first = registered(house)
    house.wait(days=100)
    assert first.state == "pooled"
    assert claim(house, by="zhao", unit="west").state == "submitted"


def test_a_claim_for_another_units_customer_is_its_own_units_and_that_unit_does_not_judge_it(house: House) -> None:
    """002 §10(1), §12(1): each unit registers; 003 §4.3(1)2: the lowest centre above both settles it, neither does."""
    registered(house)
    house.workflow.change_customer(house.customer, {"unit": house.units["east"]}, actor=SYSTEM, at=house.now)
    manager = {"a": house.person("zhao"), "b": house.person("qian")}
    second = house.open("account", by="zhao", **{**claimed(house, unit="west"), **manager})
    dispute = second.linked("dispute")
    assert second.case.unit == dispute.case.data["claim_unit"] == house.units["west"]
    assert dispute.case.data["held_unit"] == house.units["east"]
    assert (dispute.case.unit, dispute.work()) == (house.units["city"], {"settle": "chu"})
    assert [row.id for row in house.workflow.cases(house.actor("dong")).rows if row.id == second.id] == []
    verdict = replays.Replays(house.workflow).film(second.id, SYSTEM).verdict
    assert (verdict.differences, verdict.reproduced) == ((), verdict.steps)
    heard = {"kind": "complaint", "channel": "phone", "text": "邮件丢失", "severity": "normal"}
    assert house.open("complaint", by="zhao", **heard).case.unit == house.units["east"], "who keeps it answers"


def test_a_dispute_lost_ends_the_claim(house: House) -> None:
    claim(house)
    second = claim(house, by="zhao", unit="west")
    decide(second, "dismiss", winner=house.units["east"])
    assert second.state == "rejected"


def test_a_dispute_won_brings_the_claim_before_the_director_and_the_loser_must_give_way(house: House) -> None:
    first = registered(house)
    second = claim(house, by="zhao", unit="west", a=house.person("zhao"), b=house.person("qian"))
    decide(second, "uphold", winner=house.units["west"])
    assert second.work() == {"approve": "chu"}
    approve(second, unit="west")
    assert (first.state, second.state) == ("ceded", "surveying")
    assert house.record()["a"] == house.person("zhao")


def test_nobody_is_approved_while_a_dispute_over_the_customer_is_open(house: House) -> None:
    first = pre_checked(house)
    second = claim(house, by="zhao", unit="west")
    refused = first.refused("approve", by="chu", developing_unit=house.units["east"])
    assert refused.facts["zh"] == "该客户的开发权争议尚未裁定。"
    decide(second, "dismiss", winner=house.units["east"])
    assert approve(first).state == "surveying"


def test_completing_a_returned_claim_does_not_lose_its_place(house: House) -> None:
    first = claim(house).do("return", by="cheng", gaps="缺联系人")
    second = claim(house, by="zhao", unit="west")
    kept = {name: first.case.data[name] for name in ("services", "project_plan", "a", "b", "signed_in", "arises_in")}
    first.do("resubmit", by="li", expected_revenue="900000", kind="regular", **kept)
    assert (first.state, second.state) == ("submitted", "disputed")


def test_who_held_a_customer_at_any_moment_can_be_shown_afterwards(house: House) -> None:
    story = maintained(house)
    before = house.now
    house.wait(days=1)
    story.do("change_managers", by="du", new_b=house.person("sun"), change_reason="leaves")
    house.wait(days=1)
    handover = story.linked("staff_handover")
    handover.do("compile", by="wang", **FORMS["compile"])
    handover.do("introduce", by="wang", visited_on="2026-03-04", acknowledgement="已知悉")
    handover.done("accept_a", by="li", accepted_by_a="同意").done("accept_b", by="sun", accepted_by_b="接收")
    handover.do("confirm", by="dong")
    held = [house.workflow.as_of(house.customer, at, SYSTEM) for at in (MONDAY - timedelta(days=1), before, house.now)]
    assert [None if one is None else one.data.get("b") for one in held] == [
        None,
        house.person("wang"),
        house.person("sun"),
    ]


def test_a_dispute_not_settled_in_five_working_days_moves_one_centre_up(house: House) -> None:
    """003 §4.3(1)9; the five working days are ours. The province centre's word is final."""
    claim(house)
    dispute = claim(house, by="zhao", unit="west").linked("dispute")
    house.wait_until(house.local(3, 9, 9, 1))
    assert (dispute.state, dispute.work()) == ("hearing", {"settle": "shen"})
    house.wait_until(house.local(3, 16, 9, 1))
    assert (dispute.state, dispute.work()) == ("at_the_top", {"settle": "shen"})
    assert decided(dispute, "dismiss", by="shen", winner=house.units["east"]).state == "dismissed"


def test_a_dispute_the_province_does_not_settle_in_time_is_escalated_until_it_is(house: House) -> None:
    """ours: nobody is above the province centre; its supervisor gives overdue work to others (004 §2.2 E(1)④)."""
    house.grant("cao", "province", "supervisor")
    claim(house)
    dispute = claim(house, by="zhao", unit="west").linked("dispute")
    house.wait_until(house.local(3, 23, 9, 1))
    assert dispute.state == "at_the_top"
    supervisors, directors = ("shen", "cao"), ("shen",)
    assert dispute.escalations() == [(1, supervisors)]
    assert dispute.clock("decision").breached == house.local(3, 23, 9)
    house.workflow.acknowledge(dispute.id, dispute.escalation(1).no, actor=house.actor("cao"), at=house.now)
    house.wait_until(house.local(3, 30, 9, 1))
    assert dispute.escalations() == [(1, supervisors), (2, directors)]
    house.wait_until(house.local(4, 6, 9, 1))
    told = [to for _, _, to in dispute.notices("escalation")]
    assert told == [supervisors, directors, directors], "again while nobody says that it was seen"
    [task] = dispute.case.tasks
    house.grant("chu", "province", "director")
    house.workflow.reassign(
        dispute.id, task.no, to=house.person("chu"), reason="争议久拖", actor=house.actor("cao"), at=house.now
    )
    decided(dispute, "dismiss", by="chu", winner=house.units["east"])
    assert (dispute.state, dispute.escalations()) == ("dismissed", [])


def test_the_decision_of_a_dispute_names_its_argument_and_its_grounds(house: House) -> None:
    claim(house)
    dispute = claim(house, by="zhao", unit="west").linked("dispute")
    refused = dispute.refused("uphold", by="chu", winner=house.units["west"])
    assert sorted(refused.facts["fields"]) == ["earlier_says", "earlier_why", "grounds"]


def test_the_administrator_may_refer_a_claim_to_dispute(house: House) -> None:
    story = claim(house).do("dispute", by="cheng", why="属地有异议")
    assert (story.state, story.linked("dispute").case.data["why"]) == ("disputed", "属地有异议")
    decide(story, "uphold", winner=house.units["east"])
    assert story.state == "pre_checked"


def test_a_claim_cannot_be_approved_twice(house: House) -> None:
    story = registered(house)
    assert isinstance(story.refused("approve", by="chu", developing_unit=house.units["east"]), NotInThisState)


def decide(story: Story, verdict: str, *, winner: int) -> None:
    decided(story.linked("dispute"), verdict, by="chu", winner=winner)


def decided(dispute: Story, verdict: str, *, by: str, winner: int) -> Story:
    """By territory: what came first speaks for the other side, or for none of them."""
    territory = {"uphold": "claim", "dismiss": "other"}[verdict]
    return dispute.do(
        verdict, by=by, earlier_says="open", earlier_why="双方均有前期工作", territory_says=territory,
        territory_why="签约机构所在地", grounds="属地原则", winner=winner,
    )  # fmt: skip
