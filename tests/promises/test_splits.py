"""What a lifecycle fixes about revenue holds from its month on, in the customer's own book."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from tests.promises.house import SHANGHAI, House, Story
from tests.promises.paths import BEFORE_EXPANSION, FORMS, approve, claim, maintained, pre_checked, precheck
from tests.support.proof import prove
from workflow.audit import replays
from workflow.core.splits import Share, in_force, read
from workflow.core.step import SYSTEM


def shares(house: House, month: str) -> set[tuple[str | None, str | None, int]]:
    units = {number: name for name, number in house.units.items()} | {None: None}
    people = {number: name for name, number in house.people.items()} | {None: None}
    found = in_force(read(house.record().get("splits", ())), month)
    return {(units[one.unit], people[one.person], one.hundredths) for one in found}


def test_000_3_2_3_a_handover_starts_the_schedule_for_the_developer(house: House) -> None:
    """000 §3.2.3: in year 1 all counts for the developer, then less each year; 100/60/30/0 are ours."""
    maintained(house)

    month = f"{house.now:%Y-%m}"
    year = int(month[:4])
    assert shares(house, month) == {("east", "li", 10_000)}
    assert shares(house, f"{year + 1}{month[4:]}") == {("east", "li", 6_000), (None, None, 4_000)}
    assert shares(house, f"{year + 2}{month[4:]}") == {("east", "li", 3_000), (None, None, 7_000)}
    assert shares(house, f"{year + 3}{month[4:]}") == {(None, None, 10_000)}


def test_a_change_of_manager_or_tier_keeps_the_schedule_running(house: House) -> None:
    """Domain §4.3(4)."""
    maintained(house)
    before = house.record()["splits"]

    house.workflow.change_customer(house.customer, {"tier": "diamond", "unit": house.units["city"]}, actor=SYSTEM)
    house.workflow.change_customer(house.customer, {"b": house.person("sun")}, actor=SYSTEM)

    assert house.record()["splits"] == before


def test_002_12_2_a_split_fixed_with_the_approval_holds_from_its_month(house: House) -> None:
    rows: list[dict[str, Any]] = [
        {"unit": house.units["east"], "percent": "66.67"},
        {"unit": house.units["west"], "percent": "33.33"},
    ]
    approve(pre_checked(house, arises_in=house.units["west"]), split=rows)

    assert shares(house, "2026-03") == {("east", None, 6_667), ("west", None, 3_333)}
    assert in_force(read(house.record()["splits"]), "2026-02") == (Share(None, None, 10_000),)
    with house.workflow.database.reading() as connection:
        told = connection.execute(text("SELECT month, share, case_id FROM splits ORDER BY place")).all()
        prove(connection, house.workflow.library)
    assert [tuple(row)[:2] for row in told] == [("2026-03", 6_667), ("2026-03", 3_333)]
    assert all(row.case_id is not None for row in told)


def test_the_schedule_ends_when_its_customer_is_given_up_and_a_past_moment_still_shows_it(twofold: House) -> None:
    """000 §3.2.3: the developer's years are those of a customer that is kept. From which month on: ours."""
    house = twofold
    story = maintained(house)
    told = [(month, "express", 10_000) for month in ("2026-03", "2026-04", "2026-05", "2027-04")]
    house.workflow.say_revenue({house.customer: told}, actor=SYSTEM)
    house.wait_until(house.local(5, 20))
    story.do("report_loss", by="wang", lost_reason="客户停业")
    assert shares(house, "2026-05") == {("east", "li", 10_000)}  # it may be won back
    then = house.now
    house.wait(hours=1)
    effort = given_up(story)

    assert shares(house, "2026-04") == {("east", "li", 10_000)}
    assert shares(house, "2026-05") == shares(house, "2027-04") == {(None, None, 10_000)}
    assert credited(house, "2026-04") == {("east", "li"): 10_000}
    assert credited(house, "2026-05") == credited(house, "2027-04") == {("east", "wang"): 10_000}
    assert credited(house, "2026-05", at=then) == {("east", "li"): 10_000}
    assert credited(house, "2027-04", at=then) == {("east", "li"): 6_000, ("east", "wang"): 4_000}
    proven(house, story, effort)


def test_who_wins_a_customer_that_was_given_up_or_lost_begins_its_years_anew(house: House) -> None:
    """000 §3.2.3, 002 §10(1): who failed or lost the customer has no part in what another unit makes of it."""
    story = maintained(house)
    house.wait(days=3)
    story.do("report_loss", by="wang", lost_reason="转向他方")
    assert shares(house, "2026-03") == {("east", "li", 10_000)}
    taken = claim(house, by="zhao", unit="west", a=house.person("zhao"), b=house.person("qian"))
    approve(precheck(taken, unit="west"), unit="west")
    assert (story.state, shares(house, "2027-03")) == ("ceded", {(None, None, 10_000)})

    for trigger in (*BEFORE_EXPANSION, "sign", "compile", "introduce", "accept", "confirm_handover"):
        by = {"accept": "qian"}.get(trigger, "xi" if trigger in HEADS else "zhao")
        taken.do(trigger, by=by, **FORMS[trigger])
    year = house.now.year
    assert shares(house, f"{year + 1}-{house.now.month:02}") == {("west", "zhao", 6_000), (None, None, 4_000)}
    proven(house, story, taken)


def test_what_was_fixed_for_a_development_ends_with_its_window(house: House) -> None:
    """002 §10(1), §12(6): a split is fixed for developing the customer with success."""
    rows = [{"unit": house.units["east"], "percent": "70"}, {"unit": house.units["west"], "percent": "30"}]
    story = approve(pre_checked(house, arises_in=house.units["west"]), split=rows)
    house.wait(days=70)
    assert story.state == "bidding"
    held = {"2026-03": {("east", None, 7_000), ("west", None, 3_000)}, "2026-05": {(None, None, 10_000)}}
    assert {month: shares(house, month) for month in held} == held
    fixed = len(house.record()["splits"])
    house.wait(days=30)
    pool = story.linked("pool").do("apply", by="zhao", plan="试用")
    pool.do("grant", by="chu", unit=house.units["west"], a=house.person("zhao"), b=house.person("qian"), term="one")
    assert shares(house, f"{house.now:%Y-%m}") == {("west", None, 10_000)}
    house.wait(days=32)
    assert (pool.state, shares(house, f"{house.now:%Y-%m}")) == ("announced", {(None, None, 10_000)})
    assert len(house.record()["splits"]) == fixed + 2
    proven(house, story, pool)


def test_what_a_dispute_fixed_holds_although_the_approval_says_nothing(house: House) -> None:
    """002 §12(2): the split is part of the decision, and the approval carries it out."""
    maintained(house)
    claimed = claim(house, by="zhao", unit="west", a=house.person("zhao"), b=house.person("qian"))
    split = [{"unit": house.units["west"], "percent": "80"}, {"unit": house.units["east"], "percent": "20"}]
    claimed.linked("dispute").do(
        "uphold", by="chu", earlier_says="open", earlier_why="同日", territory_says="claim", territory_why="签约地",
        winner=house.units["west"], grounds="属地", split=split,
    )  # fmt: skip
    approve(claimed, unit="west")
    assert shares(house, f"{house.now:%Y-%m}") == {("west", None, 8_000), ("east", None, 2_000)}


HEADS = ("position", "approve_plan", "confirm_handover")


def given_up(story: Story) -> Story:
    """Not won back: proposed by who kept the customer, decided by the director."""
    effort = story.linked("win_back").do("start", by="wang", competitor="无", plan="跟进")
    return effort.do("propose_end", by="wang", result="确已停业").do("give_up", by="dong", result="同意")


def credited(house: House, month: str, **asked: Any) -> dict[tuple[str | None, str | None], int]:
    """Cents of a month by unit and person, as the statement has them."""
    told = house.workflow.statement(house.actor("shen"), since=month, until=month, zone=SHANGHAI, **asked)
    return {
        (unit.unit and unit.unit.name.en, line.person and line.person.name.en): line.cents
        for unit in told.units
        for line in unit.lines
    }


def proven(house: House, *stories: Story) -> None:
    """Everything is what its history gives, and the rules give the histories and the customer's record again."""
    with house.workflow.database.reading() as connection:
        prove(connection, house.workflow.library)
    desk = replays.Replays(house.workflow)
    for case in (*(story.id for story in stories), house.customer):
        verdict = desk.film(case, SYSTEM).verdict
        assert (verdict.differences, verdict.unchecked, verdict.reproduced) == ((), (), verdict.steps)
