"""A case that goes to a unit with another calendar is counted by it from that moment, on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.office import Office, library
from tests.support.proof import prove
from workflow.core.errors import CaseNotFound, DueNotFound
from workflow.core.moments import micros
from workflow.core.step import SYSTEM
from workflow.definitions.library import Library
from workflow.definitions.load import loads
from workflow.storage.database import Database

MOVING = """\
# A case that is handed to another unit, with everything that can be due.
definition: moving
version: 1
title: {zh: 移交, en: Moving}
prefix: YJ
opened_by: [account_manager]
start: [place]
data: {place: {type: unit, title: {zh: 单位, en: Unit}}}
phases: {all: {zh: 全部, en: All}}
roles: {worker: {role: account_manager, of: customer.a}, boss: {role: supervisor, of: unit}}
initial: open
states:
  open:
    phase: all
    title: {zh: 进行, en: Open}
    tasks: {work: {title: {zh: 办理, en: Work}, role: worker, triggers: [send, finish, hand], within: 1wd}}
    timers: [{name: nudge, after: 2wd, remind: worker, text: {zh: 请办理。, en: Please see to it.}}]
  there:
    phase: all
    title: {zh: 已移交, en: There}
    tasks: {take: {title: {zh: 接手, en: Take}, role: worker, triggers: [finish], within: 1wd}}
  over: {phase: all, title: {zh: 办结, en: Over}, final: true}
transitions:
  - {trigger: send, title: {zh: 划转, en: Send}, from: open, by: worker, effects: [{move: data.place}]}
  - {trigger: hand, title: {zh: 移交, en: Hand}, from: open, to: there, by: worker, effects: [{move: data.place}]}
  - {trigger: finish, title: {zh: 办结, en: Finish}, from: [open, there], to: over, by: worker}
clocks:
  office:
    title: {zh: 时限, en: Office}
    runs_in: [open, there]
    met_on: over
    target: 8h
    calendar: working
    ladder: [{at: 50%, remind: worker}, {at: 100%, escalate: boss, level: 1}]
  plain: {title: {zh: 自然时限, en: Plain}, runs_in: [open, there], met_on: over, target: 48h}
"""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


@cache
def moving() -> Library:
    calendars = library().calendars
    return Library({"moving": loads(MOVING, calendars=calendars)}, calendars)


@pytest.fixture
def place(database: Database) -> Office:
    """Monday, 2 March 2026, 09:00. The county works from eight to four."""
    office = Office(database, moving())
    working = office.workflow.calendars()["working"]
    early = replace(working, windows=dict.fromkeys(range(5), ((480, 960),))).renamed("early")
    office.workflow.bring_calendar(early, actor=SYSTEM)
    office.workflow.set_calendar(office.units["county"], "early", actor=office.actor("root"))
    recounted(office)
    return office


def recounted(place: Office) -> None:
    """Let everything be computed again that was asked for."""
    while place.count("recounts"):
        place.workflow.recount()


def opened(place: Office, to: str) -> int:
    data = {"place": place.units[to]}
    return place.workflow.open("moving", customer=place.customer, actor=place.actor("anna"), data=data).id


def pull(place: Office, case: int, trigger: str) -> None:
    place.workflow.perform(case, trigger, actor=place.actor("anna"))


def amended(place: Office, case: int) -> list[dict[str, Any]]:
    return [dict(step.form) for step in place.workflow.history(case, SYSTEM) if step.kind == "amend"]


def test_everything_open_is_counted_by_the_calendar_of_the_new_unit_at_once(place: Office) -> None:
    case = opened(place, "county")
    before = place.stored(case)
    place.later(hours=1)
    pull(place, case, "send")
    after = place.stored(case)

    assert (before.clock("office").due, after.clock("office").due) == (at("2026-03-03 09:30"), at("2026-03-03 09:00"))
    assert (before.clock("office").calendar, after.clock("office").calendar) == ("working", "early")
    assert (before.tasks[0].due, after.tasks[0].due) == (at("2026-03-03 09:00"), at("2026-03-03 09:00"))
    assert after.clock("plain") == before.clock("plain")
    form = {"what": "clock", "old": micros(at("2026-03-03 09:30")), "new": micros(at("2026-03-03 09:00"))}
    assert amended(place, case) == [{**form, "cause": "unit", "calendar": "early", "version": 1}]
    assert place.count("recounts") == 0
    place.now = at("2026-03-03 09:01")
    place.fire()
    assert place.stored(case).clock("office").breached == at("2026-03-03 09:00")
    with place.database.reading() as connection:
        prove(connection, moving())


def test_what_opens_in_the_same_step_is_counted_by_it_from_the_start(place: Office) -> None:
    case = opened(place, "county")
    place.now = at("2026-03-02 17:00")
    pull(place, case, "hand")

    # The county has closed at four: a working day counts from eight on Tuesday.
    assert place.stored(case).tasks[0].due == at("2026-03-04 08:00")
    assert place.stored(case).clock("office").due == at("2026-03-03 09:00")
    assert [one["cause"] for one in amended(place, case)] == ["unit"]


def test_a_clock_that_turns_out_to_be_past_is_breached_at_the_move(place: Office) -> None:
    case = opened(place, "county")
    place.now = at("2026-03-03 09:10")
    pull(place, case, "send")

    assert place.stored(case).clock("office").breached == at("2026-03-03 09:10")


def test_a_unit_with_the_same_calendar_amends_nothing(place: Office) -> None:
    case = opened(place, "works")
    before = place.stored(case)
    pull(place, case, "send")

    assert place.stored(case).unit == place.units["works"]
    assert place.stored(case).clocks == before.clocks
    assert amended(place, case) == []


def test_every_due_time_beside_the_clocks_explains_itself(place: Office) -> None:
    case, anna = opened(place, "county"), place.actor("anna")
    work, nudge = place.stored(case).tasks[0], next(t for t in place.stored(case).timers if t.kind == "state")
    door = place.workflow
    task, timer = (door.explain_due(case, no, anna) for no in (work.no, nudge.no))

    assert (task.kind, task.name, task.lines[0].target) == ("task", "work", "1wd")
    assert task.lines[-1].since == task.due == work.due
    assert (timer.kind, timer.name, timer.lines[-1].since) == ("state", "nudge", nudge.due)
    assert (task.calendar.name, task.calendar.version) == ("working", 1)


def test_before_the_sweep_comes_by_a_due_time_is_explained_as_it_was_counted(place: Office) -> None:
    case, anna = opened(place, "county"), place.actor("anna")
    place.workflow.adopt_calendars()
    working = place.workflow.calendars()["working"]
    later = replace(working, windows=dict.fromkeys(range(5), ((600, 1080),)))
    place.workflow.bring_calendar(later, actor=SYSTEM)
    no = place.stored(case).tasks[0].no
    waiting = place.workflow.explain_due(case, no, anna)
    place.fire()
    counted = place.workflow.explain_due(case, no, anna)

    assert (waiting.calendar.version, waiting.lines[-1].since) == (1, at("2026-03-03 09:00"))
    assert (counted.calendar.version, counted.lines[-1].since) == (2, at("2026-03-03 10:00"))


def test_what_had_passed_when_it_was_computed_says_so(place: Office) -> None:
    place.now = at("2026-03-07 10:00")
    case, anna = opened(place, "county"), place.actor("anna")
    place.now = at("2026-03-10 12:00")
    # Saturday and Sunday turn out to have been worked: two working days after Saturday is Monday.
    working = place.workflow.calendars()["working"]
    weekend = {at(f"2026-03-0{day} 12:00").date(): ((540, 1080),) for day in (7, 8)}
    place.workflow.bring_calendar(replace(working, extra={**working.extra, **weekend}), actor=SYSTEM)
    recounted(place)
    nudge = next(t for t in place.stored(case).timers if t.kind == "state")
    told = place.workflow.explain_due(case, nudge.no, anna)

    assert nudge.due == at("2026-03-10 12:00")
    assert [(line.kind, line.since) for line in told.lines[-2:]] == [
        ("passed", at("2026-03-09 10:00")),
        ("due", at("2026-03-10 12:00")),
    ]
    with pytest.raises(DueNotFound):
        place.workflow.explain_due(case, 999, anna)
    with pytest.raises(CaseNotFound):
        place.workflow.explain_due(case, nudge.no, place.actor("carl"))
