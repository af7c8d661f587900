"""The exclusive window and the six steps in it, and what follows when it runs out (domain §4.2)."""

from datetime import timedelta

import pytest

from tests.promises.house import MONDAY, House, Story
from tests.promises.paths import BEFORE_EXPANSION, FORMS, expanding, go, registered, signed
from workflow import SYSTEM
from workflow.core.errors import ConditionNotMet, ExtensionRefused, FormInvalid, FourEyes, NotInThisState, NotPermitted


def test_a_regular_project_is_exclusive_for_two_months(house: House) -> None:
    story = registered(house)
    assert story.clock("window").due == house.local(5, 2, 9)
    assert house.record_until() == house.local(5, 2, 9)


def test_a_seasonal_project_is_exclusive_for_one_month(house: House) -> None:
    story = registered(house, kind="seasonal")
    assert story.clock("window").due == house.local(4, 2, 9)


def test_the_window_runs_from_registration_whatever_step_the_work_is_in(house: House) -> None:
    story = registered(house)
    for trigger in BEFORE_EXPANSION:
        house.wait(days=2)
        go(story, trigger)
        assert story.clock("window").due == house.local(5, 2, 9)
    assert len(story.runs("window")) == 1


def test_the_six_steps_come_in_order(house: House) -> None:
    story = registered(house)
    states = [story.state]
    for trigger in BEFORE_EXPANSION:
        later = [t for t in BEFORE_EXPANSION if t != trigger]
        for other in later:
            assert isinstance(story.refused(other, by="li", **FORMS[other]), NotInThisState)
        go(story, trigger)
        states.append(story.state)
    assert states == [
        "surveying",
        "segmenting",
        "prioritising",
        "positioning",
        "planning",
        "plan_review",
        "expanding",
    ]


def test_each_step_has_its_own_limit_and_the_director_positions(house: House) -> None:
    story = registered(house)
    limits = {}
    for trigger in BEFORE_EXPANSION:
        ((task, who),) = story.work().items()
        due = story.due(task)
        assert due is not None
        limits[task] = (who, (due - house.now).days)
        go(story, trigger)
    assert limits == {
        "survey": ("li", 7),
        "segment": ("li", 7),
        "prioritise": ("li", 7),
        "position": ("dong", 7),
        "plan": ("li", 14),
        "review_plan": ("dong", 3),
    }
    assert story.work() == {"expand": "li", "assist": "wang"}


def test_a_step_that_takes_longer_than_its_week_is_brought_up_and_the_window_goes_on(house: House) -> None:
    story = registered(house)
    house.wait(days=8)
    assert story.notices("reminder") == [(MONDAY + timedelta(days=7), "reminder", ("li", "du"))]
    assert go(story, "survey").clock("window").due == house.local(5, 2, 9)


def test_priorities_are_set_with_the_team(house: House) -> None:
    story = go(registered(house), "survey", "segment")
    assert isinstance(story.refused("prioritise", by="li", contribution="首位"), FormInvalid)


def test_a_plan_is_approved_by_the_director_and_not_by_its_author(house: House) -> None:
    story = go(registered(house), *BEFORE_EXPANSION[:-1])
    assert isinstance(story.refused("approve_plan", by="li"), NotPermitted)
    story.do("return_plan", by="dong", gaps="无成本测算")
    assert story.work() == {"plan": "li"}
    house.grant("li", "east", "director")
    go(story, "submit_plan")
    task = story.case.tasks[0]
    house.workflow.claim(story.id, task.no, actor=house.actor("li"), at=house.now)
    assert isinstance(story.refused("approve_plan", by="li"), FourEyes)


def test_a_warning_comes_14_and_3_days_before_the_window_ends(house: House) -> None:
    story = expanding(house)
    house.wait_until(house.local(5, 1, 9))
    due = house.local(5, 2, 9)
    assert [(due - at, to) for at, _, to in story.notices("reminder")] == [
        (timedelta(days=14), ("li", "wang")),
        (timedelta(days=3), ("li", "wang", "dong")),
    ]


def test_the_director_extends_the_window_once_by_at_most_half_with_a_reason(house: House) -> None:
    story = expanding(house)
    assert isinstance(story.refused("extend", by="li", extension_days=10, why="客户换届"), NotPermitted)
    assert isinstance(story.refused("extend", by="dong", extension_days=10), FormInvalid)
    most = story.refused("extend", by="dong", extension_days=31, why="客户换届")
    assert isinstance(most, ExtensionRefused)
    assert most.facts["most"] == 30  # half of the 61 days from 2 March to 2 May
    story.do("extend", by="dong", extension_days=30, why="客户换届")
    assert story.clock("window").due == house.local(6, 1, 9)
    assert house.record_until() == house.local(6, 1, 9)
    again = story.refused("extend", by="dong", extension_days=1, why="再延")
    assert again.facts["zh"] == "独占开发期只能延长一次。"


def test_warnings_already_given_come_again_before_the_extended_end(house: House) -> None:
    story = expanding(house)
    house.wait_until(house.local(5, 1, 9))
    story.do("extend", by="dong", extension_days=30, why="客户换届")
    house.wait_until(house.local(5, 31, 9))
    assert [at for at, _, _ in story.notices("reminder")] == [
        house.local(4, 18, 9),
        house.local(4, 29, 9),
        house.local(5, 18, 9),
        house.local(5, 29, 9),
    ]


def test_b_assists_and_says_how(house: House) -> None:
    story = expanding(house).done("assist", by="wang", support="陪同拜访")
    assert (story.state, story.work()) == ("expanding", {"expand": "li"})


def test_an_agreement_signed_in_time_ends_the_window_and_begins_the_handover(house: House) -> None:
    story = signed(house)
    assert (story.state, story.clock("window").status) == ("compiling", "met")
    assert (house.record()["stage"], house.record()["until"]) == ("handover", None)


def test_success_is_proved_by_contract_number_date_products_and_value(house: House) -> None:
    refused = expanding(house).refused("sign", by="li")
    assert sorted(refused.facts["fields"]) == ["contract_date", "contract_number", "products", "yearly_value"]


@pytest.mark.parametrize("steps", [0, 3, 6])
def test_when_the_window_ends_the_customer_is_open_to_bids_whatever_step_it_was_in(house: House, steps: int) -> None:
    story = go(registered(house), *BEFORE_EXPANSION[:steps])
    house.wait_until(house.local(5, 2, 8, 59))
    assert story.linked_count("bidding") == 0
    house.wait(minutes=1)
    assert story.state == "bidding"
    assert story.clock("window").breached == house.local(5, 2, 9)
    assert story.linked("bidding").case.opened == house.local(5, 2, 9)
    assert house.record()["stage"] == "potential"


def test_a_scheduler_that_slept_a_week_changes_nothing_of_when_the_window_ended(house: House) -> None:
    story = registered(house)
    house.now = house.local(5, 9, 9)
    house.wait(minutes=0)
    assert story.state == "bidding"
    assert story.clock("window").breached == house.local(5, 2, 9)
    over = next(step for step in house.workflow.history(story.id, SYSTEM) if step.trigger == "window_over")
    assert (over.effective, over.recorded) == (house.local(5, 2, 9), house.local(5, 9, 9))


def test_the_winner_of_the_bidding_starts_with_a_fresh_window(house: House) -> None:
    story = lapsed(house)
    bidding = bid(story)
    house.wait_until(house.local(5, 20, 9))  # ten working days after the May holiday
    assert bidding.state == "judging"
    award(bidding)
    assert (story.state, story.work()) == ("surveying", {"survey": "zhao"})
    assert [clock.run for clock in story.runs("window")] == [1, 2]
    assert story.clock("window").due == house.local(7, 20, 9)
    assert house.record_until() == house.local(7, 20, 9)
    assert house.record()["unit"] == house.units["west"]


def test_the_winners_unit_sees_the_case_from_the_award_on_and_the_others_do_not(house: House) -> None:
    story = lapsed(house)
    bidding = bid(story)
    house.wait(days=25)
    assert not seen(house, "xi", story)
    award(bidding)
    assert seen(house, "xi", story)
    assert not seen(house, "dai", story)


def test_each_unit_bids_once_and_only_a_bidder_wins(house: House) -> None:
    bidding = lapsed(house).linked("bidding")
    bid_by(bidding, house)
    twice = bidding.refused("bid", by="xi", **offer(house))
    assert twice.facts["en"] == "Your unit has bid already; each unit may bid once."
    assert bidding.refused("bid", by="chu", **offer(house)).facts["zh"] == "组织竞标的中心不参加投标。"
    house.wait(days=25)
    outsider = bidding.refused("award", by="chu", **verdict(house, winner="east"))
    assert outsider.facts["zh"] == "中标单位未参加投标。"


def test_the_split_is_fixed_with_the_award_and_makes_100_percent(house: House) -> None:
    bidding = bid(lapsed(house))
    house.wait(days=25)
    short = verdict(house) | {"split": [{"unit": house.units["west"], "percent": "80"}]}
    assert isinstance(bidding.refused("award", by="chu", **short), FormInvalid)


def test_a_second_failure_in_the_fresh_window_opens_a_second_bidding(house: House) -> None:
    story = lapsed(house)
    bidding = bid(story)
    house.wait(days=25)
    award(bidding)
    house.wait(days=70)
    assert (story.state, story.linked_count("bidding")) == ("bidding", 2)


def test_without_a_bid_the_customer_returns_to_the_pool(house: House) -> None:
    story = lapsed(house)
    house.wait(days=25)
    assert story.linked("bidding").state == "unsold"
    assert story.state == "pooled"
    assert house.record()["stage"] == "potential"
    assert story.linked("pool").work() == {"grant": "chu"}


def test_the_pool_grants_a_term_and_grants_again_when_it_runs_out(house: House) -> None:
    story = lapsed(house)
    house.wait(days=25)
    pool = story.linked("pool")
    grant(pool, to="zhao", with_b="sun")
    assert (pool.state, pool.work()) == ("granted", {"develop": "zhao"})
    house.wait(days=32)
    assert pool.state == "announced"
    grant(pool, to="qian", with_b="zhao")
    pool.do("win", by="qian", contract_number="YZ-9", contract_date="2026-07-01", products="物流", yearly_value="100")
    assert (story.state, story.work()) == ("compiling", {"compile": "qian"})


def test_only_who_applied_is_granted(house: House) -> None:
    story = lapsed(house)
    house.wait(days=25)
    refused = story.linked("pool").refused(
        "grant", by="chu", unit=house.units["west"], a=house.person("zhao"), b=house.person("qian"), term="one"
    )
    assert isinstance(refused, ConditionNotMet)


def seen(house: House, login: str, story: Story) -> bool:
    return story.id in [row.id for row in house.workflow.cases(house.actor(login)).rows]


def lapsed(house: House) -> Story:
    """Not won in two months."""
    story = registered(house)
    house.wait_until(house.local(5, 2, 9))
    return story


def bid(story: Story) -> Story:
    return bid_by(story.linked("bidding"), story.house)


def bid_by(bidding: Story, house: House) -> Story:
    return bidding.do("bid", by="xi", **offer(house))


def offer(house: House) -> dict[str, object]:
    return {"plan": "仓配", "share": "20", "bid_a": house.person("zhao"), "bid_b": house.person("qian")}


def verdict(house: House, *, winner: str = "west") -> dict[str, object]:
    east, west = house.units["east"], house.units["west"]
    return {
        "winner": house.units[winner],
        "split": [{"unit": west, "percent": "80"}, {"unit": east, "percent": "20"}],
    }


def award(bidding: Story) -> Story:
    return bidding.do("award", by="chu", **verdict(bidding.house))


def grant(pool: Story, *, to: str, with_b: str = "qian") -> Story:
    house = pool.house
    pool.do("apply", by=to, plan="先行试用")
    return pool.do("grant", by="chu", unit=house.units["west"], a=house.person(to), b=house.person(with_b), term="one")
