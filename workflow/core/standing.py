"""Whether somebody may act at all, and whether a case is there for them: before any rule of a lifecycle is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from workflow.core import confidence
from workflow.core.case import Case
from workflow.core.definition.lifecycle import Definition
from workflow.core.directory import Directory
from workflow.core.errors import NotASubstitute, NotPermitted, PersonNotFound
from workflow.core.step import Actor

PUBLIC = "public"
"""The mark of a case that everybody who works with cases may read."""

OUTSIDE = "outside"
"""The mark of a case that may be about a customer whose file is closed to who opens it, and that does not open it."""


def check_actor(directory: Directory, actor: Actor, at: datetime, *, own: bool = False) -> None:
    """Who acts must be there; who acts for another must stand in for that one now.

    `own`: only their own settings are touched, which those who only read have as well.
    Raises `PersonNotFound`, `NotASubstitute`, `NotPermitted`.
    """
    if actor.person is None:
        return
    person = directory.person(actor.person)
    if person is None or not person.active:
        raise PersonNotFound(person=actor.person)
    if actor.behalf is not None and not directory.stands_in(actor.person, actor.behalf, at):
        raise NotASubstitute(person=actor.behalf)
    if actor.behalf is not None and directory.role_names(actor.person, at) == {"auditor"}:
        raise NotPermitted(action="write")
    if not own and directory.role_names(actor.principal, at) <= {"auditor"}:
        raise NotPermitted(action="write")


def sees(directory: Directory, case: Case, actor: Actor, at: datetime) -> bool:
    """Whether a case exists for the actor: by having taken part, by unit, by a task in a queue of theirs, because it
    is offered to them, or published."""
    if actor.person is None or {actor.person, actor.principal} & set(case.people):
        return True
    if case.unit in directory.scope(actor.principal, at, writing=True).units:
        return True
    if PUBLIC in case.marks and directory.role_names(actor.principal, at) - {"administrator"}:
        return True
    held = directory.roles_of(actor.principal, at)
    offered = {(unit, role) for unit, role in case.offers}
    if any((over, role) in offered for unit in held for over in directory.above(unit) for role in held[unit]):
        return True
    waiting = [(t.unit, t.role) for t in case.tasks] + [(e.unit, e.role) for e in case.escalations]
    return any(role in held.get(unit, ()) for unit, role in waiting if unit is not None)


def reads_file(
    directory: Directory, record: Case, persons: Collection[int], at: datetime, *, took_part: Callable[[], bool]
) -> bool:
    """Whether a customer's file may be read by one of some persons; as `readable_customers` says it of a list.

    `took_part`: whether one of them took part in a case that opens the file; asked only where that would be enough.
    """
    data = record.data
    level = confidence.level_of(data)
    if {data.get("a"), data.get("b")} & set(persons):
        return True
    if any(data.get("unit") in confidence.reach(directory, person, at).of(level) for person in persons):
        return True
    return level != confidence.LEVELS[-1] and took_part()


def asks_for_file(rules: Definition) -> bool:
    """Whether only who reads a customer's file may open a case about it."""
    return rules.reads_file or OUTSIDE not in rules.marks


def usual_unit(rules: Definition, directory: Directory, customer: int | None, actor: Actor, at: datetime) -> int | None:
    """Where a case is opened when nobody says where: in the unit its customer belongs to, `customer`, or in the one its
    opener works in, as the lifecycle says; in the other where that one is not there, None where neither is."""
    opener = directory.home(actor.principal, at)
    first, second = (opener, customer) if rules.opened_in == "opener" else (customer, opener)
    return second if first is None else first


def works_in(directory: Directory, unit: int, actor: Actor, at: datetime) -> bool:
    """Whether the actor holds a role in the unit or oversees it."""
    held = directory.roles_of(actor.principal, at)
    return actor.person is None or unit in held or unit in directory.scope(actor.principal, at, writing=True).units
