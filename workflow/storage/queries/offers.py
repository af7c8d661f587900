"""Cases on offer to everybody with a role, and how much of what is limited somebody has."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from workflow.storage.development_tables import takings
from workflow.storage.queries.cases import CASE, CUSTOMER, WITH_CUSTOMER
from workflow.storage.queries.leading import led_by
from workflow.storage.queries.offering import offered
from workflow.storage.queries.paging import AnyRow
from workflow.storage.queries.reader import Reader
from workflow.storage.tables import cases, customers


def oldest(query: Select[Any], key: tuple[Any, ...] | None, *, limit: int) -> Select[Any]:
    """A page of cases, what was opened first first."""
    if key is not None:
        query = query.where(cases.c.id > key[0])
    return query.order_by(cases.c.id).limit(limit)


def taken(connection: Connection, name: str, receiver: int, since: datetime | None) -> int:
    """How often a receiver took what a limit counts since a moment; None: how many are held now."""
    t = takings.c
    when = t.until.is_(None) if since is None else t.since >= since
    found = connection.scalar(select(func.count()).where(t.name == name, t.of_id == receiver, when))
    return int(found or 0)


def led(connection: Connection, person: int, *, but: int | None) -> int:
    """How many customers somebody leads, one left out."""
    c = customers.c
    mine = led_by(person) & c.merged_id.is_(None) & (c.id != (but or 0))
    return int(connection.scalar(select(func.count()).select_from(customers).where(mine)) or 0)


def listed(reader: Reader, definition: str | None) -> Select[Any]:
    """The open cases on offer to the reader, with their bodies."""
    query = select(*CASE, cases.c.body, *CUSTOMER).select_from(WITH_CUSTOMER)
    query = query.where(cases.c.closed.is_(None), offered(reader))
    return query if definition is None else query.where(cases.c.definition == definition)


def bodies(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    """The stored cases of these ids, customers' own records among them."""
    rows = connection.execute(select(cases.c.id, cases.c.body).where(cases.c.id.in_(list(ids))))
    return {row.id: row.body for row in rows}


def others(connection: Connection, customers: Iterable[int]) -> dict[int, list[AnyRow]]:
    """Customer → its open cases, the first one opened first."""
    c = cases.c
    query = select(c.customer_id, c.id, c.definition, c.number, c.opened, c.unit_id, c.marks).where(
        c.customer_id.in_(list(customers)), c.closed.is_(None), c.kind == "case"
    )
    found: dict[int, list[AnyRow]] = {}
    for row in connection.execute(query.order_by(c.opened, c.id)):
        found.setdefault(row.customer_id, []).append(row)
    return found
