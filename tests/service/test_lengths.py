"""Tasks and timers whose length comes from a table follow what it is chosen by, on record, as clocks do."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.office import Office, library
from tests.support.proof import prove
from workflow.core.moments import micros
from workflow.core.step import SYSTEM
from workflow.definitions.library import Library
from workflow.definitions.load import loads
from workflow.storage.database import Database

URGENT = """\
# How long a task and a timer may take is chosen by what was filled in, and by the customer's tier.
definition: urgent
version: 1
title: {zh: 急件, en: Urgent}
prefix: JJ
opened_by: [account_manager]
start: [priority]
data:
  priority: {type: choice, title: {zh: 优先级, en: Priority}, of: {high: {zh: 高, en: High}, low: {zh: 低, en: Low}}}
phases: {all: {zh: 全部, en: All}}
roles: {worker: {role: account_manager, of: customer.a}}
initial: open
states:
  open:
    phase: all
    title: {zh: 进行, en: Open}
    tasks:
      work:
        title: {zh: 办理, en: Work}
        role: worker
        triggers: [rate, finish]
        within: {by: data.priority, high: 1d, low: 3d}
      visit:
        title: {zh: 走访, en: Visit}
        role: worker
        done: []
        within: {by: customer.tier, gold: 2d, "*": 9d}
      fixed: {title: {zh: 归档, en: File}, role: worker, done: [], within: 5d}
    timers:
      - {name: nudge, after: {by: data.priority, high: 4h, low: 30h}, remind: worker}
      - {name: again, after: 40h, remind: worker}
  over: {phase: all, title: {zh: 办结, en: Over}, final: true}
transitions:
  - {trigger: rate, title: {zh: 定级, en: Rate}, from: open, by: worker, form: [priority]}
  - {trigger: finish, title: {zh: 办结, en: Finish}, from: open, to: over, by: worker}
"""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


@cache
def urgent() -> Library:
    calendars = library().calendars
    return Library({"urgent": loads(URGENT, calendars=calendars)}, calendars)


@pytest.fixture
def place(database: Database) -> Office:
    """Monday, 2 March 2026, 09:00."""
    return Office(database, urgent())


def opened(place: Office, priority: str | None) -> int:
    data = {"priority": priority} if priority else {}
    return place.workflow.open("urgent", customer=place.customer, actor=place.actor("anna"), data=data).id


def rate(place: Office, case: int, priority: str) -> None:
    place.workflow.perform(case, "rate", actor=place.actor("anna"), form={"priority": priority})


def due(place: Office, case: int, name: str) -> datetime | None:
    stored = place.stored(case)
    return next(x.due for x in (*stored.tasks, *stored.timers) if x.name == name)


def amended(place: Office, case: int) -> list[dict[str, Any]]:
    steps = place.workflow.history(case, SYSTEM)
    return [{"name": step.trigger, **step.form} for step in steps if step.kind == "amend"]


def proved(place: Office) -> None:
    with place.database.reading() as connection:
        prove(connection, urgent())


def test_another_priority_moves_the_task_and_the_timer_and_nothing_else(place: Office) -> None:
    case = opened(place, "low")
    place.later(hours=1)
    rate(place, case, "high")

    assert due(place, case, "work") == at("2026-03-03 09:00")
    assert due(place, case, "nudge") == at("2026-03-02 13:00")
    assert due(place, case, "fixed") == at("2026-03-07 09:00")
    assert due(place, case, "again") == at("2026-03-04 01:00")
    old, new = micros(at("2026-03-05 09:00")), micros(at("2026-03-03 09:00"))
    assert amended(place, case) == [
        {"name": "work", "what": "task", "old": old, "new": new, "cause": "data"},
        {
            "name": "nudge",
            "what": "state",
            "old": micros(at("2026-03-03 15:00")),
            "new": micros(at("2026-03-02 13:00")),
            "cause": "data",
        },
    ]
    place.later(hours=3)
    place.fire()
    assert [t.name for t in place.stored(case).timers] == ["again"]
    proved(place)


def test_a_timer_that_turns_out_to_be_past_fires_at_the_change_and_one_that_fired_does_not_come_back(
    place: Office,
) -> None:
    case = opened(place, "low")
    place.later(hours=10)
    rate(place, case, "high")
    assert due(place, case, "nudge") == place.now
    place.fire()
    rate(place, case, "low")

    assert [t.name for t in place.stored(case).timers] == ["again"]
    reminded = [step for step in place.workflow.history(case, SYSTEM) if step.kind == "remind"]
    assert [step.effective for step in reminded] == [place.now]
    proved(place)


def test_a_task_without_a_length_gets_one_when_there_is_one(place: Office) -> None:
    case = opened(place, None)
    assert due(place, case, "work") is None
    place.later(hours=1)
    rate(place, case, "high")

    assert due(place, case, "work") == at("2026-03-03 09:00")
    [told] = [one for one in amended(place, case) if one["name"] == "work"]
    assert (told["old"], told["new"]) == (None, micros(at("2026-03-03 09:00")))
    proved(place)


def test_the_same_answer_again_amends_nothing(place: Office) -> None:
    case = opened(place, "low")
    place.later(hours=1)
    rate(place, case, "low")
    assert amended(place, case) == []


def test_another_tier_of_the_customer_moves_the_task_counted_by_it(place: Office) -> None:
    case = opened(place, "low")
    assert due(place, case, "visit") == at("2026-03-04 09:00")
    place.later(hours=1)
    place.workflow.change_customer(place.customer, {"tier": "silver"}, actor=SYSTEM)
    place.fire()

    assert due(place, case, "visit") == at("2026-03-11 09:00")
    [told] = amended(place, case)
    assert (told["name"], told["what"], told["cause"]) == ("visit", "task", "customer")
    proved(place)
