"""Customers, one and many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from workflow.storage.queries.narrow import Wanted, named
from workflow.storage.queries.paging import AnyRow, Key, after, needle
from workflow.storage.queries.reader import Reader, readable_customers, within
from workflow.storage.tables import cases, customers


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


def numbered(query: Select[Any], key: Key | None, *, limit: int) -> Select[Any]:
    """A page of `listed`, by number."""
    return query.where(*after((customers.c.number,), key)).order_by(customers.c.number).limit(limit)


def open_cases(connection: Connection, ids: Iterable[int]) -> dict[int, int]:
    """Customer → how many cases are open."""
    query = (
        select(cases.c.customer_id, func.count())
        .where(cases.c.customer_id.in_(set(ids)), cases.c.kind == "case", cases.c.closed.is_(None))
        .group_by(cases.c.customer_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
