"""What managers won, kept and lost in a period, with the customers behind every figure (000 §3.2.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from workflow.core.definition.expressions import Text
from workflow.core.directory import Directory
from workflow.core.errors import PersonNotFound
from workflow.core.splits import later
from workflow.core.step import Actor
from workflow.service.course_of_customers import Course, Won, courses
from workflow.service.statement import Part, Statements, divided
from workflow.service.views.names import PersonName, UnitName
from workflow.storage.queries import results, revenue
from workflow.storage.queries.merges import Into, merges, survivors
from workflow.storage.queries.reader import Reader

if TYPE_CHECKING:
    from sqlalchemy import Connection

What = Literal["won", "kept", "lost", "revenue"]
BEFORE = 12
"""Months before the period by whose revenue lost customers are weighed."""


@dataclass(slots=True)
class Tally:
    """What counts for one person. `kept`: customers kept at any moment of the period; `parts`: shares of revenue.

    `weights`: revenue of the customers in the months before the period, in cents.
    """

    won: list[Won] = field(default_factory=list)
    kept: set[int] = field(default_factory=set)
    lost: dict[int, datetime] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    weights: dict[int, int] = field(default_factory=dict)

    def join(self, into: Into) -> None:
        """Count records that were found to be one customer once."""
        self.kept = survivors(self.kept, into)
        self.lost = {into.get(customer, customer): moment for customer, moment in self.lost.items()}
        self.won = [replace(one, customer=into.get(one.customer, one.customer)) for one in self.won]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of a manager in a period. `agreed`: what the agreements won are worth a year; `weight`, `weight_lost`: revenue
    before the period of the customers kept, and of those of them that were lost. All cents."""

    person: PersonName
    unit: UnitName | None
    won: int
    agreed: int
    kept: int
    lost: int
    weight: int
    weight_lost: int
    revenue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """One customer of a figure. `number` None: its file is not the reader's to read. `at`: when it was won or lost."""

    customer: int
    number: str | None
    name: Text | None
    case: int | None
    case_number: str | None
    at: datetime | None
    month: str | None
    cents: int


class Results(Statements):
    """A manager sees their own, who oversees or audits a unit those of the people in it and below."""

    def results(
        self, reader: Actor, *, since: str, until: str, zone: ZoneInfo, unit: int | None = None,
        at: datetime | None = None,
    ) -> list[Figures]:  # fmt: skip
        """Of the months from one to another, both whole, by unit and person. `at`: as it was known then."""
        with self._read(reader) as (connection, shown):
            persons = self._people(shown.reader, unit)
            found = self._tallies(connection, persons, since, until, zone, at or shown.reader.at)
            made = []
            for person, place in persons.items():
                name, one = shown.person(person), found[person]
                if name is not None and (one.won or one.kept or one.parts or len(persons) == 1):
                    made.append(
                        Figures(
                            person=name,
                            unit=shown.unit(place),
                            won=len(one.won),
                            agreed=sum(won.agreed for won in one.won),
                            kept=len(one.kept),
                            lost=len(one.lost),
                            weight=sum(one.weights.get(customer, 0) for customer in one.kept),
                            weight_lost=sum(one.weights.get(customer, 0) for customer in one.lost),
                            revenue=sum(part.cents for part in one.parts),
                        )
                    )
            return sorted(made, key=lambda one: (one.unit.id if one.unit else 0, -one.revenue, one.person.id))

    def results_behind(
        self, reader: Actor, person: int, what: What, *, since: str, until: str, zone: ZoneInfo,
        at: datetime | None = None,
    ) -> list[Behind]:  # fmt: skip
        """The customers one figure counts; their `cents` add up to the figure of money beside it.

        Raises `PersonNotFound` for a person whose figures are not the reader's to see.
        """
        with self._read(reader) as (connection, shown):
            if person not in (persons := self._people(shown.reader, None)):
                raise PersonNotFound(person=person)
            known = at or shown.reader.at
            one = self._tallies(connection, {person: persons[person]}, since, until, zone, known)[person]
            rows = list(_rows(one, what))
            named = revenue.named(connection, {row[0] for row in rows}, shown.reader)
            return _behind(one, what, rows, named)

    def results_lists(
        self, reader: Actor, what: What, *, since: str, until: str, zone: ZoneInfo, unit: int | None = None,
        at: datetime | None = None,
    ) -> list[tuple[PersonName, list[Behind]]]:  # fmt: skip
        """As `results_behind`, of everybody of whom `results` tells, in the order of persons."""
        with self._read(reader) as (connection, shown):
            persons = self._people(shown.reader, unit)
            found = self._tallies(connection, persons, since, until, zone, at or shown.reader.at)
            rows = {person: list(_rows(one, what)) for person, one in found.items()}
            some = {row[0] for lines in rows.values() for row in lines}
            named = revenue.named(connection, some, shown.reader)
            return [
                (name, _behind(found[person], what, lines, named))
                for person, lines in rows.items()
                if lines and (name := shown.person(person)) is not None
            ]

    def _people(self, reader: Reader, unit: int | None) -> dict[int, int | None]:
        """Those whose figures a reader sees, with the unit they work in or last did. `unit`: only there and below."""
        units = self._units(reader)
        below = None if unit is None else reader.directory.below(unit)
        found = {}
        for person in sorted(reader.directory.persons):
            place = place_of(reader.directory, person, reader.at)
            if (units is None or place in units or person in reader.persons) and (below is None or place in below):
                found[person] = place
        return found

    def _tallies(
        self, connection: Connection, persons: Iterable[int], since: str, until: str, zone: ZoneInfo, at: datetime
    ) -> dict[int, Tally]:
        """What counts for each of some persons, whoever asks."""
        found = {person: Tally() for person in persons}
        begin, end = first_of(since, zone), first_of(later(until, 1), zone)
        into = merges(connection, at=at)
        for one in self._courses(connection, found, end, at):
            one.credit(found, begin, end)
        for tally in found.values():
            tally.join(into)
        of = revenue.concerned(frozenset(), sorted(found), into)
        months = revenue.monthly(connection, later(since, -BEFORE), until, into=into, of=of, at=at)
        some = list(dict.fromkeys(customer for customer, _, _ in months))
        leads = {
            customer: [held for held in stints if held.begun <= at]
            for customer, stints in revenue.leads(connection, some).items()
        }
        splits = revenue.splits_of(connection, some, at=at)
        within = [month for month in months if month[1] >= since]
        for part in divided(within, leads, splits, zone):
            if part.person in found:
                found[part.person].parts.append(part)
        weights: dict[int, int] = {}
        for customer, month, cents in months:
            if month < since:
                weights[customer] = weights.get(customer, 0) + cents
        for tally in found.values():
            tally.weights = {customer: weights.get(customer, 0) for customer in tally.kept}
        return found

    def _courses(self, connection: Connection, persons: Iterable[int], until: datetime, at: datetime) -> list[Course]:
        rules = self.library.standards.customers
        if rules is None:
            return []
        some = frozenset(persons)
        moved = results.moves(connection, rules.of, rules.won, persons=some, until=until, at=at)
        return courses(rules, moved, results.holds(connection, some, at=at), end=min(until, at))


def first_of(month: str, zone: ZoneInfo) -> datetime:
    return datetime(int(month[:4]), int(month[5:]), 1, tzinfo=zone)


def place_of(directory: Directory, person: int, at: datetime) -> int | None:
    """Where somebody works; of who works nowhere any more, where they last did."""
    held = directory.home(person, at)
    if held is not None:
        return held
    past = [one for one in directory.memberships(person) if one.since <= at]
    return max(past, key=lambda one: one.since).unit if past else None


def _behind(
    one: Tally,
    what: What,
    rows: Sequence[tuple[int, Won | None, str | None, int]],
    named: Mapping[int, tuple[str, str, str]],
) -> list[Behind]:
    return [
        Behind(
            customer=customer,
            number=name[0] if name else None,
            name=Text(name[1], name[2]) if name else None,
            case=won.case if won and name else None,
            case_number=won.number if won and name else None,
            at=won.at if won else one.lost.get(customer) if what in ("kept", "lost") else None,
            month=month,
            cents=cents,
        )
        for customer, won, month, cents in rows
        for name in [named.get(customer)]
    ]


def _rows(one: Tally, what: What) -> Sequence[tuple[int, Won | None, str | None, int]]:
    if what == "won":
        return [(won.customer, won, None, won.agreed) for won in sorted(one.won, key=lambda won: (won.at, won.case))]
    if what == "revenue":
        return [(part.customer, None, part.month, part.cents) for part in one.parts]
    return [(customer, None, None, one.weights.get(customer, 0)) for customer in sorted(getattr(one, what))]
