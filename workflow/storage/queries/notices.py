"""Messages to a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, literal, select, update

from workflow.storage.queries.cases import CUSTOMER, WITH_CUSTOMER
from workflow.storage.queries.reader import Reader
from workflow.storage.tables import cases, deliveries, outbox


def addressed(person: int | None, *, unread: bool = False, kind: str | None = None) -> Select[Any]:
    """The messages to a person, of one kind or all; None, the system, gets none."""
    query = (
        select(
            outbox.c.id, outbox.c.case_id, outbox.c.kind, outbox.c.body, outbox.c.created, outbox.c.read,
            cases.c.number, cases.c.definition, cases.c.version, *CUSTOMER,
        )
        .select_from(outbox.join(WITH_CUSTOMER, cases.c.id == outbox.c.case_id))
        .where(outbox.c.person_id == (person or 0))
    )  # fmt: skip
    if kind is not None:
        query = query.where(outbox.c.kind == kind)
    return query.where(outbox.c.read.is_(None)) if unread else query


def sent(reader: Reader) -> Select[Any]:
    """Tries to send messages: to the reader; all of them for those who see the organisation's records."""
    query = select(deliveries)
    return query if reader.everything or reader.book else query.where(deliveries.c.person_id == (reader.person or 0))


def unread(connection: Connection, person: int | None, *, most: int) -> int:
    """How many messages a person has not read, counted up to `most`."""
    mine = select(outbox.c.id).where(outbox.c.person_id == (person or 0), outbox.c.read.is_(None)).limit(most)
    return int(connection.scalar(select(func.count()).select_from(mine.subquery())) or 0)


def mark_all_read(connection: Connection, person: int | None, until: int, at: datetime) -> int:
    """Note that a person has seen every message up to this one; how many were new."""
    mine = (outbox.c.person_id == (person or 0)) & outbox.c.read.is_(None) & (outbox.c.id <= until)
    return connection.execute(update(outbox).where(mine).values(read=at)).rowcount


def mark_read(connection: Connection, notice: int, person: int | None, at: datetime) -> bool:
    """Note when a person first saw a message; False when there is none of theirs with this id."""
    mine = (outbox.c.id == notice) & (outbox.c.person_id == (person or 0))
    seen = func.coalesce(outbox.c.read, literal(at, outbox.c.read.type))
    return connection.execute(update(outbox).where(mine).values(read=seen)).rowcount == 1
