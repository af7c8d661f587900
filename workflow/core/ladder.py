"""The ladder of a clock: its rungs, the timer of the next one, and what a rung does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from workflow.core import deadline, roles
from workflow.core.case import Clock, Escalation, Timer
from workflow.core.definition.clocks import ClockRule, Rung
from workflow.core.moments import micros
from workflow.core.work import Work

BREACH = Rung(percent=Decimal(100))


def ladder(rule: ClockRule) -> tuple[Rung, ...]:
    """The rungs of a clock; the breach itself is one, also where the file names no rung at 100 %."""
    if any(r.percent == 100 for r in rule.ladder):
        return rule.ladder
    return (*rule.ladder, BREACH)


def arm(work: Work, rule: ClockRule, clock: Clock, *, earliest: datetime | None = None) -> None:
    """Set the timer of the next rung not yet done: the earliest, in the file's order where moments are equal.

    `earliest`: nothing is due before this moment.
    """
    waiting = [
        (_moment(work, clock, rung), index) for index, rung in enumerate(ladder(rule)) if not clock.rung >> index & 1
    ]
    if waiting:
        due, index = min(waiting)
        due = due if earliest is None else max(due, earliest)
        work.put("timer+", Timer(no=work.next_no, kind="rung", name=rule.name, due=due, ref=index))


def disarm(work: Work, name: str, *kinds: str) -> None:
    """Take away the clock's timers of these kinds."""
    gone = [t.no for t in work.case.timers if t.kind in kinds and t.name == name]
    if gone:
        work.add("timer-", gone)


def still_done(work: Work, rule: ClockRule, clock: Clock) -> int:
    """The rungs that stay done after the due moment has moved: those whose new moment has passed already."""
    done = 0
    for index, rung in enumerate(ladder(rule)):
        if clock.rung >> index & 1 and _moment(work, clock, rung) <= work.at:
            done |= 1 << index
    return done


def act(work: Work, rule: ClockRule, clock: Clock, index: int) -> None:
    """Do what a rung says."""
    definition, case, world = work.definition, work.case, work.world
    rung = ladder(rule)[index]
    facts = _facts(rule, clock, rung)
    if rung.remind:
        persons = roles.resolve_all(rung.remind, definition, case, world, at=work.at)
        work.notice("reminder", persons, **facts)
    if rung.escalate is not None:
        _raise(work, rule, clock, index, again=0)
    if rung.assign is not None:
        found = roles.resolve(definition.roles[rung.assign], definition, case, world, at=work.at)
        for task in case.tasks:
            work.put(
                "task=",
                replace(task, unit=found.unit, role=found.role, assignee=found.assignee, owner=None),
            )
        work.notice("assigned", found.persons, **facts)


def raise_again(work: Work, timer: Timer) -> None:
    """Nobody has acknowledged an escalation for as long as its rung waits: raise it anew, in place of the old one."""
    work.add("timer-", [timer.no])
    old = next((e for e in work.case.escalations if e.no == timer.ref), None)
    clock = work.case.clock(timer.name)
    if old is None or clock is None or old.acknowledged is not None:
        return
    work.add("escalation-", [old.no])
    _raise(work, work.definition.clocks[timer.name], clock, int(timer.note), again=old.again + 1)


def _raise(work: Work, rule: ClockRule, clock: Clock, index: int, *, again: int) -> None:
    rung = ladder(rule)[index]
    assert rung.escalate is not None  # noqa: S101 - only such a rung is raised
    role = work.definition.roles[rung.escalate]
    found = roles.resolve(role, work.definition, work.case, work.world, at=work.at, of=rung.of)
    no = work.next_no
    work.put(
        "escalation+",
        Escalation(
            no=no,
            clock=rule.name,
            run=clock.run,
            level=rung.level,
            role=found.role,
            unit=found.unit,
            persons=found.persons,
            raised=work.at,
            recorded=work.recorded,
            again=again,
        ),
    )
    work.notice("escalation", found.persons, level=rung.level, **_facts(rule, clock, rung))
    if rung.again is not None:
        calendar = work.world.calendar(rule.calendar)
        due = deadline.reach(work.at, rung.again, calendar, work.world.working).at
        waits = Timer(no=work.next_no, kind="again", name=rule.name, due=due, ref=no, note=str(index))
        work.put("timer+", waits)


def _moment(work: Work, clock: Clock, rung: Rung) -> datetime:
    calendar = work.world.calendar(clock.calendar)
    return deadline.rung_at(clock.due, clock.seconds, rung, calendar, work.world.working)


def _facts(rule: ClockRule, clock: Clock, rung: Rung) -> dict[str, object]:
    text = {"text": {"zh": rung.text.zh, "en": rung.text.en}} if rung.text else {}
    marked = {"provisional": True} if clock.provisional else {}
    return {"clock": rule.name, "due": micros(clock.due), **marked, **text}
