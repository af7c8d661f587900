"""A ladder is armed again after a return and a reopening, kept through reassignment, and gone when its clock is met."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.support.office import Office
from tests.support.proof import prove
from tests.support.timed import timed
from workflow.core.step import SYSTEM
from workflow.service.views.lists import Filters
from workflow.storage.database import Database


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


@pytest.fixture
def place(database: Database) -> Office:
    """Monday, 2 March 2026, 09:00."""
    return Office(database, timed())


def opened(place: Office) -> int:
    data = {"priority": "high"}
    return place.workflow.open("timed", customer=place.customer, actor=place.actor("anna"), data=data).id


def pull(place: Office, case: int, trigger: str, login: str = "anna") -> None:
    place.workflow.perform(case, trigger, actor=place.actor(login))


def ladder(place: Office, case: int) -> list[datetime]:
    """When each step of the ladder was taken, in order."""
    steps = place.workflow.history(case, SYSTEM)
    return [step.effective for step in steps if step.kind in ("rung", "timer")]


def run_to(place: Office, moment: str) -> None:
    place.now = at(moment)
    place.fire()


def proven(place: Office) -> None:
    with place.database.reading() as connection:
        prove(connection, timed())


WHOLE = ["2026-03-02 14:30", "2026-03-02 17:30", "2026-03-03 09:30", "2026-03-03 15:00", "2026-03-04 09:30"]
"""Half of eight hours, an hour before due, due, four hours and a working day after it."""


def test_a_return_through_a_waiting_state_moves_every_step_that_is_left_and_repeats_none(place: Office) -> None:
    case = opened(place)
    run_to(place, "2026-03-02 15:00")
    pull(place, case, "wait")
    run_to(place, "2026-03-04 15:00")
    assert ladder(place, case) == [at(WHOLE[0])]
    assert not [t for t in place.stored(case).timers if t.kind == "rung" and t.name == "office"]

    pull(place, case, "go_on")
    run_to(place, "2026-03-07 12:00")

    # Fifteen hours of working time were waited through: every moment that was left is as much later.
    assert ladder(place, case) == [at(WHOLE[0]), *(at(moment) for moment in (
        "2026-03-04 17:30", "2026-03-05 09:30", "2026-03-05 15:00", "2026-03-06 09:30",
    ))]  # fmt: skip
    proven(place)


def test_a_reopened_case_goes_up_the_whole_ladder_again(place: Office) -> None:
    case = opened(place)
    run_to(place, "2026-03-05 09:00")
    first = ladder(place, case)
    pull(place, case, "finish")
    pull(place, case, "reopen")
    run_to(place, "2026-03-09 09:00")
    second = ladder(place, case)[len(first) :]

    assert first == [at(moment) for moment in WHOLE]
    assert second == [at(moment) for moment in (
        "2026-03-05 14:30", "2026-03-05 17:30", "2026-03-06 09:30", "2026-03-06 15:00",
    )]  # fmt: skip
    assert {e.run for e in place.stored(case).escalations} == {2}
    proven(place)


def test_whoever_has_the_work_the_ladder_stays_as_it_is(place: Office) -> None:
    kept, moved = opened(place), opened(place)
    work = place.stored(moved).tasks[0].no
    place.workflow.claim(moved, work, actor=place.actor("anna"))
    run_to(place, "2026-03-02 15:00")
    place.workflow.delegate(moved, work, to=place.people["ben"], actor=place.actor("anna"))
    run_to(place, "2026-03-03 10:00")
    place.workflow.reassign(moved, work, to=place.people["ben"], reason="病假", actor=place.actor("supervisor"))
    run_to(place, "2026-03-05 09:00")

    assert ladder(place, moved) == ladder(place, kept) == [at(moment) for moment in WHOLE]
    assert place.stored(moved).clock("office").due == place.stored(kept).clock("office").due
    proven(place)


def test_nothing_of_a_ladder_is_left_when_its_clock_is_met(place: Office) -> None:
    case = opened(place)
    run_to(place, "2026-03-03 10:00")
    before = place.stored(case)
    pull(place, case, "finish")
    after = place.stored(case)
    run_to(place, "2026-04-20 09:00")

    assert {t.kind for t in before.timers if t.name == "office"} == {"rung", "again"}
    assert [t for t in after.timers if t.name == "office"] == []
    assert after.escalations == ()
    assert ladder(place, case) == [at(moment) for moment in WHOLE[:3]]


def test_a_breach_stays_whatever_moves_the_due_time_next(place: Office) -> None:
    case = opened(place)
    run_to(place, "2026-03-03 10:00")
    breach = place.stored(case).clock("office")
    assert breach.breached == at("2026-03-03 09:30")

    place.workflow.perform(case, "rate", form={"priority": "low"}, actor=place.actor("anna"))
    longer = place.stored(case).clock("office")
    pull(place, case, "wait")
    place.later(days=2)
    pull(place, case, "go_on")
    place.workflow.pause(case, "office", reason="等客户", actor=place.actor("anna"))
    place.later(hours=1)
    place.workflow.resume(case, "office", actor=place.actor("anna"))
    pull(place, case, "finish")
    pull(place, case, "reopen")
    first, second = (one for one in place.stored(case).clocks if one.name == "office")

    assert longer.due > breach.due
    assert longer.breached == first.breached == at("2026-03-03 09:30")
    assert longer.noticed == first.noticed == breach.noticed
    assert first.status == "met"
    assert (second.run, second.breached) == (2, None)
    proven(place)


def test_an_escalation_lives_from_being_raised_to_being_acted_on_and_ended(place: Office) -> None:
    case, door = opened(place), place.workflow
    run_to(place, "2026-03-03 10:00")
    [raised] = door.case(case, SYSTEM).escalations
    door.acknowledge(case, raised.no, actor=place.actor("supervisor"))
    place.later(minutes=5)
    [seen] = door.escalations(place.actor("supervisor")).rows
    work = place.stored(case).tasks[0].no
    door.reassign(case, work, to=place.people["ben"], reason="改派", actor=place.actor("supervisor"))
    place.later(minutes=5)
    [acted] = door.escalations(place.actor("supervisor")).rows
    pull(place, case, "finish", "ben")
    [ended] = door.escalations(place.actor("supervisor"), filters=Filters(closed=True)).rows

    assert (raised.raised, raised.recorded) == (at("2026-03-03 09:30"), at("2026-03-03 10:00"))
    assert [one.name.en for one in raised.told] == ["Supervisor"]
    assert (raised.acknowledged, raised.acted, raised.outcome) == (None, None, None)
    assert (seen.acknowledged_by.name.en if seen.acknowledged_by else "", seen.acted) == ("Supervisor", None)
    assert acted.acted is not None
    assert (acted.acted.kind, acted.acted.actor.name.en if acted.acted.actor else "") == ("reassign", "Supervisor")
    assert acted.acted.effective == at("2026-03-03 10:05")
    assert (ended.outcome, ended.ended, ended.acted) == ("met", at("2026-03-03 10:10"), acted.acted)


def test_one_nobody_answers_ends_by_being_raised_again(place: Office) -> None:
    case = opened(place)
    run_to(place, "2026-03-06 12:00")
    first, *_, last = sorted(
        (one for one in place.workflow.case(case, SYSTEM).escalations if one.level == 1), key=lambda one: one.raised
    )

    assert (first.outcome, first.ended, last.again, last.ended) == ("again", last.raised, 1, None)


def test_one_nobody_answers_is_raised_again_whoever_has_the_work_meanwhile(place: Office) -> None:
    case = opened(place)
    run_to(place, "2026-03-03 10:00")
    [first] = place.stored(case).escalations
    work = place.stored(case).tasks[0].no
    place.workflow.reassign(case, work, to=place.people["ben"], reason="病假", actor=place.actor("supervisor"))
    run_to(place, "2026-03-06 11:00")

    again = next(one for one in place.stored(case).escalations if one.level == 1)
    assert (first.again, again.again, again.raised) == (0, 1, at("2026-03-06 11:00"))
    assert again.persons == first.persons != ()
    told = [one for one in place.workflow.notices(place.actor("supervisor")).rows if one.kind == "escalation"]
    assert len(told) == 2
    proven(place)
