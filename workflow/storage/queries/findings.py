"""What auditors wrote down: steps of the organisation's own record. And drawing samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from workflow.storage.queries.paging import AnyRow
from workflow.storage.queries.reader import Reader, readable
from workflow.storage.tables import cases, steps


def written(connection: Connection, record: int, triggers: Iterable[str]) -> Sequence[AnyRow]:
    """Steps of a record by these triggers, in order."""
    query = select(steps).where(steps.c.case_id == record, steps.c.trigger.in_(sorted(triggers)))
    return connection.execute(query.order_by(steps.c.seq)).all()


def seen(connection: Connection, reader: Reader, ids: Iterable[int]) -> dict[int, AnyRow]:
    """Of some cases those the reader may see: number, lifecycle and version."""
    c = cases.c
    query = select(c.id, c.number, c.kind, c.definition, c.version, c.state).where(c.id.in_(set(ids)), readable(reader))
    return {row.id: row for row in connection.execute(query)}


def drawable(
    connection: Connection, reader: Reader, *, of: str, definition: str | None, since: datetime | None, until: datetime
) -> Iterator[tuple[int, int]]:
    """Case and step of all a sample may be drawn from, in a fixed order; the first step stands for a case.

    What was written after `until` is not among them, so that the same seed draws the same for ever.
    """
    c, s = cases.c, steps.c
    query = select(s.case_id, s.seq).join(cases, c.id == s.case_id)
    query = query.where(c.kind == "case", readable(reader), s.recorded < until)
    if of == "cases":
        query = query.where(s.seq == 1)
    if definition is not None:
        query = query.where(c.definition == definition)
    if since is not None:
        query = query.where(s.recorded >= since)
    for part in connection.execute(query.order_by(s.case_id, s.seq)).partitions(1000):
        yield from ((row.case_id, row.seq) for row in part)


def of_units(connection: Connection, ids: Iterable[int], units: Iterable[int]) -> set[int]:
    """Of some cases those of some units."""
    c = cases.c
    query = select(c.id).where(c.id.in_(set(ids)), c.unit_id.in_(set(units)))
    return set(connection.scalars(query))
