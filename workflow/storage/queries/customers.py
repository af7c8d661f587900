"""Customers, one and many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, or_, select, true

from workflow.storage.queries.narrow import Wanted, named
from workflow.storage.queries.paging import AnyRow, Key, after, needle
from workflow.storage.queries.reader import Reader, readable, readable_customers, within
from workflow.storage.registry_tables import customer_phones
from workflow.storage.tables import cases, customers, participants

TIERS = ("diamond", "gold", "silver", "ordinary")


@dataclass(frozen=True, slots=True)
class Sought:
    """What a text may mean beside what it says: `key`, the normalised name; `digests`, of a telephone number."""

    key: str = ""
    digests: frozenset[bytes] = frozenset()


NOTHING = Sought()


def one(connection: Connection, customer: int, reader: Reader) -> AnyRow | None:
    """A customer; None when there is none or the reader may not see it."""
    if not 0 <= customer < 2**63:
        return None
    query = select(customers).where(customers.c.id == customer, readable_customers(reader))
    return connection.execute(query).one_or_none()


def readable_of(connection: Connection, ids: Iterable[int], reader: Reader) -> set[int]:
    """Those of some customers whose files the reader may read."""
    query = select(customers.c.id).where(customers.c.id.in_(set(ids)), readable_customers(reader))
    return set(connection.scalars(query))


def listed(reader: Reader, wanted: Wanted | None, *, sought: Sought = NOTHING) -> Select[Any]:
    """The customers a reader may see; `state` of the filters is their stage, `person` one of the two managers.

    One that was merged into another is found as the other. `sought`: what else the text may mean.
    """
    query = select(customers).where(readable_customers(reader), customers.c.merged_id.is_(None))
    if wanted is None:
        return query
    if wanted.tier is not None:
        query = query.where(customers.c.tier == wanted.tier)
    if wanted.state is not None:
        query = query.where(customers.c.stage == wanted.state)
    if wanted.unit is not None:
        query = query.where(within(customers.c.unit_id, reader.directory.below(wanted.unit)))
    if wanted.person is not None:
        query = query.where(or_(customers.c.a_id == wanted.person, customers.c.b_id == wanted.person))
    if text := needle(wanted.text):
        gone = customers.alias()
        merged = select(gone.c.merged_id).where(gone.c.merged_id.is_not(None), or_(*_meant(text, gone, sought)))
        found = [*_meant(text, customers, sought), customers.c.id.in_(merged)]
        if sought.digests:
            found.append(_phoned(sought.digests, reader))
        query = query.where(or_(*found))
    return query


def _meant(text: str, table: Any, sought: Sought) -> list[ColumnElement[bool]]:
    alike = [table.c.key.contains(sought.key, autoescape=True)] if sought.key else []
    return [*named(text, table), *alike]


def _phoned(digests: frozenset[bytes], reader: Reader) -> ColumnElement[bool]:
    """By the number of a contact: for those who are shown the contacts when they ask (`Shown.involved`)."""
    c, kept = customer_phones.c, customers.alias()
    found = select(func.coalesce(kept.c.merged_id, kept.c.id)).join(customer_phones, c.customer_id == kept.c.id)
    mine = select(participants.c.case_id).where(participants.c.person_id.in_(reader.persons))
    team = or_(customers.c.a_id.in_(reader.persons), customers.c.b_id.in_(reader.persons))
    involved = or_(within(customers.c.unit_id, reader.overseen), team, customers.c.id.in_(mine))
    return customers.c.id.in_(found.where(c.digest.in_(sorted(digests)))) & (true() if reader.everything else involved)


ORDERS: Mapping[str, tuple[ColumnElement[Any], ...]] = {
    "number": (customers.c.number,),
    "name": (customers.c.pinyin, customers.c.number),
    "tier": (
        case(*((customers.c.tier == tier, rank) for rank, tier in enumerate(TIERS)), else_=len(TIERS)),
        customers.c.number,
    ),
}
"""How a list of customers may be ordered: `name` by its sound, `tier` the highest first. Each ends with the number."""


def ordered(query: Select[Any], key: Key | None, *, limit: int, order: str) -> Select[Any]:
    """A page of `listed` in one of ORDERS."""
    columns = ORDERS[order]
    return query.where(*after(columns, key)).order_by(*columns).limit(limit)


def place_of(row: AnyRow, order: str) -> Key:
    """Where a row stands in an order."""
    rank = TIERS.index(row.tier) if row.tier in TIERS else len(TIERS)
    return {"number": (row.number,), "name": (row.pinyin, row.number), "tier": (rank, row.number)}[order]


def open_cases(connection: Connection, reader: Reader, ids: Iterable[int]) -> dict[int, int]:
    """Customer → how many cases that the reader may see are open, with those of what was merged into it."""
    known, other = set(ids), customers.alias()
    # Named apart from the join: SQLite would otherwise walk through all cases and look each one's customer up.
    meant = select(other.c.id).where(or_(other.c.id.in_(known), other.c.merged_id.in_(known)))
    query = (
        select(whose := func.coalesce(customers.c.merged_id, customers.c.id), func.count())
        .join_from(cases, customers, cases.c.customer_id == customers.c.id)
        .where(cases.c.customer_id.in_(meant))
        .where(cases.c.kind == "case", cases.c.closed.is_(None), readable(reader))
        .group_by(whose)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
