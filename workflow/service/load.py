"""Who carries how much, and what of it could go to somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from workflow.core.carrying import Carried
from workflow.core.directory import WORKERS
from workflow.core.errors import PersonNotFound
from workflow.core.step import Actor
from workflow.service.reads import Reads
from workflow.service.shown import Shown
from workflow.service.views import Page, PersonName, TaskRow, UnitName
from workflow.storage.queries import load

if TYPE_CHECKING:
    from sqlalchemy import Connection

FEWEST, MOST_KEPT = 8, 15
"""Key accounts a manager carries (003 §3.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a person of the reader's units carries. `first`: as A of how many of the customers.

    `carried`: by what the customers spend, where the deployment has that rule (004 §1.3 C(1)).
    `away`: until when the person is absent, `substitutes`: who stands in meanwhile. `manager`: the rule of 8 to 15
    customers is about this person.
    """

    person: PersonName
    unit: UnitName | None
    manager: bool
    customers: int
    first: int
    tasks: int
    overdue: int
    away: datetime | None
    substitutes: tuple[PersonName, ...]
    carried: Carried | None = None

    @property
    def judged(self) -> str:
        """Against the rule: few, many, or fair; "" for those it is not about."""
        if not self.manager:
            return ""
        if self.carried is not None:
            return self.carried.judged
        return "few" if self.customers < FEWEST else "many" if self.customers > MOST_KEPT else "fair"

    @property
    def late(self) -> float | None:
        """The share of the open tasks that is overdue; None without any."""
        return self.overdue / self.tasks if self.tasks else None


class Loads(Reads):
    def loads(self, reader: Actor) -> list[Load]:
        """The people who work in the reader's units, those with the most customers first."""
        with self._read(reader) as (connection, shown):
            kept, at_work = load.kept(connection, shown.reader), load.at_work(connection, shown.reader)
            carried = self._carried(connection, shown)
            found = [
                replace(
                    _load(shown, person, unit, roles, kept.get(person, (0, 0)), at_work.get(person, (0, 0))),
                    carried=carried(person),
                )
                for person, (unit, roles) in _workers(shown).items()
            ]
        return sorted(found, key=lambda one: (-one.customers, -one.tasks, one.person.id))

    def load(self, person: int, reader: Actor) -> Load:
        """One of them. Raises PersonNotFound."""
        for one in self.loads(reader):
            if one.person.id == person:
                return one
        raise PersonNotFound(person=person)

    def taken_up(self, customers: Iterable[int], reader: Actor) -> dict[int, int]:
        """Customer → what it takes up of a manager, in `carrying.WHOLE`; nothing where the rule is one of numbers."""
        if self.carrying is None:
            return {}
        with self._read(reader) as (connection, _):
            return {one: self.carrying.part(cents) for one, cents in load.spends(connection, set(customers)).items()}

    def _carried(self, connection: Connection, shown: Shown) -> Callable[[int], Carried | None]:
        """What each person carries by spend; of everybody at once."""
        rule = self.carrying
        if rule is None:
            return lambda person: None
        customers = load.carried_by(connection, shown.reader)
        spent = load.spends(connection, set().union(*customers.values()))
        return lambda person: rule.carried(spent[one] for one in customers.get(person, ()))

    def held_by(self, person: int, reader: Actor, *, limit: int = 200) -> Page[TaskRow]:
        """The open tasks of somebody who works in the reader's units, the first due first. Raises PersonNotFound."""
        with self._read(reader) as (connection, shown):
            if person not in _workers(shown):
                raise PersonNotFound(person=person)
            lists = [load.held_by(shown.reader, person)]
            return self._tasks(connection, shown, lists, filters=None, after=None, limit=limit)


def _workers(shown: Shown) -> dict[int, tuple[int, frozenset[str]]]:
    """The persons with a role that works in the units the reader answers for: their unit there, and their roles."""
    reader = shown.reader
    found: dict[int, tuple[int, frozenset[str]]] = {}
    for unit in sorted(reader.overseen):
        for role in sorted(WORKERS - {"reporter"}):
            for person in reader.directory.holders(role, unit, reader.at):
                held = reader.directory.roles_of(person, reader.at)
                found.setdefault(person, (unit, frozenset().union(*held.values())))
    return found


def _load(
    shown: Shown, person: int, unit: int, roles: frozenset[str], kept: tuple[int, int], work: tuple[int, int]
) -> Load:
    reader = shown.reader
    directory, at = reader.directory, reader.at
    named = [one for one in directory.substitutions if one.absent == person and one.holds(at)]
    until = [one.until for one in named]
    until += [one.until for one in directory.absences if one.absent == person and one.holds(at)]
    name = shown.person(person)
    if name is None:
        raise PersonNotFound(person=person)
    return Load(
        person=name,
        unit=shown.unit(unit),
        manager="account_manager" in roles,
        customers=kept[0],
        first=kept[1],
        tasks=work[0],
        overdue=work[1],
        away=max(until, default=None),
        substitutes=shown.persons((*(one.substitute for one in named), *sorted(directory.covering(person, at)))),
    )
