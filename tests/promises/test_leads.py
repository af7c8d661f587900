"""A lead is registered from the lead itself, and the branch that reported it is credited and told (domain §4.0)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.promises.house import House, Story
from tests.promises.paths import BEFORE_EXPANSION, FORMS, approve, claim, claimed, go, precheck, registered
from workflow import messages
from workflow.audit import replays
from workflow.core.errors import CustomerNotFound, CustomerRequired, FormInvalid, NotPermitted, Refused
from workflow.core.splits import in_force, read
from workflow.core.step import SYSTEM

BRANCH = {"name": "东方家具", "need": "每日发货，要求次日达", "contact": "周经理", "phone": "13800000000"}


def test_002_10_2_who_takes_a_lead_up_registers_the_customer_from_it(house: House) -> None:
    """002 §10(2), 003 §2.1: a manager is sent; the registration is the lead's own, and the branch goes along."""
    lead = assigned(house)
    asked = house.workflow.beginning(lead.id, "register", house.actor("sun"))
    assert (asked.definition.name, asked.customer) == ("account", None)
    assert asked.proposed == {
        "project_plan": BRANCH["need"], "contact": BRANCH["contact"], "phone": BRANCH["phone"],
        "a": house.person("sun"), "developing_unit": house.units["east"],
    }  # fmt: skip

    story = begun(house, lead)

    assert (lead.state, lead.work()) == ("registered", {})
    assert lead.notices("notice")[-1][2] == ("gui",)
    assert (story.state, story.case.customer, story.case.parent) == ("submitted", house.customer, lead.id)
    assert (story.case.data["lead_number"], story.case.data["credit_unit"]) == (lead.case.number, house.units["east"])
    assert (story.case.unit, story.case.opener) == (house.units["east"], house.person("sun"))
    assert story.work() == {"precheck": "cheng"}
    view = house.workflow.case(lead.id, house.actor("gui"))
    assert [(link.number, link.definition) for link in view.links] == [(story.case.number, "account")]


def test_002_10_2_the_reporter_is_credited_and_told_when_the_customer_is_won(house: House) -> None:
    """002 §10(2): the revenue won counts for the branch that reported it, through the handover as well."""
    house.grant("qian", "west", "reporter")
    lead = assigned(house, by="qian", credit_unit=house.units["west"])
    east, west = house.units["east"], house.units["west"]
    story = precheck(begun(house, lead, a=house.person("li")))
    refused = story.refused("approve", by="chu", developing_unit=east)
    assert refused.facts["zh"] == "线索由网点上报，收入分成须列入该网点。"
    approve(story, split=[{"unit": east, "percent": "70"}, {"unit": west, "percent": "30"}])
    go(story, *BEFORE_EXPANSION)
    dropped = [{"unit": east, "percent": "100"}]
    refused = story.refused("sign", by="li", **{**FORMS["sign"], "split": dropped})
    assert refused.facts["zh"] == "线索由网点上报，收入分成须列入该网点。"
    go(story, "sign")
    assert (lead.state, lead.notices("notice")[-1][2]) == ("won", ("qian",))
    assert lead.triggers()[-1] == ("signal", "won")
    go(story, "compile", "introduce", "accept", "confirm_handover")
    for years in range(5):
        month = f"{house.now.year + years}-{house.now.month:02}"
        shares = in_force(read(house.record()["splits"]), month)
        assert [share.hundredths for share in shares if share.unit == west] == [3000], month
    reproduced(house, lead, story)


def test_002_10_2_the_reporter_is_told_as_well_when_it_comes_to_nothing(house: House) -> None:
    """003 §2.1: whoever reported a lead hears what became of it, also where the registration is refused."""
    lead = assigned(house)
    story = precheck(begun(house, lead))
    story.do("reject", by="chu", opinion="件量不足")
    assert (lead.state, lead.notices("notice")[-1][2]) == ("not_won", ("gui",))
    reproduced(house, lead, story)


def test_002_10_1_a_bidding_for_a_reported_customer_credits_the_branch_too(house: House) -> None:
    """002 §10(1)-(2): the split is fixed with the award, and the branch that reported the customer is in it."""
    east, west = house.units["east"], house.units["west"]
    lead = assigned(house)
    story = approve(precheck(begun(house, lead, a=house.person("li"))), split=[{"unit": east, "percent": "100"}])
    house.wait_until(house.local(5, 2, 9) + timedelta(minutes=1))
    bidding = story.linked("bidding")
    assert bidding.case.data["credit_unit"] == east
    offer = {"plan": "仓配", "share": "20", "bid_a": house.person("zhao"), "bid_b": house.person("qian")}
    bidding.do("bid", by="xi", **offer)
    house.wait(days=25)
    refused = bidding.refused("award", by="chu", winner=west, split=[{"unit": west, "percent": "100"}])
    assert refused.facts["zh"] == "线索由网点上报，收入分成须列入该网点。"
    split = [{"unit": west, "percent": "80"}, {"unit": east, "percent": "20"}]
    bidding.do("award", by="chu", winner=west, split=split)
    assert (story.state, lead.state) == ("surveying", "registered")
    for trigger in BEFORE_EXPANSION:
        story.do(trigger, by="xi" if trigger in ("position", "approve_plan") else "zhao", **FORMS[trigger])
    story.do("sign", by="zhao", **FORMS["sign"])
    shares = in_force(read(house.record()["splits"]), f"{house.now:%Y-%m}")
    assert {(share.unit, share.hundredths) for share in shares} == {(west, 8000), (east, 2000)}
    assert (lead.state, lead.notices("notice")[-1][2]) == ("won", ("gui",))


def test_002_10_2_who_wins_a_reported_customer_under_a_grant_shares_with_the_branch_and_not_with_who_failed(
    house: House,
) -> None:
    """002 §10(1)-(2), 003 §2.1: the revenue won is the branch's that reported it, whoever wins it; the split of a claim
    that came to nothing is over."""
    house.grant("qian", "east", "account_manager")
    house.grant("sun", "sorting", "reporter")
    east, west, branch = (house.units[name] for name in ("east", "west", "sorting"))
    lead = assigned(house, credit_unit=branch)
    fixed = [{"unit": east, "percent": "70"}, {"unit": branch, "percent": "30"}]
    story = approve(precheck(begun(house, lead, a=house.person("li"))), split=fixed)
    house.wait(days=100)
    pool = story.linked("pool")
    assert (story.state, pool.case.data["credit_unit"]) == ("pooled", branch)
    pool.do("apply", by="zhao", plan="先行试用")
    grant = {"unit": west, "a": house.person("zhao"), "b": house.person("sun"), "term": "one"}
    for split, sentence in (
        ([], "线索由网点上报，收入分成须列入该网点。"),
        ([{"unit": west, "percent": "100"}], "线索由网点上报，收入分成须列入该网点。"),
        (fixed, "收入分成须列入开发单位。"),
    ):
        assert pool.refused("grant", by="chu", **grant, split=split).facts["zh"] == sentence
    split = [{"unit": west, "percent": "80"}, {"unit": branch, "percent": "20"}]
    pool.do("grant", by="chu", **grant, split=split)
    pool.do("win", by="zhao", contract_number="YZ-9", contract_date="2026-06-20", products="物流", yearly_value="9000")
    assert (story.state, lead.state, story.case.data["split"]) == ("compiling", "won", None)
    assert shared(house) == {(west, 8000), (branch, 2000)}
    who = {"compile": "zhao", "introduce": "zhao", "accept": "sun", "confirm_handover": "xi"}
    for trigger, by in who.items():
        story.do(trigger, by=by, **FORMS[trigger])
    assert shared(house) == {(west, 8000), (branch, 2000)}
    reproduced(house, lead, story, pool)


def test_002_10_1_a_grant_without_a_word_on_the_split_is_all_the_winners(house: House) -> None:
    """002 §10(1): what the failed claim's approval fixed does not bind who is granted the customer, term after term."""
    east, west = house.units["east"], house.units["west"]
    fixed = [{"unit": east, "percent": "70"}, {"unit": west, "percent": "30"}]
    story = registered(house, arises_in=east)
    assert shared(house) == {(None, 10_000)}
    house.wait(days=100)
    pool = story.linked("pool")
    pool.do("apply", by="sun", plan="再访")
    terms = {"a": house.person("sun"), "b": house.person("wang"), "term": "one"}
    pool.do("grant", by="chu", unit=east, **terms, split=fixed)
    assert shared(house) == {(east, 7000), (west, 3000)}
    pool.do("hand_back", by="sun", why="未能签约")
    assert shared(house) == {(None, 10_000)}
    pool.do("apply", by="zhao", plan="先行试用")
    pool.do("grant", by="chu", unit=west, a=house.person("zhao"), b=house.person("qian"), term="one")
    assert shared(house) == {(west, 10_000)}


def shared(house: House) -> set[tuple[int | None, int]]:
    """Who has which part of this month's revenue."""
    found = in_force(read(house.record().get("splits", ())), f"{house.now:%Y-%m}")
    return {(one.unit, one.hundredths) for one in found}


def test_a_bidding_for_a_customer_nobody_reported_asks_for_no_branch(house: House) -> None:
    """002 §10(1)."""
    story = registered(house)
    house.wait_until(house.local(5, 2, 9) + timedelta(minutes=1))
    assert story.linked("bidding").case.data.get("credit_unit") is None


@pytest.mark.parametrize(
    ("about", "answers", "error", "said"),
    [
        ("customer", {"project_plan": ""}, FormInvalid, "方案"),
        ("customer", {"credit_unit": 1}, FormInvalid, "网点"),
        ("customer", {"lead_number": "XS000001"}, FormInvalid, "线索"),
        ("nobody", {}, CustomerRequired, "客户"),
        ("unknown", {}, CustomerNotFound, "客户"),
        ("lead", {}, CustomerNotFound, "客户"),
    ],
)
def test_no_registration_is_made_up(
    house: House, about: str, answers: dict[str, Any], error: type[Refused], said: str
) -> None:
    """002 §10(2): no number is typed, and neither the lead nor the branch it is credited to can be."""
    lead = assigned(house)
    customer = {"customer": house.customer, "nobody": None, "unknown": 987654, "lead": lead.id}[about]
    before = lead.case
    with pytest.raises(error) as refused:
        begun(house, lead, about=customer, **answers)
    assert lead.case == before
    rules = house.workflow.library.get("account")
    names = messages.Names(definition=rules)
    if isinstance(refused.value, FormInvalid):
        assert any(said in rules.fields[name].title.zh for name in refused.value.facts["fields"])
    else:
        assert said in messages.sentence(refused.value, "zh", names=names)
    with house.workflow.database.reading() as connection:
        opened = connection.exec_driver_sql("SELECT count(*) FROM cases WHERE definition = 'account'").scalar_one()
        tried = connection.exec_driver_sql("SELECT count(*) FROM refusals WHERE code = ?", (refused.value.code,))
        assert (opened, tried.scalar_one()) == (0, 1)


def test_without_the_form_and_by_others_nothing_is_registered(house: House) -> None:
    lead = assigned(house)
    assert isinstance(lead.refused("register", by="sun"), CustomerRequired)
    with pytest.raises(NotPermitted):
        begun(house, lead, by="wang")
    assert lead.state == "assigned"


def test_a_lead_about_somebody_elses_customer_goes_to_dispute_and_the_lead_follows_it(house: House) -> None:
    """002 §12(1): registration order settles it; whoever reported the lead hears how it ended."""
    registered(house)
    lead = assigned(house)
    story = begun(house, lead)
    assert (story.state, lead.state) == ("disputed", "registered")
    story.linked("dispute").do(
        "dismiss", by="chu", winner=house.units["east"], earlier_says="other", earlier_why="登记在先", grounds="在先",
    )  # fmt: skip
    assert (story.state, lead.state) == ("rejected", "not_won")


def test_003_4_3_9_the_territory_and_who_serves_are_told_of_a_registration(house: House) -> None:
    """003 §4.3(1)9: 同时知会相关市局; 003 §3.1: developing and serving units are fixed together."""
    west = house.units["west"]
    story = claim(house, signed_in=west, arises_in=west)
    story.do("precheck", by="cheng", developing_unit=house.units["east"], serving_unit=west, leads_by="territory")
    approve(story, otherwise_why="客户总部在东区")
    assert [to for _, _, to in story.notices("notice")][-2:] == [("li", "wang"), ("xi", "dong")]


def assigned(house: House, *, by: str = "gui", **more: Any) -> Story:
    lead = house.open("lead", by=by, about=False, **{**BRANCH, **more})
    judge = "dai" if by == "gui" else "cheng"
    return lead.do("assign", by=judge, developer=house.person("sun"))


def begun(house: House, lead: Story, *, by: str = "sun", about: int | None = -1, **different: Any) -> Story:
    """The registration of the house's customer from a lead."""
    customer = house.customer if about == -1 else about
    return lead.begin("register", "registration", by=by, about=customer, **{**claimed(house), **different})


def reproduced(house: House, *stories: Story) -> None:
    desk = replays.Replays(house.workflow)
    for story in stories:
        verdict = desk.film(story.id, SYSTEM).verdict
        assert (verdict.differences, verdict.unchecked, verdict.reproduced) == ((), (), verdict.steps)
