"""The revenue statement: what was brought in, by unit and manager, adding up to the cent.

Each month's revenue of a customer is divided by the split of that month, to the cent by largest remainders (of equal
ones the first named gets it), so the shares of a month are exactly the month. A unit's share counts for the manager
who led the customer for that unit at the month's end, or for the person the split names; with neither, for the unit.
What a record brought in that was merged into another is that one's, of all months, until the merge is undone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from workflow.core.definition.expressions import Text
from workflow.core.splits import Share, Split, in_force, later, parts
from workflow.core.step import Actor
from workflow.service.revenue import Revenues
from workflow.service.shown import Shown
from workflow.service.views.names import PersonName, UnitName
from workflow.storage.queries import revenue
from workflow.storage.queries.merges import merges
from workflow.storage.queries.reader import Reader
from workflow.storage.queries.revenue import Held

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Part:
    """What a unit, and in it a person or nobody, has of one month of a customer."""

    customer: int
    month: str
    whole: int
    unit: int | None
    person: int | None
    hundredths: int
    cents: int


@dataclass(frozen=True, slots=True)
class Line:
    """`person` None: what counts for the unit alone. `cents` may be less than nothing after corrections."""

    unit: UnitName | None
    person: PersonName | None
    customers: int
    cents: int


@dataclass(frozen=True, slots=True)
class UnitLines:
    unit: UnitName | None
    lines: tuple[Line, ...]
    cents: int


@dataclass(frozen=True, slots=True)
class Statement:
    """`whole`: all revenue of the customers concerned; `cents`: what of it is the reader's to see, line by line."""

    since: str
    until: str
    units: tuple[UnitLines, ...]
    cents: int
    whole: int


@dataclass(frozen=True, slots=True)
class PartRow:
    """One summand of a line. `number` None: a customer whose file the reader may not read."""

    customer: int
    number: str | None
    name: Text | None
    month: str
    unit: UnitName | None
    person: PersonName | None
    whole: int
    hundredths: int
    cents: int


class Statements(Revenues):
    """Revenue as it counts for units and people."""

    def statement(
        self,
        reader: Actor,
        *,
        since: str,
        until: str,
        zone: ZoneInfo,
        unit: int | None = None,
        at: datetime | None = None,
    ) -> Statement:
        """Of the months from one to another, both whole. `unit`: that one and those below. `at`: as known then."""
        with self._read(reader) as (connection, shown):
            found, whole = self._parts(connection, shown.reader, since, until, zone, unit, at)
            sums: dict[int | None, dict[int | None, list[int]]] = {}
            who: dict[tuple[int | None, int | None], set[int]] = {}
            for part in found:
                sums.setdefault(part.unit, {}).setdefault(part.person, []).append(part.cents)
                who.setdefault((part.unit, part.person), set()).add(part.customer)
            units = [
                UnitLines(
                    shown.unit(place),
                    tuple(
                        Line(shown.unit(place), shown.person(person), len(who[place, person]), sum(cents))
                        for person, cents in sorted(people.items(), key=lambda one: (-sum(one[1]), one[0] or 0))
                    ),
                    sum(map(sum, people.values())),
                )
                for place, people in sums.items()
            ]
            units.sort(key=lambda one: (-one.cents, one.unit.id if one.unit else 0))
            return Statement(since, until, tuple(units), sum(one.cents for one in units), whole)

    def statement_parts(
        self,
        reader: Actor,
        *,
        since: str,
        until: str,
        zone: ZoneInfo,
        unit: int | None,
        person: int | None = None,
        alone: bool = False,
        at: datetime | None = None,
    ) -> list[PartRow]:
        """What a line is made of, by customer and month. `alone`: what counts for the unit and nobody in it."""
        with self._read(reader) as (connection, shown):
            found, _ = self._parts(connection, shown.reader, since, until, zone, None, at)
            mine = [
                part
                for part in found
                if part.unit == unit and (person is None or part.person == person) and not (alone and part.person)
            ]
            return self._part_rows(connection, shown, mine)

    def statement_whole(
        self, reader: Actor, *, since: str, until: str, zone: ZoneInfo, unit: int | None = None,
        at: datetime | None = None,
    ) -> list[PartRow]:  # fmt: skip
        """All that a `statement` is made of, by customer and month."""
        with self._read(reader) as (connection, shown):
            found, _ = self._parts(connection, shown.reader, since, until, zone, unit, at)
            return self._part_rows(connection, shown, found)

    def _part_rows(self, connection: Connection, shown: Shown, found: Sequence[Part]) -> list[PartRow]:
        named = revenue.named(connection, {part.customer for part in found}, shown.reader)
        return [
            PartRow(
                part.customer, name[0] if name else None, Text(name[1], name[2]) if name else None, part.month,
                shown.unit(part.unit), shown.person(part.person), part.whole, part.hundredths, part.cents,
            )
            for part in found
            for name in [named.get(part.customer)]
        ]  # fmt: skip

    def _parts(
        self, connection: Connection, reader: Reader, since: str, until: str, zone: ZoneInfo, unit: int | None,
        at: datetime | None,
    ) -> tuple[list[Part], int]:  # fmt: skip
        """What the reader may see of it, and all revenue of the customers concerned."""
        units = self._units(reader)
        into = merges(connection, at=at)
        of = revenue.concerned(units, reader.persons, into)
        months = revenue.monthly(connection, since, until, into=into, of=of, at=at)
        some = list(dict.fromkeys(customer for customer, _, _ in months))
        leads = revenue.leads(connection, some)
        splits = revenue.splits_of(connection, some, at=at)
        below = None if unit is None else reader.directory.below(unit)
        found = [
            part
            for part in divided(months, leads, splits, zone)
            if (below is None or part.unit in below)
            and (units is None or part.unit in units or (part.person is not None and part.person in reader.persons))
        ]
        return found, sum(cents for _, _, cents in months)

    def _units(self, reader: Reader) -> frozenset[int] | None:
        """The units whose figures a reader sees whole; None: all there are."""
        if reader.everything:
            return None
        return reader.overseen | (reader.units if reader.audits else frozenset())


def divided(
    months: Sequence[tuple[int, str, int]],
    leads: Mapping[int, Sequence[Held]],
    splits: Mapping[int, Sequence[Split]],
    zone: ZoneInfo,
) -> Iterator[Part]:
    """The revenue of customers and months, each divided among those who have a share of it."""
    for customer, month, whole in months:
        keeper = _at_end(leads.get(customer, ()), month, zone)
        shares = merged(in_force(splits.get(customer, ()), month), keeper)
        amounts = parts(whole, [hundredths for _, _, hundredths in shares])
        for (unit, person, hundredths), cents in zip(shares, amounts, strict=True):
            yield Part(customer, month, whole, unit, person, hundredths, cents)


def merged(shares: Sequence[Share], keeper: Held | None) -> list[tuple[int | None, int | None, int]]:
    """Unit, person and share, with the keeper put in; what one has twice is added up, what is nothing left out."""
    found: dict[tuple[int | None, int | None], int] = {}
    for share in shares:
        unit = share.unit if share.unit is not None else keeper.unit if keeper is not None else None
        person = share.person
        if person is None and keeper is not None and keeper.unit == unit:
            person = keeper.person
        found[unit, person] = found.get((unit, person), 0) + share.hundredths
    return [(unit, person, hundredths) for (unit, person), hundredths in found.items() if hundredths]


def _at_end(leads: Sequence[Held], month: str, zone: ZoneInfo) -> Held | None:
    """Who led when the month ended; before a customer was on file, who led first."""
    following = later(month, 1)
    end = datetime(int(following[:4]), int(following[5:]), 1, tzinfo=zone)
    return next((held for held in reversed(leads) if held.begun < end), leads[0] if leads else None)
