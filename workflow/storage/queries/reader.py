"""Who reads, and which cases that lets through (docs/architecture.md, "Roles"). What is not named is not seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, FromClause, and_, false, literal, not_, or_, select, true

from workflow.core import confidence
from workflow.core.confidence import LEVELS, NOWHERE, Reach
from workflow.core.directory import OVERSEERS, Directory
from workflow.core.standing import OUTSIDE, PUBLIC
from workflow.storage.tables import cases, customers, escalations, participants, tasks

MOST = 1000
"""Conditions that are kept."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What one person may see at one moment.

    `persons`: the reader and those stood in for. `units`: cases of these are seen; `overseen`: those of them the
    reader answers for. `queues`: the (unit, role) pairs held. `book`: may see the organisation's records.
    `everything`: the system itself. `files`: the units whose customers' files are read, by confidentiality;
    `closed`: customers whose files are closed all the same.
    """

    directory: Directory
    at: datetime
    person: int | None
    persons: tuple[int, ...] = ()
    units: frozenset[int] = frozenset()
    overseen: frozenset[int] = frozenset()
    queues: frozenset[tuple[int, str]] = frozenset()
    book: bool = False
    audits: bool = False
    everything: bool = False
    files: Reach = NOWHERE
    closed: frozenset[int] = frozenset()

    @classmethod
    def of(cls, directory: Directory, persons: tuple[int, ...], *, at: datetime) -> Reader:
        """The first person reads; the others are those the first one stands in for now."""
        reader = cls(directory, at, persons[0] if persons else None, persons)
        for person in persons:
            reader = reader._with(person)
        return reader

    def _with(self, person: int) -> Reader:
        roles = self.directory.roles_of(person, self.at)
        scope = self.directory.scope(person, self.at)
        overseen = [self.directory.below(unit) for unit, names in roles.items() if names & OVERSEERS]
        audits = any("auditor" in names for names in roles.values())
        return replace(
            self,
            units=self.units | scope.units,
            overseen=self.overseen.union(*overseen),
            queues=self.queues | {(unit, name) for unit, names in roles.items() for name in names},
            book=self.book or scope.organisation or audits,
            audits=self.audits or audits,
            files=self.files | confidence.reach(self.directory, person, self.at),
        )

    @property
    def works(self) -> bool:
        """Whether the reader has anything to do with cases."""
        return any(role != "administrator" for _, role in self.queues)

    @property
    def scope(self) -> tuple[object, ...]:
        """What decides which cases are seen: all but the moment, and the organisation the rest comes from."""
        return tuple(getattr(self, one.name) for one in fields(self) if one.name not in ("directory", "at"))

    @property
    def others(self) -> tuple[int, ...]:
        """Those stood in for."""
        return self.persons[1:]


def within(unit: ColumnElement[int | None], units: frozenset[int]) -> ColumnElement[bool]:
    return unit.in_(sorted(units)) if units else false()


def in_queues(
    unit: ColumnElement[int | None], role: ColumnElement[str], queues: frozenset[tuple[int, str]]
) -> ColumnElement[bool]:
    """Whether (unit, role) is one of some pairs. Spelt out: SQLite follows no index into a list of pairs."""
    return or_(false(), *(and_(unit == one, role == name) for one, name in sorted(queues)))


def published() -> ColumnElement[bool]:
    """Cases that everybody who works with cases may read."""
    return (" " + cases.c.marks + " ").contains(f" {PUBLIC} ")


_conditions: dict[object, ColumnElement[bool]] = {}
"""Thrown away together when there are MOST: roles change seldom."""


def readable(reader: Reader) -> ColumnElement[bool]:
    """What the reader may see, as a condition on `cases`: of their units, taken part in, to be worked on, published."""
    return kept("cases", reader.scope, lambda: _readable(reader))


def kept(of: str, key: object, make: Callable[[], ColumnElement[bool]]) -> ColumnElement[bool]:
    """A condition that depends on nothing but `key`: every page asks for some several times, and putting them together
    takes longer than the database does with them."""
    found = _conditions.get((of, key))
    if found is None:
        if len(_conditions) >= MOST:
            _conditions.clear()
        found = _conditions[of, key] = make()
    return found


def _readable(reader: Reader) -> ColumnElement[bool]:
    if reader.everything:
        return true()
    c = cases.c
    mine = [
        _any(cases, participants.c.case_id == c.id, participants.c.person_id.in_(reader.persons)),
        _any(
            cases,
            tasks.c.case_id == c.id,
            tasks.c.assignee_id.is_(None),
            in_queues(tasks.c.unit_id, tasks.c.role, reader.queues),
        ),
        _any(
            cases,
            escalations.c.case_id == c.id,
            escalations.c.ended.is_(None),
            in_queues(escalations.c.unit_id, escalations.c.role, reader.queues),
        ),
    ]
    of_unit = within(cases.c.unit_id, reader.units)
    public = published() if reader.works else false()
    return or_(
        and_(cases.c.kind == "case", or_(of_unit, public, *mine)),
        and_(cases.c.kind == "customer", _any(cases, customers.c.id == c.id, readable_customers(reader))),
        and_(cases.c.kind == "organisation", true() if reader.book else false()),
    )


def _any(of: FromClause, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a row of `of` has one that fits, looked up by an index for each row in turn.

    Without the offset PostgreSQL would rather gather all that is one's own before it looks at the first case, and
    charges that gathering to every look, so that it reads all cases instead of the fifty that are shown.
    """
    return select(literal(1)).where(*conditions).offset(0).correlate(of).exists()


def readable_customers(reader: Reader) -> ColumnElement[bool]:
    """The condition on `customers` for files the reader may read, by their confidentiality (`core.confidence`).

    Of whose team they are; of the units the reader's roles reach at that level; but for the highest level, of a case
    they took part in, unless it is marked as one that does not open the file (`core.standing.reads_file`).
    """
    return kept("customers", reader.scope, lambda: _readable_customers(reader))


def _readable_customers(reader: Reader) -> ColumnElement[bool]:
    if reader.everything:
        return true()
    c = customers.c
    theirs = cases.alias()
    took_part = _any(
        customers,
        theirs.c.customer_id == c.id,
        participants.c.case_id == theirs.c.id,
        participants.c.person_id.in_(reader.persons),
        not_((" " + theirs.c.marks + " ").contains(f" {OUTSIDE} ")),
    )
    theirs_to_read = or_(
        *((c.level == level) & within(c.unit_id, reader.files.of(name)) for level, name in enumerate(LEVELS)),
        c.a_id.in_(reader.persons),
        c.b_id.in_(reader.persons),
        (c.level < len(LEVELS) - 1) & took_part,
    )
    return and_(c.id.not_in(sorted(reader.closed)), theirs_to_read) if reader.closed else theirs_to_read


def closed_to(connection: Connection, reader: Reader) -> frozenset[int]:
    """The customers above the lowest level whose files a reader may not read."""
    above = select(customers.c.id).where(customers.c.level > 0)
    open_ = frozenset(connection.scalars(above.where(readable_customers(reader))))
    return frozenset(connection.scalars(above)) - open_
