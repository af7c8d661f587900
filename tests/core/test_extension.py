"""A clock is extended in its own kind of days, and never by more than its share."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest

from tests.core.test_histories import Paper
from tests.support.office import library
from workflow.core import clocks
from workflow.core.step import Actor
from workflow.core.work import Decision, Work
from workflow.definitions.load import loads

LIFECYCLE = """\
# A clock of ten days that may be extended.
definition: longer
version: 1
title: {{zh: 延长, en: Longer}}
prefix: YC
opened_by: [account_manager]
phases: {{all: {{zh: 全部, en: All}}}}
roles: {{worker: {{role: account_manager, of: unit}}}}
initial: open
states:
  open:
    phase: all
    title: {{zh: 进行, en: Open}}
    tasks: {{work: {{title: {{zh: 办理, en: Work}}, role: worker, triggers: [finish]}}}}
  over: {{phase: all, title: {{zh: 办结, en: Over}}, final: true}}
transitions:
  - {{trigger: finish, title: {{zh: 办结, en: Finish}}, from: open, to: over, by: worker}}
clocks:
  term:
    title: {{zh: 期限, en: Term}}
    runs_in: [open]
    met_on: over
    target: 10d
    calendar: {calendar}
    ladder: [{{at: 50%, remind: worker}}]
"""


def work_on(calendar: str) -> Work:
    """Monday 09:00 in Shanghai, 5 January 2026, the clock just started."""
    rules = loads(LIFECYCLE.format(calendar=calendar), calendars=library().calendars)
    paper = Paper(rules, Random(1))
    now = paper.now
    return Work(rules, Decision(paper.case), paper.case, paper.world(), actor=Actor(1), at=now, recorded=now)


@pytest.mark.parametrize("calendar", ["natural", "working"])
def test_half_of_ten_days_is_five_days_in_either_kind_of_time(calendar: str) -> None:
    work = work_on(calendar)

    assert clocks.most_days(work, "term", Decimal(50)) == 5
    assert not clocks.extend(work, "term", 6, Decimal(50))
    assert not clocks.extend(work, "term", 0, Decimal(50))
    assert clocks.extend(work, "term", 5, Decimal(50))


@pytest.mark.parametrize(
    ("calendar", "due"),
    [("natural", datetime(2026, 1, 20, 1, tzinfo=UTC)), ("working", datetime(2026, 1, 26, 1, tzinfo=UTC))],
)
def test_days_off_count_only_in_natural_time(calendar: str, due: datetime) -> None:
    work = work_on(calendar)

    clocks.extend(work, "term", 5, Decimal(50))

    clock = work.case.clock("term")
    assert clock is not None
    assert (clock.due, clock.extended) == (due, 1)
