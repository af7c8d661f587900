"""Who leads, who came first, and how a dispute is settled (domain §4.0, §4.1)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.promises.house import MONDAY, House, Story
from tests.promises.paths import BEFORE_EXPANSION, approve, claim, expanding, go, pre_checked, precheck, registered
from workflow import SYSTEM
from workflow.core.errors import FormInvalid
from workflow.core.splits import in_force, read
from workflow.storage.queries.measures import Span

ROWS: list[tuple[str, dict[str, Any], str, str]] = [
    ("upper_and_lower", {"bodies": "both_levels", "decided": "above"}, "city", "city"),
    ("whole_province", {"bodies": "sole", "reach": "province"}, "city", "city"),
    ("controlled", {"controls": True}, "province", "province"),
    ("policy", {"nature": "policy"}, "city", "city"),
    ("spanning", {"regions": "several"}, "province", "province"),
    ("one_trade", {"trades": "one"}, "sorting", "bureau"),
    ("territory", {}, "east", "here"),
]


@pytest.mark.parametrize(("row", "answers", "unit", "level"), ROWS, ids=[row for row, *_ in ROWS])
def test_the_six_rows_of_who_leads_propose_unit_and_level(
    house: House, row: str, answers: dict[str, Any], unit: str, level: str
) -> None:
    """003 §4.3(1)5-9, 002 §12(4)-(5): the table of domain §4.0; where none of the six holds, territory (002 §10(2))."""
    bureau = {"bureau": house.units["sorting"]} if row == "one_trade" else {}
    data = claim(house, **answers, **bureau).case.data
    assert (data["proposal"], data["leads_by"]) == (row, row)
    assert (data["proposed_unit"], data["proposed_level"]) == (house.units[unit], level)
    assert (data["developing_unit"], data["claimed_unit"]) == (house.units[unit], house.units["east"])


def test_the_table_looks_at_the_customers_record_as_well(house: House) -> None:
    """002 §12(5): a policy-making body is one by its record, whatever the claim says."""
    house.workflow.change_customer(house.customer, {"nature": "policy"}, actor=SYSTEM, at=house.now)
    assert claim(house).case.data["proposal"] == "policy"


def test_the_director_confirms_the_proposal_or_gives_a_reason(house: House) -> None:
    """003 §3.1: the administrator proposes, the director decides; the reason is ours."""
    city, east = house.units["city"], house.units["east"]
    story = claim(house, bodies="both_levels", decided="above")
    story.do("precheck", by="cheng", developing_unit=city, leads_by="upper_and_lower")
    refused = story.refused("approve", by="chu", developing_unit=east)
    assert refused.facts["zh"] == "与系统建议的牵头方式或单位不同，请写明理由。"
    assert approve(story, otherwise_why="东区已服务多年").state == "surveying"
    assert house.record()["unit"] == east


def test_confirming_the_proposal_needs_no_reason(house: House) -> None:
    story = claim(house, bodies="both_levels", decided="above")
    story.do("precheck", by="cheng", developing_unit=house.units["city"], leads_by="upper_and_lower")
    assert approve(story, unit="city").state == "surveying"


def test_a_lead_names_the_reporters_unit_where_nothing_else_is_said(house: House) -> None:
    lead = house.open("lead", by="gui", about=False, name="松阁产业园", need="账单寄递")
    assert lead.case.data["credit_unit"] == house.units["east"]


def test_a_conflict_says_at_once_who_holds_the_customer_since_and_until_when(house: House) -> None:
    """003 §4.3(1)1, domain §4.1(2): to the microsecond."""
    house.now += timedelta(microseconds=7)
    first = registered(house)
    house.now += timedelta(microseconds=1)
    data = claim(house, by="zhao", unit="west").case.data
    assert (data["held_by"], data["held_unit"]) == (house.person("li"), house.units["east"])
    assert data["held_since"] == first.case.opened.isoformat() == (MONDAY + timedelta(microseconds=7)).isoformat()
    assert data["held_until"] == first.clock("window").due.isoformat()


def test_the_lowest_centre_above_both_units_settles_a_dispute(house: House) -> None:
    """003 §4.3(1)2, §4.3(1)9."""
    registered(house)
    assert disputed(house).work() == {"settle": "chu"}
    city = claim(house, by="zhao", unit="west", a=house.person("zhao"), b=house.person("qian"))
    assert city.linked("dispute").case.unit == house.units["city"]


def test_registration_order_to_the_microsecond_cannot_be_talked_away(house: House) -> None:
    """002 §12(1), 003 §4.3(1)1: the moment of registration is the evidence."""
    claim(house)
    house.now += timedelta(microseconds=1)
    dispute = claim(house, by="zhao", unit="west").linked("dispute")
    assert dispute.case.data["earlier_says"] == "other"
    refused = dispute.refused("uphold", by="chu", **verdict(house, earlier_says="claim", winner="west"))
    assert refused.facts["zh"] == "与登记时间不符：先登记的一方在先。"
    dispute.do("dismiss", by="chu", **verdict(house, earlier_says="other", winner="east"))
    assert (dispute.state, dispute.case.data["argument"]) == ("dismissed", "earlier")


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"earlier_says": "other", "territory_says": "claim"}, "申报先后已足以裁定，不再考虑属地和利益。"),
        ({"earlier_says": "open"}, "申报先后不足以裁定的，须就属地作出认定并写明理由。"),
        (
            {"earlier_says": "open", "territory_says": "other", "territory_why": "西区", "benefit_says": "claim"},
            "属地已足以裁定，不再考虑利益。",
        ),
        (
            {"earlier_says": "open", "territory_says": "open", "territory_why": "两地"},
            "前两项均不足以裁定的，须就企业利益最大化作出认定并写明理由。",
        ),
        (
            {"earlier_says": "open", "territory_says": "other", "territory_why": "东区"},
            "认定的结论归他方，不能裁定归本申报。",
        ),
    ],
)
def test_the_three_arguments_come_in_their_order(house: House, answers: dict[str, str], sentence: str) -> None:
    """002 §10, §12(1)-(2): earlier registration, then territory, then the enterprise's greatest benefit."""
    claim(house)
    dispute = disputed(house)
    refused = dispute.refused("uphold", by="chu", **verdict(house, winner="west", **answers))
    assert refused.facts["zh"] == sentence


def test_greatest_benefit_decides_where_neither_order_nor_territory_does(house: House) -> None:
    claim(house)
    dispute = disputed(house)
    dispute.do(
        "uphold",
        by="chu",
        **verdict(
            house, winner="west", earlier_says="open", territory_says="open", territory_why="两地均有机构",
            benefit_says="claim", benefit_why="仓配收益更高",
        ),
    )  # fmt: skip
    assert (dispute.state, dispute.case.data["argument"]) == ("upheld", "benefit")


def test_territory_fixes_the_split_where_business_arises_elsewhere(house: House) -> None:
    """002 §12(2), 003 §4.3(1)2."""
    east, west = house.units["east"], house.units["west"]
    claim(house)
    second = claim(house, by="zhao", unit="west", signed_in=west, arises_in=east)
    dispute = second.linked("dispute")
    by_territory = verdict(house, winner="west", earlier_says="open", territory_says="claim", territory_why="签约地")
    refused = dispute.refused("uphold", by="chu", **by_territory)
    assert refused.facts["zh"] == "业务发生地与签约地不同，须随裁定确定收入分成。"
    split = [{"unit": west, "percent": "70"}, {"unit": east, "percent": "30"}]
    short = dispute.refused("uphold", by="chu", **by_territory, split=split[:1])
    assert isinstance(short, FormInvalid)
    assert dispute.do("uphold", by="chu", **by_territory, split=split).state == "upheld"


def test_an_open_dispute_stops_the_windows_clock_and_it_goes_on_after_the_decision(house: House) -> None:
    """domain §4.1: the window stands still for as long as the dispute takes."""
    story = expanding(house)
    house.wait(days=10)
    second = claim(house, by="zhao", unit="west")
    assert (story.clock("window").status, story.state) == ("paused", "expanding")
    assert story.clock("window").paused == house.now
    house.wait(days=3)
    second.linked("dispute").do("dismiss", by="chu", **verdict(house, earlier_says="other", winner="east"))
    house.wait(minutes=0)
    assert (story.clock("window").status, story.clock("window").due) == ("running", house.local(5, 5, 9))
    assert house.record_until() == house.local(5, 5, 9)

    story.do("extend", by="dong", extension_days=10, why="客户换届")  # more time is no pause
    [over] = house.workflow.pauses_over(house.actor("du"), Span((MONDAY, house.now + timedelta(days=1))))
    assert (over.clock.case, over.by, over.length) == (story.id, "step", timedelta(days=3))


def test_a_window_that_would_have_ended_during_the_dispute_does_not(house: House) -> None:
    story = expanding(house)
    house.wait_until(house.local(5, 1, 9))
    second = claim(house, by="zhao", unit="west")
    house.wait(days=12)
    assert (story.state, second.state) == ("expanding", "disputed")
    second.linked("dispute").do("dismiss", by="shen", **verdict(house, earlier_says="other", winner="east"))
    house.wait(hours=23)
    assert story.state == "expanding"
    house.wait(hours=2)
    assert story.state == "bidding"


def test_the_window_stands_still_until_the_last_of_several_disputes_is_settled(house: House) -> None:
    story = expanding(house)
    one = claim(house, by="zhao", unit="west").linked("dispute")
    other = claim(house, by="qian", unit="west").linked("dispute")
    one.do("dismiss", by="chu", **verdict(house, earlier_says="other", winner="east"))
    house.wait(minutes=1)
    assert story.clock("window").status == "paused"
    other.do("dismiss", by="chu", **verdict(house, earlier_says="other", winner="east"))
    house.wait(minutes=1)
    assert story.clock("window").status == "running"


def test_a_signature_during_a_dispute_still_ends_the_window(house: House) -> None:
    story = expanding(house)
    claim(house, by="zhao", unit="west")
    story.do("sign", by="li", contract_number="YZ-1", contract_date="2026-03-20", products="特快", yearly_value="100")
    assert (story.state, story.clock("window").status) == ("compiling", "met")


def test_the_approved_winner_of_a_dispute_ends_what_the_loser_had(house: House) -> None:
    """003 §4.3(1)9: the right goes over in one step, nobody in between; 002 §10(1): and so does the revenue."""
    east, west = house.units["east"], house.units["west"]
    fixed = [{"unit": east, "percent": "90"}, {"unit": west, "percent": "10"}]
    loser = go(approve(pre_checked(house), split=fixed), *BEFORE_EXPANSION, "sign")
    second = claim(house, by="zhao", unit="west", a=house.person("zhao"), b=house.person("qian"))
    second.linked("dispute").do(
        "uphold", by="chu",
        **verdict(house, winner="west", earlier_says="open", territory_says="claim", territory_why="签约地"),
    )  # fmt: skip
    approve(second, unit="west")
    assert (loser.state, second.state) == ("ceded", "surveying")
    assert (house.record()["a"], house.record()["unit"]) == (house.person("zhao"), west)
    [share] = in_force(read(house.record()["splits"]), f"{house.now:%Y-%m}")
    assert (share.unit, share.hundredths) == (west, 10_000)


def test_a_customer_registered_out_of_the_pool_leaves_it(house: House) -> None:
    """002 §12(6): what is granted or registered is no longer announced."""
    first = registered(house)
    house.wait(days=100)
    pool = first.linked("pool")
    assert (first.state, pool.state) == ("pooled", "announced")
    second = precheck(claim(house, by="zhao", unit="west", a=house.person("zhao"), b=house.person("qian")), unit="west")
    approve(second, unit="west")
    house.wait(minutes=0)
    assert (first.state, pool.state, second.state) == ("ceded", "closed", "surveying")


def disputed(house: House) -> Story:
    house.now += timedelta(microseconds=1)
    return claim(house, by="zhao", unit="west").linked("dispute")


def verdict(house: House, *, winner: str, **answers: Any) -> dict[str, Any]:
    return {"earlier_why": "登记簿", "grounds": "依序认定", "winner": house.units[winner], **answers}
