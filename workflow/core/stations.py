"""Entering and leaving a state: its tasks, its timers and its recurring work come and go with it.

Nothing anywhere else opens or cleans up.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from workflow.core import clocks, deadline, limits, roles
from workflow.core.case import Task, Timer
from workflow.core.definition.links import RecurringRule
from workflow.core.definition.states import TaskRule, TimerRule
from workflow.core.definition.targets import AnyTarget, Target
from workflow.core.moments import micros
from workflow.core.work import Work

_IDLE = Target(1, "mo")
"""How long a schedule without a cadence (a tier it says nothing about) waits before it asks again."""


def leave(work: Work) -> None:
    """Close what the state held open."""
    if work.case.tasks:
        work.add("task-", [t.no for t in work.case.tasks])
    timers = [t.no for t in work.case.timers if t.kind == "state"]
    if timers:
        work.add("timer-", timers)
    if work.case.done:
        work.add("done", None)


def enter(work: Work, old: str | None, new: str) -> None:
    """Open what the state needs, let clocks and schedules follow, mark a final state as closed."""
    work.enter(new)
    state = work.definition.states[new]
    _offer(work, state.offered_to)
    limits.leave(work, new)
    if state.final:
        work.add("close", micros(work.at))
        work.decision.ended = True
    elif work.case.closed is not None:
        work.add("close", None)
    for task in state.tasks:
        if task.when is None or task.when.holds(work.situation()):
            _open(work, task)
    for timer in state.timers:
        due = reckoned(work, timer.after, timer.calendar, since=work.at)
        if due is not None:
            work.put(
                "timer+",
                Timer(
                    no=work.next_no,
                    kind="state",
                    name=timer.name,
                    due=due.at,
                    provisional=due.provisional,
                    since=work.at if _may_move(timer) else None,
                ),
            )
    clocks.follow(work, old, new)
    for rule in work.definition.recurring.values():
        running = rule.name in work.case.schedules
        if new not in rule.states and running:
            stop(work, rule.name)
        elif new in rule.states and not running and rule.automatic:
            start(work, rule)


def _offer(work: Work, names: tuple[str, ...]) -> None:
    """Let those a state is offered to find the case, and nobody any more whom the state before was offered to."""
    found = [roles.resolve(work.definition.roles[n], work.definition, work.case, work.world, at=work.at) for n in names]
    offers = [[one.unit, one.role] for one in found if one.unit is not None]
    if offers or work.case.offers:
        work.add("offers", offers)


def start(work: Work, rule: RecurringRule) -> None:
    """Begin a schedule: its first nominal date is one interval after the anchor."""
    today = work.world.working.local_day(work.at)
    monday = today - timedelta(days=today.weekday())
    anchor = {"entry": today, "week": monday, "month": today.replace(day=1)}[rule.anchor]
    work.add("schedule", {rule.name: anchor.isoformat()})
    _next(work, rule, anchor=anchor, after=today)


def stop(work: Work, name: str) -> None:
    if name in work.case.schedules:
        work.add("schedule", {name: None})
    gone = [t.no for t in work.case.timers if t.kind == "recurring" and t.name == name]
    if gone:
        work.add("timer-", gone)


def recur(work: Work, timer: Timer) -> str | None:
    """Take a schedule's timer and set the next one. Gives the nominal date to open work for, None to skip."""
    rule = work.definition.recurring[timer.name]
    work.add("timer-", [timer.no])
    nominal = date.fromisoformat(timer.note.removesuffix("?"))
    _next(work, rule, anchor=date.fromisoformat(work.case.schedules[rule.name]), after=nominal)
    return None if timer.note.endswith("?") else timer.note


def period(work: Work, rule: RecurringRule, nominal: str) -> dict[str, str]:
    """The days that a date of the series closes: from the date before it to its eve."""
    day = date.fromisoformat(nominal)
    every = (rule.every if isinstance(rule.every, Target) else rule.every.pick(work.situation())) or _IDLE
    if every.unit == "mo":
        since = deadline.add_months(day, -every.amount)
    else:
        since = day - timedelta(days=every.amount * (7 if every.unit == "w" else 1))
    return {"since": since.isoformat(), "until": (day - timedelta(days=1)).isoformat()}


def _open(work: Work, rule: TaskRule) -> None:
    found = roles.resolve(work.definition.roles[rule.role], work.definition, work.case, work.world, at=work.at)
    due = None if rule.within is None else reckoned(work, rule.within, rule.calendar, since=work.at)
    work.put(
        "task+",
        Task(
            no=work.next_no,
            name=rule.name,
            unit=found.unit,
            role=found.role,
            assignee=found.assignee,
            opened=work.at,
            due=None if due is None else due.at,
            provisional=due is not None and due.provisional,
        ),
    )


def reckoned(work: Work, target: AnyTarget, calendar: str, *, since: datetime) -> deadline.Moment | None:
    """When a task or a timer is due; None where a table has no length for it."""
    picked = target if isinstance(target, Target) else target.pick(work.situation())
    if picked is None:
        return None
    return deadline.reach(since, picked, work.world.calendar(calendar), work.world.working)


def _may_move(rule: TimerRule) -> bool:
    """Whether another calendar, or another length from a table, could move this timer."""
    length = rule.after
    if not isinstance(length, Target):
        return True
    return rule.calendar != deadline.NATURAL or length.unit in deadline.ALWAYS_WORKING or length.end_of_day


def opens_on(work: Work, rule: RecurringRule, nominal: date) -> tuple[datetime, bool]:
    """When the work of a nominal date begins, and whether the days off around it are not announced yet."""
    calendar = work.world.calendar(rule.calendar) or work.world.working
    day = deadline.shift_day(nominal, rule.shift, calendar)
    return work.world.working.wall(day, time()), rule.shift != "none" and not calendar.is_known(day)


def _next(work: Work, rule: RecurringRule, *, anchor: date, after: date) -> None:
    every = rule.every if isinstance(rule.every, Target) else rule.every.pick(work.situation())
    nominal = deadline.next_nominal(anchor, every or _IDLE, after)
    opens, provisional = opens_on(work, rule, nominal)
    work.put(
        "timer+",
        Timer(
            no=work.next_no,
            kind="recurring",
            name=rule.name,
            due=max(opens, work.at + timedelta(microseconds=1)),
            note=nominal.isoformat() + ("" if every else "?"),
            provisional=provisional,
        ),
    )
