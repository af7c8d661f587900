"""Clocks of a case: started, paused, resumed, met, stopped by its states; breached and laddered by time.

A clock keeps one pending timer: its next rung. Which rungs are done is a set of bits in the clock itself, so a
ladder can be computed again after a pause or an extension without losing or doubling a step.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from workflow.core import deadline, roles
from workflow.core.case import Clock, Escalation, Timer
from workflow.core.definition import ClockRule, Rung, Target
from workflow.core.work import Work

BREACH = Rung(percent=Decimal(100))
LIVE = ("running", "paused")


def ladder(rule: ClockRule) -> tuple[Rung, ...]:
    """The rungs of a clock; the breach itself is one, also where the file names no rung at 100 %."""
    if any(r.percent == 100 for r in rule.ladder):
        return rule.ladder
    return (*rule.ladder, BREACH)


def follow(work: Work, old: str | None, new: str) -> None:
    """Let every clock follow a move from `old` to `new`."""
    for rule in work.definition.clocks.values():
        clock = work.case.clock(rule.name)
        live = clock if clock is not None and clock.status in LIVE else None
        if new in rule.met_on:
            if live is not None:
                _end(work, live, "met")
        elif new in rule.runs_in:
            if live is None:
                if clock is None or not rule.once:
                    _start(work, rule, clock.run + 1 if clock else 1)
            elif live.status == "paused":
                _resume(work, rule, live)
        elif new in rule.pauses_in:
            if live is not None and live.status == "running":
                _pause(work, live)
        elif live is not None:
            _end(work, live, "stopped")


def fire(work: Work, timer: Timer) -> Rung | None:
    """Do the rung a timer stands for; set the next. Gives the rung, None if the clock is not running any more."""
    rule = work.definition.clocks[timer.name]
    clock = work.case.clock(timer.name)
    work.add("timer-", [timer.no])
    if clock is None or clock.status != "running":
        return None
    rung = ladder(rule)[timer.ref]
    clock = replace(clock, rung=clock.rung | 1 << timer.ref)
    if clock.breached is None and timer.due >= clock.due:
        clock = replace(clock, breached=clock.due)
    work.put("clock", clock)
    _act(work, rule, clock, rung, timer.due)
    _arm(work, rule, clock)
    return rung


def extend(work: Work, name: str, days: int, at_most: Decimal) -> bool:
    """Move a running clock's due moment by whole days, at most `at_most` percent of its target at a time.

    Days of a clock in working time are working days. Rungs whose new moment lies ahead are armed again.
    False: there is nothing to extend, or it is too much.
    """
    rule = work.definition.clocks[name]
    clock = work.case.clock(name)
    if clock is None or clock.status not in LIVE or not 0 < days <= most_days(work, name, at_most):
        return False
    due = _in_days(work, clock, days)
    longer = replace(clock, due=due, extended=clock.extended + 1)
    rearmed = 0
    for index, rung in enumerate(ladder(rule)):
        if clock.rung >> index & 1 and _moment(work, longer, rung) <= work.at:
            rearmed |= 1 << index
    longer = replace(longer, rung=rearmed)
    work.put("clock", longer)
    _disarm(work, name)
    if longer.status == "running":
        _arm(work, rule, longer)
    return True


def most_days(work: Work, name: str, at_most: Decimal) -> int:
    """How many whole days a clock may be extended by."""
    clock = work.case.clock(name)
    if clock is None:
        return 0
    calendar = work.world.calendar(clock.calendar)
    most = int(clock.seconds * at_most / 100)
    days = most // 86400
    if calendar is not None:
        while deadline.elapsed(clock.due, _in_days(work, clock, days + 1), calendar) <= most:
            days += 1
    return days


def _in_days(work: Work, clock: Clock, days: int) -> datetime:
    """The due moment so many days later, in the clock's own kind of days."""
    return deadline.due(clock.due, Target(days, "d"), work.world.calendar(clock.calendar), work.world.working).at


def _start(work: Work, rule: ClockRule, run: int) -> None:
    target = rule.target if isinstance(rule.target, Target) else rule.target.pick(work.situation())
    if target is None:
        return
    started = _since(work, rule, run)
    calendar = work.world.calendar(rule.calendar)
    due = deadline.due(started, target, calendar, work.world.working)
    clock = Clock(
        name=rule.name,
        run=run,
        status="running",
        started=started,
        due=due.at,
        seconds=due.seconds,
        calendar=due.calendar,
        provisional=due.provisional,
    )
    work.put("clock", clock)
    _arm(work, rule, clock)


def _since(work: Work, rule: ClockRule, run: int) -> datetime:
    """When the run began: at entering, or for a first run at the moment the file names, if that has a value and
    does not lie ahead. A later run (a reopened complaint, domain §5.7) owes nothing to the first beginning.
    """
    if run > 1:
        return work.at
    if rule.since == "case.opened":
        return work.case.opened
    if rule.since is not None:
        situation = work.situation()
        name = rule.since.removeprefix("data.")
        if situation[f"has.{name}"]:
            value: datetime = situation[f"data.{name}"]
            return min(value, work.at)
    return work.at


def _pause(work: Work, clock: Clock) -> None:
    work.put("clock", replace(clock, status="paused", paused=work.at))
    _disarm(work, clock.name)


def _resume(work: Work, rule: ClockRule, clock: Clock) -> None:
    assert clock.paused is not None  # noqa: S101 - a paused clock has its moment
    calendar = work.world.calendar(clock.calendar)
    due = deadline.resumed(clock.due, clock.paused, work.at, calendar)
    running = replace(clock, status="running", paused=None, due=due)
    work.put("clock", running)
    _arm(work, rule, running)


def _end(work: Work, clock: Clock, status: str) -> None:
    met = status == "met"
    late = clock.breached is None and clock.status == "running" and work.at > clock.due
    work.put(
        "clock",
        replace(
            clock,
            status="met" if met else "stopped",
            ended=work.at,
            paused=None,
            breached=clock.due if late else clock.breached,
        ),
    )
    _disarm(work, clock.name)
    gone = [e.no for e in work.case.escalations if e.clock == clock.name and e.run == clock.run]
    if gone:
        work.add("escalation-", gone)


def _disarm(work: Work, name: str) -> None:
    gone = [t.no for t in work.case.timers if t.kind == "rung" and t.name == name]
    if gone:
        work.add("timer-", gone)


def _moment(work: Work, clock: Clock, rung: Rung) -> datetime:
    calendar = work.world.calendar(clock.calendar)
    return deadline.rung_at(clock.due, clock.seconds, rung, calendar, work.world.working)


def _arm(work: Work, rule: ClockRule, clock: Clock) -> None:
    """Set the timer of the next rung not yet done: the earliest, in the file's order where moments are equal."""
    waiting = [
        (_moment(work, clock, rung), index) for index, rung in enumerate(ladder(rule)) if not clock.rung >> index & 1
    ]
    if waiting:
        due, index = min(waiting)
        work.put("timer+", Timer(no=work.case.next_no, kind="rung", name=rule.name, due=due, ref=index))


def _act(work: Work, rule: ClockRule, clock: Clock, rung: Rung, due: datetime) -> None:
    definition, case, world = work.definition, work.case, work.world
    text = {"zh": rung.text.zh, "en": rung.text.en} if rung.text else None
    facts = {"clock": rule.name, "due": int(clock.due.timestamp() * 1_000_000)} | ({"text": text} if text else {})
    if rung.remind:
        persons = roles.resolve_all(rung.remind, definition, case, world, at=work.at)
        work.notice("reminder", persons, **facts)
    if rung.escalate is not None:
        found = roles.resolve(definition.roles[rung.escalate], definition, case, world, at=work.at, of=rung.of)
        work.put(
            "escalation+",
            Escalation(
                no=case.next_no,
                clock=rule.name,
                run=clock.run,
                level=rung.level,
                role=found.role,
                unit=found.unit,
                persons=found.persons,
                raised=due,
                recorded=work.recorded,
            ),
        )
        work.notice("escalation", found.persons, level=rung.level, **facts)
    if rung.assign is not None:
        found = roles.resolve(definition.roles[rung.assign], definition, case, world, at=work.at)
        for task in case.tasks:
            work.put(
                "task=",
                replace(task, unit=found.unit, role=found.role, assignee=found.assignee, owner=None),
            )
        work.notice("assigned", found.persons, **facts)
