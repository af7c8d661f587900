"""Clocks of a case: started, paused, resumed, met, stopped by its states; breached and laddered by time.

A clock keeps one pending timer: its next rung. Which rungs are done is a set of bits in the clock itself, so a
ladder can be computed again after a pause or an extension without losing or doubling a step.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from workflow.core import deadline
from workflow.core.calendar import Calendar
from workflow.core.case import Clock, Delay, Timer
from workflow.core.definition.clocks import ClockRule, Rung
from workflow.core.definition.targets import Target, target_from
from workflow.core.ladder import act, arm, disarm, ladder, still_done
from workflow.core.work import Work
from workflow.core.world import World

LIVE = ("running", "paused")


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
            elif live.status == "paused" and not live.held:
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
        clock = replace(clock, breached=clock.due, noticed=work.recorded)
    work.put("clock", clock)
    act(work, rule, clock, timer.ref)
    arm(work, rule, clock)
    return rung


def hold(work: Work, rule: ClockRule, clock: Clock, *, limit: datetime | None) -> None:
    """A person lets the clock stand still, until it is let go, or by itself at `limit`."""
    _pause(work, replace(clock, held=work.before.seq + 1))
    if limit is not None:
        work.put("timer+", Timer(no=work.next_no, kind="held", name=rule.name, due=limit))


def stand_still(work: Work, name: str) -> None:
    """Let a running clock stand still until `go_on`; one that does already, or has ended, is left alone."""
    clock = work.case.clock(name)
    if clock is not None and clock.status in LIVE and not clock.held:
        hold(work, work.definition.clocks[name], clock, limit=None)


def go_on(work: Work, name: str) -> None:
    clock = work.case.clock(name)
    if clock is not None and clock.held:
        release(work, work.definition.clocks[name], clock)


def release(work: Work, rule: ClockRule, clock: Clock) -> None:
    """Let a held clock go on, unless its state lets it stand still as well."""
    disarm(work, rule.name, "held")
    if work.case.state in rule.runs_in:
        _resume(work, rule, clock)
        return
    stood = _stood(clock, work.at)
    due = deadline.resumed(clock.due, stood.since, stood.until, work.world.calendar(clock.calendar))
    delays = (*clock.delays, stood)
    work.put("clock", replace(clock, due=due, delays=delays, paused=work.at, held=0))


def left_to_hold(work: Work, rule: ClockRule, clock: Clock) -> int | None:
    """Counted seconds a clock may still be held for in this run; None: as long as one likes."""
    if rule.pausable is None or rule.pausable.most is None:
        return None
    calendar = work.world.calendar(clock.calendar)
    most = deadline.reach(work.at, rule.pausable.most, calendar, work.world.working).at
    held = sum(deadline.elapsed(d.since, d.until, calendar) for d in clock.delays if d.step)
    return deadline.elapsed(work.at, most, calendar) - held


def reckon(rule: ClockRule, clock: Clock, target: Target, world: World) -> Clock:
    """The clock with its due moment computed again from its start, with the calendars as they are now.

    What it stood still and was extended by counts as before.
    """
    calendar = world.calendar(rule.calendar)
    first = deadline.due(clock.started, target, calendar, world.working)
    counted = deadline.counts_in(target, calendar, world.working)
    due = first.at
    for delay in clock.delays:
        if delay.days:
            due = deadline.reach(due, Target(delay.days, "d"), counted, world.working).at
        else:
            due = deadline.resumed(due, delay.since, delay.until, counted)
    return replace(
        clock,
        due=due,
        seconds=first.seconds,
        calendar=first.calendar,
        target=str(target),
        version=_version(world, target, counted),
        provisional=_provisional(world, target, counted, due),
    )


def amend(work: Work, rule: ClockRule, clock: Clock) -> bool:
    """Bring an open clock up to date with what picks its target and with its calendar. False: nothing changed.

    A clock that turns out to be past due is breached now, not in hindsight; a breach once noted stays.
    """
    target = _target(work, rule)
    if target is None:
        _end(work, clock, "stopped")
        return True
    fresh = reckon(rule, clock, target, work.world)
    if (fresh.due, fresh.seconds, fresh.provisional, fresh.target) == (
        clock.due, clock.seconds, clock.provisional, clock.target
    ):  # fmt: skip
        return False
    if fresh.breached is None:
        if fresh.due <= (fresh.paused or work.at):
            fresh = replace(fresh, breached=work.at, noticed=work.recorded)
        else:
            fresh = replace(fresh, rung=still_done(work, rule, fresh))
    work.put("clock", fresh)
    disarm(work, rule.name, "rung")
    if fresh.status == "running":
        arm(work, rule, fresh, earliest=work.at)
    return True


def begin_late(work: Work, rule: ClockRule) -> bool:
    """Start a clock that should run here and does not, because its table had no length for it until now."""
    clock = work.case.clock(rule.name)
    live = clock is not None and clock.status in LIVE
    if live or work.case.state not in rule.runs_in or (clock is not None and rule.once):
        return False
    _start(work, rule, clock.run + 1 if clock else 1)
    return work.case.clock(rule.name) is not clock


def repicked(work: Work, rules: Iterable[ClockRule]) -> list[tuple[ClockRule, Clock]]:
    """Those of the clocks that are open and whose table of lengths gives another one by now."""
    found = []
    for rule in rules:
        clock = work.case.clock(rule.name)
        if clock is not None and clock.status in LIVE:
            target = _target(work, rule)
            if target is None or str(target) != clock.target:
                found.append((rule, clock))
    return found


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
    delays = (*clock.delays, Delay(since=work.at, until=work.at, days=days))
    longer = replace(clock, due=due, extended=clock.extended + 1, delays=delays)
    longer = _settled(work, replace(longer, rung=still_done(work, rule, longer)))
    work.put("clock", longer)
    disarm(work, name, "rung")
    if longer.status == "running":
        arm(work, rule, longer)
    # A level whose rung lies ahead again will be raised anew then: nobody answers for it twice.
    ahead = {rung.level for index, rung in enumerate(ladder(rule)) if (clock.rung & ~longer.rung) >> index & 1}
    gone = [e.no for e in work.case.escalations if (e.clock, e.run) == (name, clock.run) and e.level in ahead]
    if gone:
        work.add("escalation-", gone)
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
    return deadline.reach(clock.due, Target(days, "d"), work.world.calendar(clock.calendar), work.world.working).at


def _start(work: Work, rule: ClockRule, run: int) -> None:
    target = _target(work, rule)
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
        target=str(target),
        version=_version(work.world, target, deadline.counts_in(target, calendar, work.world.working)),
    )
    work.put("clock", clock)
    arm(work, rule, clock)


def _target(work: Work, rule: ClockRule) -> Target | None:
    return rule.target if isinstance(rule.target, Target) else rule.target.pick(work.situation())


def _known_by(world: World, target: Target, counted: Calendar | None) -> Calendar | None:
    """The calendar a due moment depends on; None for natural time."""
    return counted or (world.working if target.end_of_day else None)


def _version(world: World, target: Target, counted: Calendar | None) -> int:
    known = _known_by(world, target, counted)
    return 0 if known is None else known.version


def _provisional(world: World, target: Target, counted: Calendar | None, due: datetime) -> bool:
    known = _known_by(world, target, counted)
    return known is not None and not known.is_known(known.local_day(due))


def _settled(work: Work, clock: Clock) -> Clock:
    """The clock with the mark whether its moved due moment is provisional."""
    target = target_from(clock.target)
    return replace(clock, provisional=_provisional(work.world, target, work.world.calendar(clock.calendar), clock.due))


def _since(work: Work, rule: ClockRule, run: int) -> datetime:
    """When the run began: at entering, or for a first run at the moment the file names, if that has a value and
    does not lie ahead. A later run (a reopened complaint) owes nothing to the first beginning.
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
    """Stand still; a clock that does already goes on doing so."""
    work.put("clock", replace(clock, status="paused", paused=clock.paused or work.at))
    disarm(work, clock.name, "rung")


def _resume(work: Work, rule: ClockRule, clock: Clock) -> None:
    stood = _stood(clock, work.at)
    due = deadline.resumed(clock.due, stood.since, stood.until, work.world.calendar(clock.calendar))
    running = replace(clock, status="running", paused=None, due=due, delays=(*clock.delays, stood), held=0)
    running = _settled(work, running)
    work.put("clock", running)
    arm(work, rule, running)


def _stood(clock: Clock, until: datetime) -> Delay:
    assert clock.paused is not None  # noqa: S101 - a paused clock has its moment
    return Delay(since=clock.paused, until=until, step=clock.held)


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
            held=0,
            breached=clock.due if late else clock.breached,
            noticed=work.recorded if late else clock.noticed,
        ),
    )
    disarm(work, clock.name, "rung", "held", "again")
    gone = [e.no for e in work.case.escalations if e.clock == clock.name and e.run == clock.run]
    if gone:
        work.add("escalation-", gone)
