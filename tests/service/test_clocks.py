"""Clocks are amended, held, resumed, raised again; what they did stays on record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.office import Office, library
from tests.support.proof import prove
from tests.support.timed import LIFECYCLE, timed
from workflow.core.errors import (
    CaseNotFound,
    ClockNotFound,
    ClockNotHeld,
    ClockNotRunning,
    NotPermitted,
    PauseUsedUp,
    TextEmpty,
)
from workflow.core.step import SYSTEM
from workflow.definitions.library import Library
from workflow.definitions.load import loads
from workflow.service.pauses import pausing
from workflow.service.views.names import Masked
from workflow.storage import housekeeping
from workflow.storage.database import Database
from workflow.storage.queries.measures import Span


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


@pytest.fixture
def place(database: Database) -> Office:
    """Monday, 2 March 2026, 09:00."""
    return Office(database, timed())


def opened(place: Office, **data: Any) -> int:
    return place.workflow.open("timed", customer=place.customer, actor=place.actor("anna"), data=data).id


def clock(place: Office, case: int, name: str = "office") -> Any:
    return place.stored(case).clock(name)


def pull(place: Office, case: int, trigger: str, **form: Any) -> Any:
    return place.workflow.perform(case, trigger, actor=place.actor("anna"), form=form)


def steps(place: Office, case: int, kind: str) -> list[Any]:
    return [step for step in place.workflow.history(case, SYSTEM) if step.kind == kind]


def proven(place: Office) -> None:
    with place.database.reading() as connection:
        prove(connection, timed())


def test_another_priority_amends_the_clock_on_record_and_no_other_clock(place: Office) -> None:
    case = opened(place, priority="low")
    before, tier = clock(place, case), clock(place, case, "tier")
    place.later(hours=2)
    pull(place, case, "rate", priority="high")

    after = clock(place, case)
    amended = steps(place, case, "amend")
    assert (before.due, after.due) == (at("2026-03-04 10:00"), at("2026-03-03 09:30"))
    assert [(one.trigger, one.form["what"]) for one in amended] == [("office", "clock")]
    assert amended[0].form["old"] == int(before.due.timestamp() * 1_000_000)
    assert amended[0].form["new"] == int(after.due.timestamp() * 1_000_000)
    assert clock(place, case, "tier") == tier
    proven(place)


def test_an_amendment_keeps_accrued_pauses_and_amends_a_paused_clock(place: Office) -> None:
    case = opened(place, priority="high")
    place.later(hours=1)
    pull(place, case, "wait")
    place.later(hours=1)
    pull(place, case, "go_on")
    place.later(minutes=30)
    pull(place, case, "wait")
    pull(place, case, "rate", priority="low")

    paused = clock(place, case)
    assert (paused.status, paused.target) == ("paused", "16h")
    place.now = at("2026-03-03 09:00")
    pull(place, case, "go_on")
    # An hour and a half is used up; of 16 h are left seven and a half on Tuesday and seven on Wednesday.
    assert clock(place, case).due == at("2026-03-04 17:30")
    assert [len(steps(place, case, kind)) for kind in ("amend", "pause", "resume")] == [1, 0, 0]
    proven(place)


def test_a_clock_past_due_after_the_change_is_breached_at_the_change(place: Office) -> None:
    case = opened(place, priority="low")
    place.now = at("2026-03-03 17:00")
    place.fire()
    pull(place, case, "rate", priority="high")
    place.fire()

    stands = clock(place, case)
    assert stands.due == at("2026-03-03 09:30")
    assert stands.breached == at("2026-03-03 17:00")
    raised = place.workflow.escalations(place.actor("supervisor")).rows
    assert [(one.level, one.raised) for one in raised] == [(1, at("2026-03-03 17:00"))]
    pull(place, case, "rate", priority="low")
    assert clock(place, case).breached == at("2026-03-03 17:00")
    proven(place)


def test_ended_clocks_are_never_amended(place: Office) -> None:
    case = opened(place, priority="low")
    pull(place, case, "finish")
    met = clock(place, case)
    pull(place, case, "rate", priority="high")

    assert clock(place, case) == met
    assert steps(place, case, "amend") == []


def test_another_tier_of_the_customer_amends_all_its_open_cases(place: Office) -> None:
    case, done = opened(place), opened(place)
    pull(place, done, "finish")
    before, met = clock(place, case, "tier"), clock(place, done, "tier")
    place.workflow.change_customer(place.customer, {"tier": "silver"}, actor=SYSTEM)
    place.fire()

    assert clock(place, case, "tier").due == before.due + timedelta(days=10)
    assert clock(place, done, "tier") == met
    assert [step.trigger for step in steps(place, case, "amend")] == ["tier"]
    assert place.count("recounts") == 0
    proven(place)


def test_a_person_holds_a_clock_and_lets_it_go_with_the_remainder(place: Office) -> None:
    case = opened(place, priority="high")
    place.later(hours=1)
    place.workflow.pause(case, "office", actor=place.actor("anna"), reason="等客户补件")
    held = clock(place, case)
    place.later(hours=4)
    assert place.fire() == 0
    place.workflow.resume(case, "office", actor=place.actor("ben"))
    after = clock(place, case)

    assert (held.status, held.paused) == ("paused", at("2026-03-02 10:00"))
    assert (after.status, after.held) == ("running", 0)
    # From 10:00 to 14:00 two hours and a half of working time.
    assert after.due == at("2026-03-03 12:00")
    assert after.delays[0].step == steps(place, case, "pause")[0].seq
    shown = place.workflow.history(case, place.actor("anna"))[after.delays[0].step - 1]
    assert shown.form == {"reason": "等客户补件"}
    proven(place)


def test_a_held_clock_goes_on_by_itself_when_its_cap_is_used_up(place: Office) -> None:
    case = opened(place, priority="high")
    place.workflow.pause(case, "office", actor=place.actor("anna"), reason="出差")
    place.now = at("2026-03-10 09:00")
    place.fire()
    after = clock(place, case)

    # Eight hours of working time: all of Monday and half an hour of Tuesday.
    assert after.delays[0].until == at("2026-03-03 09:30")
    assert after.breached == after.due == at("2026-03-04 10:00")
    assert [step.actor for step in steps(place, case, "resume")] == [None]
    with pytest.raises(PauseUsedUp):
        place.workflow.pause(case, "office", actor=place.actor("anna"), reason="又出差")
    proven(place)


def test_a_state_that_pauses_and_a_hand_that_pauses_do_not_undo_each_other(place: Office) -> None:
    case = opened(place, priority="high")
    place.workflow.pause(case, "office", actor=place.actor("anna"), reason="等")
    pull(place, case, "wait")
    pull(place, case, "go_on")
    assert clock(place, case).status == "paused"
    pull(place, case, "wait")
    place.workflow.resume(case, "office", actor=place.actor("anna"))
    assert clock(place, case).status == "paused"
    pull(place, case, "go_on")
    assert clock(place, case).status == "running"
    assert clock(place, case).due == at("2026-03-03 09:30")
    proven(place)


def test_who_may_hold_a_clock_and_what_is_refused(place: Office) -> None:
    case, door = opened(place), place.workflow
    with pytest.raises(NotPermitted):
        door.pause(case, "office", actor=place.actor("supervisor"), reason="不可")
    with pytest.raises(NotPermitted):
        door.pause(case, "tier", actor=place.actor("anna"), reason="不可")
    with pytest.raises(TextEmpty):
        door.pause(case, "office", actor=place.actor("anna"), reason=" ")
    with pytest.raises(ClockNotHeld):
        door.resume(case, "office", actor=place.actor("anna"))
    pull(place, case, "wait")
    with pytest.raises(ClockNotRunning):
        door.pause(case, "office", actor=place.actor("anna"), reason="等")
    assert place.count("refusals") == 5


def test_an_escalation_nobody_answers_is_raised_again_once_an_interval(place: Office) -> None:
    case = opened(place, priority="high")
    place.now = at("2026-03-04 09:00")
    place.fire()
    first = place.stored(case).escalations[0]
    raised = []
    # 24 h are counted in the clock's calendar: three working days and an hour and a half.
    for moment in ("2026-03-06 10:59", "2026-03-06 11:00", "2026-03-11 14:00", "2026-03-16 15:30"):
        place.now = at(moment)
        place.fire()
        raised.append(next((e.raised, e.again) for e in place.stored(case).escalations if e.level == 1))

    assert (first.level, first.raised, first.again) == (1, at("2026-03-03 09:30"), 0)
    assert raised == [
        (at("2026-03-03 09:30"), 0),
        (at("2026-03-06 11:00"), 1),
        (at("2026-03-11 14:00"), 2),
        (at("2026-03-16 15:30"), 3),
    ]
    assert place.count("escalations WHERE level = 1") == 4
    assert place.count("escalations WHERE level = 1 AND ended IS NULL") == 1
    latest = next(e for e in place.stored(case).escalations if e.level == 1)
    place.workflow.acknowledge(case, latest.no, actor=place.actor("supervisor"))
    place.now = at("2026-04-20 09:00")
    place.fire()
    assert next(e for e in place.stored(case).escalations if e.level == 1).no == latest.no
    proven(place)


def test_the_whole_ladder_before_and_after_due_once_and_in_order(place: Office) -> None:
    case = opened(place, priority="high")
    place.now = at("2026-03-16 09:00")
    place.fire()
    found = [
        (step.kind, step.effective) for step in place.workflow.history(case, SYSTEM) if step.kind in ("rung", "timer")
    ]
    due = at("2026-03-03 09:30")
    kinds = [one for one in found if one[1] < at("2026-03-06 09:00")]

    assert [moment for _, moment in kinds][:3] == [at("2026-03-02 14:30"), at("2026-03-02 17:30"), due]
    assert ("timer", at("2026-03-03 15:00")) in kinds
    assert ("rung", at("2026-03-04 09:30")) in kinds
    levels = {e.level for e in place.stored(case).escalations}
    assert levels == {1, 2}
    assert {task.role for task in place.stored(case).tasks} == {"supervisor"}
    moments = [moment for _, moment in found]
    assert moments == sorted(moments)
    proven(place)


def test_a_reopened_case_has_its_ladder_again(place: Office) -> None:
    case = opened(place, priority="high")
    place.now = at("2026-03-03 17:00")
    place.fire()
    pull(place, case, "finish")
    pull(place, case, "reopen")
    second = clock(place, case)
    assert (second.run, second.rung, second.started) == (2, 0, at("2026-03-03 17:00"))
    assert not any(e.run == 1 for e in place.stored(case).escalations)
    place.now = at("2026-03-05 17:00")
    place.fire()

    assert clock(place, case).breached == at("2026-03-04 17:30")
    assert {(e.run, e.level) for e in place.stored(case).escalations} == {(2, 1)}
    proven(place)


def test_a_due_time_explains_itself_with_the_calendar_and_the_pauses_it_was_counted_with(place: Office) -> None:
    case = opened(place, priority="high")
    place.later(hours=1)
    place.workflow.pause(case, "office", actor=place.actor("anna"), reason="等客户补件")
    place.later(hours=1)
    going_on = place.workflow.explain(case, "office", place.actor("anna"))
    place.workflow.resume(case, "office", actor=place.actor("anna"))
    place.later(minutes=30)
    told = place.workflow.explain(case, "office", place.actor("anna"))
    auditor = place.workflow.explain(case, "office", place.actor("auditor"))

    assert (going_on.pauses[0].until, going_on.standing.elapsed, going_on.may_resume) == (None, 3600, True)
    assert told.lines[-1].since == clock(place, case).due == at("2026-03-03 10:30")
    assert [line.kind for line in told.lines if line.kind == "paused"] == ["paused"]
    assert (told.standing.elapsed, told.standing.remaining) == (5400, 23_400)
    assert [(one.who.name.en, one.reason) for one in told.pauses if one.who] == [("Anna", "等客户补件")]
    assert (told.may_pause, told.may_resume, told.asks_reason) == (True, False, True)
    assert auditor.pauses[0].reason == Masked("withheld")
    assert not auditor.may_pause
    with pytest.raises(ClockNotFound):
        place.workflow.explain(case, "lunar", place.actor("anna"))
    with pytest.raises(CaseNotFound):
        place.workflow.explain(case, "office", place.actor("carl"))


def test_a_breach_noticed_late_in_an_outage_says_so_and_one_people_are_late_for_does_not(place: Office) -> None:
    late, other = opened(place, priority="high"), opened(place, priority="low")
    with place.database.writing() as connection:
        housekeeping.beat(connection, "one", started=place.now, at=at("2026-03-03 09:00"), gap=timedelta(minutes=1))
        housekeeping.beat(connection, "one", started=place.now, at=at("2026-03-03 12:00"), gap=timedelta(minutes=1))
    place.now = at("2026-03-03 12:00")
    place.fire()
    place.now = at("2026-03-04 10:00") + timedelta(seconds=1)
    place.fire()

    overdue = {row.case: row for row in place.workflow.overdue(place.actor("supervisor")).rows if row.name == "office"}
    assert (overdue[late].breached, overdue[late].outage) == (at("2026-03-03 09:30"), True)
    assert (overdue[other].breached, overdue[other].outage) == (at("2026-03-04 10:00"), False)
    raised = {
        row.case: row.outage for row in place.workflow.escalations(place.actor("supervisor")).rows if row.level == 1
    }
    assert raised == {late: True, other: False}


def test_a_table_without_a_length_stops_the_clock_and_one_with_a_length_starts_it(database: Database) -> None:
    text = LIFECYCLE.replace('gold: 10d, silver: 20d, "*": 30d', "gold: 10d")
    rules = Library({"timed": loads(text, calendars=timed().calendars)}, timed().calendars)
    place = Office(database, rules)
    case = opened(place)
    place.later(days=1)
    place.workflow.change_customer(place.customer, {"tier": "silver"}, actor=SYSTEM)
    place.fire()
    stopped = clock(place, case, "tier")
    place.later(days=1)
    place.workflow.change_customer(place.customer, {"tier": "gold"}, actor=SYSTEM)
    place.fire()
    started = clock(place, case, "tier")

    assert (stopped.run, stopped.status, stopped.breached) == (1, "stopped", None)
    assert (started.run, started.status, started.started) == (2, "running", place.now)
    with place.database.reading() as connection:
        prove(connection, rules)


def test_pauses_that_are_over_belong_to_the_period_in_which_they_ended(database: Database) -> None:
    """A clock may stand still several times; a pause that goes on is not over."""
    text = LIFECYCLE.replace("form: [priority!]}", "form: [priority!], effects: [{pause: office}]}")
    place = Office(database, Library({"timed": loads(text, calendars=timed().calendars)}, timed().calendars))
    by_state, by_hand, by_step, still = (opened(place, priority="low") for _ in range(4))
    begun = place.now
    for case in (by_state, still):
        pull(place, case, "wait")
    place.later(hours=30)
    place.workflow.pause(by_hand, "office", actor=place.actor("anna"), reason="等客户补件")
    pull(place, by_step, "rate", priority="low")
    pull(place, by_state, "go_on")
    middle = place.now
    place.later(hours=2)
    place.workflow.resume(by_hand, "office", actor=place.actor("anna"))
    pull(place, by_state, "wait")
    place.later(hours=1)
    pull(place, by_state, "go_on")
    place.workflow.resume(by_step, "office", actor=place.actor("anna"))
    place.later(hours=1)

    def over(since: datetime, until: datetime, login: str = "supervisor") -> list[tuple[int, float, str]]:
        found = place.workflow.pauses_over(place.actor(login), Span((since, until)))
        assert all(one.clock.name == "office" and one.since + one.length == one.until for one in found)
        return [(one.clock.case, one.length / timedelta(hours=1), one.by) for one in found]

    late = place.now
    assert over(begun, late) == [
        (by_state, 30, "state"),
        (by_step, 3, "step"),
        (by_hand, 2, "hand"),
        (by_state, 1, "state"),
    ]
    assert over(begun, middle) == []
    assert over(middle, middle + timedelta(hours=1)) == [(by_state, 30, "state")]
    assert over(middle + timedelta(hours=3), late) == [(by_step, 3, "step"), (by_state, 1, "state")]
    assert over(begun, late, "stranger") == []
    assert {one.clock.case for one in place.workflow.pauses(place.actor("supervisor"))} == {still}


def test_a_clock_that_a_dispute_lets_stand_still_is_looked_for_too() -> None:
    """One may be paused by what a step brings along, and not by its state or by hand."""
    assert {name: found for name, one in library().latest.items() if (found := pausing(one))} == {
        "account": {"window"},
        "discount": {"decide"},
    }
