"""Customers, one and many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, or_, select

from workflow.storage.queries.narrow import Wanted, named
from workflow.storage.queries.paging import AnyRow, Key, after, needle
from workflow.storage.queries.reader import Reader, readable, readable_customers, within
from workflow.storage.tables import cases, customers

TIERS = ("diamond", "gold", "silver", "ordinary")


def one(connection: Connection, customer: int, reader: Reader) -> AnyRow | None:
    """A customer; None when there is none or the reader may not see it."""
    if not 0 <= customer < 2**63:
        return None
    query = select(customers).where(customers.c.id == customer, readable_customers(reader))
    return connection.execute(query).one_or_none()


def listed(reader: Reader, wanted: Wanted | None) -> Select[Any]:
    """The customers a reader may see; `state` of the filters is their stage, `person` one of the two managers."""
    query = select(customers).where(readable_customers(reader))
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
        query = query.where(or_(*named(text), customers.c.credit_code == text))
    return query


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
    """Customer → how many cases that the reader may see are open."""
    query = (
        select(cases.c.customer_id, func.count())
        .where(cases.c.customer_id.in_(set(ids)), cases.c.kind == "case", cases.c.closed.is_(None), readable(reader))
        .group_by(cases.c.customer_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
