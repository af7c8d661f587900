"""How much there may be of something: counted in the decision that would take one more, under a lock.

A limit is checked for who receives, not for who acts. What is taken stands in the case and, derived from it, in a
table that is counted; a refused try leaves nothing there, and what was given back still counts for its day.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from workflow.core import deadline, roles
from workflow.core.calendar import Calendar
from workflow.core.carrying import WHOLE
from workflow.core.case import Case, Taking
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.limits import Limit
from workflow.core.definition.states import Transition
from workflow.core.errors import LimitReached, LoadReached
from workflow.core.step import Actor
from workflow.core.work import Decision, Work
from workflow.core.world import World

ACTOR = "actor"


def take(work: Work, names: Iterable[str]) -> None:
    """Take one of each, in the order the file names them. Raises `LimitReached`."""
    for name in names:
        limit = work.definition.limits[name]
        if limit.when is not None and not limit.when.holds(work.situation()):
            continue
        if limit.wait is not None:
            waited(work, limit)
            continue
        receiver = receives(work, limit)
        if receiver is None:
            continue
        count = room(work, limit, receiver)
        taking = Taking(no=work.next_no, limit=name, of=receiver, since=work.at, count=count)
        work.put("taking+", taking if limit.states else _over(taking, work.at))


def leave(work: Work, state: str) -> None:
    """What counts only in some states ends with entering another one."""
    for taking in work.case.takings:
        limit = work.definition.limits.get(taking.limit)
        if taking.until is None and (limit is None or state not in limit.states):
            work.put("taking=", _over(taking, work.at))


def room(work: Work, limit: Limit, receiver: int) -> int:
    """How many the receiver has by now. Raises `LimitReached` when that is all there may be, `LoadReached` when the
    customer takes up more of the receiver than is left."""
    begun, ends = period(limit, work.world.working, work.at)
    names = [one.name for one in work.definition.limits.values() if one.customers] if limit.customers else [limit.name]
    count = sum(work.world.taken(counted_as(work.definition, name), receiver, begun) for name in names)
    if limit.customers:
        # After the takings: what ends as one of these has become a customer by then, and is missed by neither.
        count += work.world.led(receiver)
    if count >= limit.most:
        raise LimitReached(
            zh=limit.otherwise.zh, en=limit.otherwise.en, limit=limit.name, most=limit.most, count=count, until=ends,
            who=person(work, limit),
        )  # fmt: skip
    if limit.customers:
        names_counted = tuple(counted_as(work.definition, name) for name in names)
        carries = work.world.room(receiver, names_counted)
        if carries is not None and not carries.enough:
            raise LoadReached(
                person=receiver,
                limit=limit.name,
                ones=carries.carried.ones,
                twos=carries.carried.twos,
                others=carries.carried.others,
                percent=carries.carried.percent,
                adds=round(carries.adds * 100 / WHOLE),
            )
    return count


def waited(work: Work, limit: Limit) -> None:
    """Raises `LimitReached` while the wait lasts, for a receiver it holds for."""
    until = ends(work, limit)
    if until is None or work.at >= until:
        return
    if limit.among:
        found = (roles.leads_to(of, work.definition, work.case, work.world) for of in limit.among)
        if receives(work, limit) not in {one for pair in found for one in pair if one is not None}:
            return
    raise LimitReached(
        zh=limit.otherwise.zh, en=limit.otherwise.en, limit=limit.name, most=None, count=None, until=until,
        who=person(work, limit),
    )  # fmt: skip


def ends(work: Work, limit: Limit) -> datetime | None:
    """When a wait is over; None for one that has not begun."""
    assert limit.wait is not None  # noqa: S101 - asked of waits only
    if limit.since == "case.opened" or limit.since is None:
        since = work.case.opened
    else:
        facts = work.situation()
        name = limit.since.removeprefix("data.")
        if not facts[f"has.{name}"]:
            return None
        since = facts[f"data.{name}"]
    return deadline.reach(since, limit.wait, None, work.world.working).at


def receives(work: Work, limit: Limit) -> int | None:
    found = person(work, limit)
    if found is not None or limit.of is None:
        return found
    return roles.leads_to(limit.of, work.definition, work.case, work.world)[1]


def person(work: Work, limit: Limit) -> int | None:
    """The person who receives; None where it is a unit, or nobody."""
    if limit.of == ACTOR:
        return work.actor.principal
    if limit.of is None:
        return None
    return roles.leads_to(limit.of, work.definition, work.case, work.world)[0]


def counted_as(definition: Definition, limit: str) -> str:
    """The name under which takings of all versions of a definition are counted."""
    return f"{definition.name}.{limit}"


def period(limit: Limit, working: Calendar, at: datetime) -> tuple[datetime | None, datetime | None]:
    """Where the day or month began and where it ends; None where what is held at once is counted."""
    if limit.per is None:
        return None, None
    first = working.local_day(at)
    if limit.per == "month":
        first = first.replace(day=1)
        after = (first + timedelta(days=31)).replace(day=1)
    else:
        after = first + timedelta(days=1)
    return working.wall(first, time()), working.wall(after, time())


def _over(taking: Taking, at: datetime) -> Taking:
    return Taking(no=taking.no, limit=taking.limit, of=taking.of, since=taking.since, until=at, count=taking.count)


def against(
    definition: Definition, case: Case, world: World, way: Transition, *, actor: Actor, at: datetime
) -> LimitReached | LoadReached | None:
    """What stands in the way of a transition by its limits, as far as it can be told before its form is filled in."""
    asked = {f"{part}.{field.name}" for field in way.form for part in ("data", "has")}
    work = Work(definition, Decision(case=case), case, world, actor=actor, at=at, recorded=at)
    try:
        for name in way.limits:
            limit = definition.limits[name]
            if limit.of in asked:
                continue
            if limit.when is not None and (limit.when.names & asked or not limit.when.holds(work.situation())):
                continue
            if limit.wait is not None:
                waited(work, limit)
            elif (receiver := receives(work, limit)) is not None:
                room(work, limit, receiver)
    except (LimitReached, LoadReached) as reached:
        return reached
    return None
