"""Somebody leaves: one plan, a handover for each customer, and never a moment without an owner (domain §4.3)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.promises.house import House, Story
from tests.promises.paths import FORMS, complaint, maintained
from workflow.audit.rounds import Rounds
from workflow.core.errors import ConditionNotMet, CustomerNotFound, LimitReached, Refused
from workflow.core.step import SYSTEM

MOST = 15
FILE = FORMS["compile"]


def another(house: House, name: str, **of: Any) -> str:
    """One more customer of wang's; gives its number."""
    about = {"division": "441900", "stage": "maintained", "unit": house.units["east"], "lead": "b"}
    owners = {"a": house.person("li"), "b": house.person("wang")}
    made = house.workflow.register_customer({"name_zh": name, **about, **owners, **of}, actor=SYSTEM, at=house.now)
    return str(house.workflow.as_of(made, house.now, SYSTEM).data["number"])


def planned(house: House, rows: dict[str, str], **different: Any) -> Story:
    """A plan for wang, who leaves on 30 April. `rows`: number → who gets it."""
    form = {"person": house.person("wang"), "why": "leaves", "last_day": "2026-04-30", "stand_in": house.person("sun")}
    named = [{"customer": number, "receiver": house.person(login)} for number, login in rows.items()]
    return house.open("departure", by="du", about=False, unit="east", **{**form, "customers": named, **different})


def begun(house: House, rows: dict[str, str]) -> Story:
    return planned(house, rows).do("begin", by="du", customers=rows_of(house, rows))


def rows_of(house: House, rows: dict[str, str]) -> list[dict[str, Any]]:
    return [{"customer": number, "receiver": house.person(login)} for number, login in rows.items()]


def handed(house: House, handover: Story, *, to: str) -> Story:
    """From the file to the director's word; li stays A."""
    handover.do("compile", by="wang", **FILE)
    handover.do("introduce", by="wang", visited_on="2026-03-20", acknowledgement="已知悉")
    offered = [one.trigger for one in house.workflow.actions(handover.id, house.actor("li"))]
    assert offered[:2] == ["accept_a", "return_file"], "taking it is offered first"
    handover.done("accept_a", by="li", accepted_by_a="同意")
    handover.done("accept_b", by=to, accepted_by_b="接收")
    return handover.do("confirm", by="dong")


def clean(house: House, *stories: Story) -> None:
    """The auditor comes to the same."""
    judge = Rounds(house.workflow.database, house.workflow.library)
    for story in stories:
        verdict = judge.one(story.id)
        assert (verdict.differences, verdict.unchecked) == ((), ()), story.case.number


def test_a_leavers_customers_are_handed_over_one_by_one_and_the_plan_ends_with_the_last(house: House) -> None:
    """000 §2.2, 004 §1.4 I."""
    account = maintained(house)
    first, second = house.record()["number"], another(house, "西区纸业厂")
    plan = begun(house, {first: "sun", second: "sun"})
    one, two = plan.all_linked("handover")
    house.wait(seconds=1)
    assert (account.state, account.work()) == ("changing_hands", {"maintain": "wang"})
    assert {(s.case.data["a"], s.case.data["b"]) for s in (one, two)} == {(house.person("li"), house.person("sun"))}
    assert one.work() == two.work() == {"compile": "wang"}
    handed(house, one, to="sun")
    house.wait(seconds=1)
    assert (plan.state, account.state, account.work()) == ("running", "active", {"maintain": "sun"})
    handed(house, two, to="sun")
    house.wait(seconds=1)
    assert plan.state == "finished"
    assert plan.clock("last_day").status == "met"
    clean(house, plan, one, two, account)


def test_who_leaves_as_b_only_is_replaced_as_b_and_nobody_else_is_touched(house: House) -> None:
    number = another(house, "南区印务厂", a=house.person("wang"), b=house.person("li"))
    handover = begun(house, {number: "sun"}).linked("handover")
    assert (handover.case.data["a"], handover.case.data["b"]) == (house.person("sun"), house.person("li"))


def test_an_open_major_complaint_blocks_the_last_word_and_nothing_else_of_the_plan(house: House) -> None:
    """The house's own rule; the sentence says it."""
    maintained(house)
    plan = begun(house, {house.record()["number"]: "sun"})
    handover = plan.linked("handover")
    trouble = complaint(house, by="wang", severity="major")
    with pytest.raises(ConditionNotMet) as blocked:
        handed(house, handover, to="sun")
    assert "重大投诉" in blocked.value.facts["zh"]
    assert (plan.state, handover.state, house.record()["b"]) == ("running", "confirming", house.person("wang"))
    trouble.do("settle", by="wang", reply="已赔付")
    handover.do("confirm", by="dong")
    house.wait(seconds=1)
    assert plan.state == "finished"


def test_a_plan_goes_beyond_15_customers_by_the_directors_word_alone_and_all_of_it_or_none(house: House) -> None:
    """003 §3.2; that the director may is ours."""
    rows = {another(house, f"客户{place}号厂"): "sun" for place in range(2)}
    for place in range(MOST - 1):
        another(house, f"旧客户{place}号", b=house.person("sun"))
    plan = planned(house, rows)
    refused = plan.refused("begin", by="du", customers=rows_of(house, rows))
    assert isinstance(refused, LimitReached)
    assert (refused.facts["count"], plan.linked_count("handover")) == (MOST, 0)
    assert refused.facts["who"] == house.person("sun")
    beyond = {"customers": rows_of(house, rows), "beyond_why": "无人可接"}
    assert plan.refused("begin_beyond_limit", by="du", **beyond).code == "NotPermitted"
    plan.do("begin_beyond_limit", by="dong", **beyond)
    assert plan.linked_count("handover") == 2
    clean(house, plan, *plan.all_linked("handover"))


def test_a_customer_being_won_counts_for_its_new_a_and_one_only_assisted_for_nobody(house: House) -> None:
    """002 §11(1): A leads development, B maintenance; 003 §3.2: 15 customers to one manager."""
    pair = {"a": house.person("wang"), "b": house.person("li")}
    won, kept = another(house, "开发中的厂", **pair, lead="a", stage="developing"), another(house, "配合的厂", **pair)
    for place in range(MOST):
        another(house, f"旧客户{place}号", b=house.person("sun"))
    handover = begun(house, {kept: "sun"}).linked("handover")
    assert (handover.case.data["leader"], handover.case.takings) == (house.person("li"), ())
    plan = planned(house, {won: "sun"})
    assert plan.refused("begin", by="du", customers=rows_of(house, {won: "sun"})).code == "LimitReached"
    handover = plan.do("begin", by="du", customers=rows_of(house, {won: "zhao"})).linked("handover")
    assert (handover.case.data["leader"], len(handover.case.takings)) == (house.person("zhao"), 1)


def test_a_handover_that_is_called_off_leaves_the_customer_where_it_was_and_somebody_else_is_named(
    house: House,
) -> None:
    number = another(house, "北区食品厂")
    plan = begun(house, {number: "sun"})
    plan.linked("handover").do("call_off", by="du", called_off_for="客户不同意")
    house.wait(seconds=1)
    assert (plan.state, plan.work()) == ("short", {"name_again": "du"})
    elsewhere = another(house, "别处的客户")
    assert plan.refused("name_again", by="du", again=rows_of(house, {elsewhere: "zhao"})).code == "ConditionNotMet"
    plan.do("name_again", by="du", again=rows_of(house, {number: "zhao"}))
    handed(house, plan.linked("handover"), to="zhao")
    house.wait(seconds=1)
    assert (plan.state, plan.linked_count("handover")) == ("finished", 2)


def test_the_last_day_passes_and_it_escalates_and_orphans_nothing(house: House) -> None:
    """004 §1.4 I; the ladder is ours."""
    number = another(house, "东区器械厂")
    plan = begun(house, {number: "sun"})
    handover = plan.linked("handover")
    house.wait_until(house.local(4, 27))
    assert [who for _, kind, who in plan.notices("reminder")] == [("wang", "du")]
    house.wait_until(house.local(5, 4))
    assert plan.clock("last_day").breached == house.local(4, 30, 18)
    assert sorted(level for level, _ in plan.escalations()) == [1, 2, 3]
    assert (plan.state, handover.work()) == ("running", {"compile": "wang"})
    house.workflow.change_person(house.person("wang"), {"active": False}, actor=SYSTEM, at=house.now)
    assert {task.assignee for task in handover.case.tasks} == {house.person("wang")}
    plan.do("postpone", by="du", last_day="2026-06-30", postponed_for="客户要求")
    assert plan.clock("last_day").breached == house.local(4, 30, 18)  # what was breached stays so


CANNOT: dict[str, tuple[list[tuple[str, str]], type[Refused]]] = {
    "twice": ([("east", "sun"), ("east", "li")], ConditionNotMet),
    "to the leaver": ([("east", "wang")], ConditionNotMet),
    "to the other half": ([("east", "li")], ConditionNotMet),
    "of another unit": ([("west", "sun")], CustomerNotFound),
    "no such customer": ([("nobody", "sun")], CustomerNotFound),
}


def test_what_a_plan_cannot_say(house: House) -> None:
    numbers = {
        "east": another(house, "东区器械厂"),
        "west": another(house, "西区器械厂", unit=house.units["west"]),
        "nobody": "44190099999000",
    }
    good = {numbers["east"]: "sun"}
    plan = planned(house, good)
    said = {}
    for what, (rows, _) in CANNOT.items():
        named = [{"customer": numbers[unit], "receiver": house.person(login)} for unit, login in rows]
        said[what] = type(plan.refused("begin", by="du", customers=named))
    assert said == {what: refusal for what, (_, refusal) in CANNOT.items()}
    assert plan.linked_count("handover") == 0


def test_a_customer_is_handed_over_once_at_a_time(house: House) -> None:
    account = maintained(house)
    account.do("change_managers", by="du", new_b=house.person("sun"), change_reason="leaves")
    rows = {house.record()["number"]: "sun"}
    plan = planned(house, rows)
    assert plan.refused("begin", by="du", customers=rows_of(house, rows)).facts["zh"] == "该客户已在交接中。"


def test_of_two_plans_that_begin_at_once_with_customers_in_either_order_one_begins(twofold: House) -> None:
    """On both databases: neither a second handover of a customer nor two that wait for each other."""
    for turn, count in enumerate((1, 1, 1, 3)):
        numbers = [another(twofold, f"同时移交{turn}之{place}号") for place in range(count)]
        orders = [dict.fromkeys(numbers, "sun"), dict.fromkeys(reversed(numbers), "zhao")]
        plans = [planned(twofold, rows) for rows in orders]
        with ThreadPoolExecutor(2) as both:
            said = both.map(began, plans, orders)
        assert sorted(said) == ["begun", "该客户已在交接中。"]
        assert sorted(plan.linked_count("handover") for plan in plans) == [0, count]


def began(plan: Story, rows: dict[str, str]) -> str:
    try:
        plan.do("begin", by="du", customers=rows_of(plan.house, rows))
    except Refused as refusal:
        return str(refusal.facts.get("zh"))
    return "begun"
