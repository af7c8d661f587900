"""Who carries how much, and what of it could go to somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from workflow.core import limits
from workflow.core.carrying import WHOLE, Carried
from workflow.core.directory import WORKERS
from workflow.core.errors import PersonNotFound
from workflow.core.step import Actor
from workflow.service.reads import Reads
from workflow.service.shown import Shown
from workflow.service.views.lists import Page
from workflow.service.views.names import PersonName, UnitName
from workflow.service.views.tasks import TaskRow
from workflow.storage.queries import load

if TYPE_CHECKING:
    from sqlalchemy import Connection

FEWEST, MOST_LED = 8, 15
"""Key accounts to one manager, in principle (003 §3.2): counted for whoever leads, and not for who assists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a person of the reader's units carries. `leads`: how many customers, `coming`: how many more are on their
    way to them, `customers`: how many they have, leading or assisting.

    `carried`: by what the customers they lead spend, where the deployment has that rule (004 §1.3 C(1)). `held`: how
    much of `whole` is taken, those on their way included; both in customers, or by spend in `carrying.WHOLE`.
    `away`: until when the person is absent, `substitutes`: who stands in meanwhile. `manager`: the rule of 8 to 15
    customers is about this person.
    """

    person: PersonName
    unit: UnitName | None
    manager: bool
    leads: int
    coming: int
    customers: int
    tasks: int
    overdue: int
    away: datetime | None
    substitutes: tuple[PersonName, ...]
    held: int
    carried: Carried | None = None

    @property
    def whole(self) -> int:
        return MOST_LED if self.carried is None else WHOLE

    @property
    def judged(self) -> str:
        """Against the rule: few, many, or fair; "" for those it is not about."""
        if not self.manager:
            return ""
        if self.carried is not None:
            return self.carried.judged
        return "few" if self.leads < FEWEST else "many" if self.leads > MOST_LED else "fair"

    @property
    def late(self) -> float | None:
        """The share of the open tasks that is overdue; None without any."""
        return self.overdue / self.tasks if self.tasks else None


class Loads(Reads):
    def loads(self, reader: Actor) -> list[Load]:
        """The people who work in the reader's units, those who lead the most customers first."""
        with self._read(reader) as (connection, shown):
            kept, at_work = load.kept(connection, shown.reader), load.at_work(connection, shown.reader)
            coming = load.coming(connection, self._counting())
            carried = self._carried(connection, shown, coming)
            found = [
                carried(
                    _load(
                        shown, person, (unit, roles), kept.get(person, (0, 0)), at_work.get(person, (0, 0)),
                        len(coming.get(person, ())),
                    )
                )
                for person, (unit, roles) in _workers(shown).items()
            ]  # fmt: skip
        return sorted(found, key=lambda one: (-one.leads, -one.customers, -one.tasks, one.person.id))

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

    def _carried(self, connection: Connection, shown: Shown, coming: Mapping[int, set[int]]) -> Callable[[Load], Load]:
        """Adds what somebody carries by spend, where that is the rule; read for everybody at once."""
        rule = self.carrying
        if rule is None:
            return lambda one: one
        customers = load.carried_by(connection, shown.reader)
        spent = load.spends(connection, set().union(*customers.values(), *coming.values()))

        def carried(one: Load) -> Load:
            led, more = customers.get(one.person.id, set()), coming.get(one.person.id, set())
            held = rule.carried(spent[customer] for customer in led | more).parts
            return replace(one, carried=rule.carried(spent[customer] for customer in led), held=held)

        return carried

    def _counting(self) -> set[str]:
        """The limits against which a customer counts already while it is on its way to somebody."""
        return {
            limits.counted_as(rules, limit.name)
            for rules in self.library.latest.values()
            for limit in rules.limits.values()
            if limit.customers
        }

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
    shown: Shown,
    person: int,
    there: tuple[int, frozenset[str]],
    kept: tuple[int, int],
    work: tuple[int, int],
    coming: int,
) -> Load:
    """`there`: unit and roles; `kept`: how many customers they lead, and have; `work`: their tasks, those overdue."""
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
        unit=shown.unit(there[0]),
        manager="account_manager" in there[1],
        leads=kept[0],
        coming=coming,
        customers=kept[1],
        tasks=work[0],
        overdue=work[1],
        away=max(until, default=None),
        substitutes=shown.persons((*(one.substitute for one in named), *sorted(directory.covering(person, at)))),
        held=kept[0] + coming,
    )
