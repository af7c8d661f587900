"""Cases on offer to everybody with a role, and how much of what is limited somebody has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from workflow.storage.development_tables import offers, takings
from workflow.storage.queries.reader import Reader, in_queues, readable
from workflow.storage.tables import cases


def offered(reader: Reader) -> ColumnElement[bool]:
    """The condition on `cases` for what is offered to the reader: by a role held there or in a unit below."""
    above = {(over, role) for unit, role in reader.queues for over in reader.directory.above(unit)}
    return cases.c.id.in_(select(offers.c.case_id).where(in_queues(offers.c.unit_id, offers.c.role, frozenset(above))))


def may_open(reader: Reader) -> ColumnElement[bool]:
    """The condition on `cases` for what the reader may see, one after another: theirs, and what is on offer."""
    return or_(readable(reader), offered(reader))


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
