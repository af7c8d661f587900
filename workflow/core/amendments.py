"""Due times that move because what they were computed from has changed: each such move is a step of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal

from workflow.core import clocks, stations
from workflow.core.calendar import Calendar
from workflow.core.case import Case, Task, Timer
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.targets import AnyTarget, Target
from workflow.core.moments import micros
from workflow.core.step import SYSTEM
from workflow.core.work import Decision, Work
from workflow.core.world import World

Cause = Literal["calendar", "unit", "customer", "data"]
"""What a due time moved for: a calendar, the unit the case is in, its customer, or what was filled in."""


def repicked(
    definition: Definition, decision: Decision, case: Case, world: World, *, at: datetime, recorded: datetime
) -> Case:
    """Amend what takes its length from a table that gives another one after the last step; gives the case after it.

    These are clocks, tasks and timers of the state. A task for which there is no length any more has no due time; a
    timer keeps its own.

    What another case, or nobody's case, did to the customer is not asked for here: a timer that fires late would
    take it for known at the moment it was due.
    """
    if not definition.picks_lengths:
        return case
    case = _repicked_clocks(definition, decision, case, world, at=at, recorded=recorded)
    state = definition.states[case.state]
    tasks = {rule.name for rule in state.tasks if rule.within is not None and _may_differ(rule.within, decision)}
    timers = {rule.name for rule in state.timers if _may_differ(rule.after, decision)}
    for task in case.tasks if tasks else ():
        work = Work(definition, decision, case, world, actor=SYSTEM, at=at, recorded=recorded)
        if task.name in tasks and _task(work, task):
            case = _finished(work, "task", task.name, old=task.due, task=task.no, cause="data")
    for timer in case.timers if timers else ():
        work = Work(definition, decision, case, world, actor=SYSTEM, at=at, recorded=recorded)
        if timer.kind == "state" and timer.name in timers and _timer(work, timer):
            case = _finished(work, timer.kind, timer.name, old=timer.due, cause="data")
    return case


def _repicked_clocks(
    definition: Definition, decision: Decision, case: Case, world: World, *, at: datetime, recorded: datetime
) -> Case:
    rules = [rule for rule in definition.clocks.values() if _may_differ(rule.target, decision)]
    if not rules:
        return case
    work = Work(definition, decision, case, world, actor=SYSTEM, at=at, recorded=recorded)
    for rule, clock in clocks.repicked(work, rules):
        if clocks.amend(work, rule, clock):
            case = _finished(work, "clock", rule.name, old=clock.due, cause="data")
            work = Work(definition, decision, case, world, actor=SYSTEM, at=at, recorded=recorded)
    for rule in rules:
        if clocks.begin_late(work, rule):
            case = _finished(work, "clock", rule.name, old=None, cause="data")
            work = Work(definition, decision, case, world, actor=SYSTEM, at=at, recorded=recorded)
    return case


def everything(
    definition: Definition,
    decision: Decision,
    case: Case,
    world: World,
    *,
    at: datetime,
    recorded: datetime,
    cause: Cause,
) -> Case:
    """Compute every open clock, task and timer of a case again; gives the case after it."""

    def begun() -> Work:
        return Work(definition, decision, case, world, actor=SYSTEM, at=at, recorded=recorded)

    for rule in definition.clocks.values():
        clock = case.clock(rule.name)
        work = begun()
        if clock is not None and clock.status in clocks.LIVE:
            if clocks.amend(work, rule, clock):
                case = _finished(work, "clock", rule.name, old=clock.due, cause=cause, by=_counted(work, rule.name))
        elif not isinstance(rule.target, Target) and clocks.begin_late(work, rule):
            case = _finished(work, "clock", rule.name, old=None, cause=cause, by=_counted(work, rule.name))
    for task in case.tasks:
        work = begun()
        if _task(work, task):
            case = _finished(work, "task", task.name, old=task.due, task=task.no, cause=cause, by=_of_task(work, task))
    for timer in case.timers:
        work = begun()
        if _timer(work, timer):
            case = _finished(work, timer.kind, timer.name, old=timer.due, cause=cause, by=_of_timer(work, timer))
    return case


def _may_differ(target: AnyTarget, decision: Decision) -> bool:
    if isinstance(target, Target):
        return False
    return not target.by.startswith("customer.") or bool(decision.customer)


def _task(work: Work, task: Task) -> bool:
    rule = next(r for r in work.definition.states[work.case.state].tasks if r.name == task.name)
    due = None if rule.within is None else stations.reckoned(work, rule.within, rule.calendar, since=task.opened)
    fresh = replace(task, due=due.at if due else None, provisional=due is not None and due.provisional)
    if fresh == task:
        return False
    work.put("task=", fresh)
    return True


def _timer(work: Work, timer: Timer) -> bool:
    """A timer of the state or of a schedule; one that turns out to be past is due now."""
    if timer.kind == "state" and timer.since is not None:
        rule = next(r for r in work.definition.states[work.case.state].timers if r.name == timer.name)
        due = stations.reckoned(work, rule.after, rule.calendar, since=timer.since)
        if due is None:
            return False
        fresh = replace(timer, due=due.at, provisional=due.provisional)
    elif timer.kind == "recurring":
        schedule = work.definition.recurring[timer.name]
        opens, provisional = stations.opens_on(work, schedule, date.fromisoformat(timer.note.removesuffix("?")))
        fresh = replace(timer, due=opens, provisional=provisional)
    else:
        return False
    if fresh == timer or (fresh.due <= work.at and timer.due <= work.at):
        return False
    work.add("timer-", [timer.no])
    work.put("timer+", replace(fresh, no=work.next_no, due=max(fresh.due, work.at)))
    return True


def _counted(work: Work, name: str) -> Calendar | None:
    """The calendar a clock is counted in now; None for natural time."""
    clock = work.case.clock(name)
    return None if clock is None else work.world.calendar(clock.calendar)


def _of_task(work: Work, task: Task) -> Calendar:
    rule = next(r for r in work.definition.states[work.case.state].tasks if r.name == task.name)
    return work.world.calendar(rule.calendar) or work.world.working


def _of_timer(work: Work, timer: Timer) -> Calendar:
    if timer.kind == "recurring":
        name = work.definition.recurring[timer.name].calendar
    else:
        rules = work.definition.states[work.case.state].timers
        name = next(r for r in rules if r.name == timer.name).calendar
    return work.world.calendar(name) or work.world.working


def _finished(
    work: Work,
    what: str,
    name: str,
    *,
    old: datetime | None,
    cause: Cause,
    by: Calendar | None = None,
    task: int | None = None,
) -> Case:
    """One step for one amendment, with the due moment before and after, and the calendar it was computed `by`."""
    new = _due_of(work.case, what, name, task)
    form: dict[str, Any] = {"what": what, "old": None if old is None else micros(old)}
    form |= {"new": None if new is None else micros(new), "cause": cause}
    if by is not None:
        form |= {"calendar": by.name, "version": by.version}
    return work.finish("amend", name, form=form)


def _due_of(case: Case, what: str, name: str, task: int | None) -> datetime | None:
    if what == "clock":
        clock = case.clock(name)
        return clock.due if clock is not None else None
    if task is not None:
        found = case.task(task)
        return found.due if found is not None else None
    return next((t.due for t in reversed(case.timers) if t.kind == what and t.name == name), None)
