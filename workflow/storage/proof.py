"""Histories exactly as they are stored, for those who verify them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, text

from workflow.core.chain import Column
from workflow.storage import tables as t

_HASHED = [column.name for column in t.steps.columns if column.name not in ("previous", "hash")]
# Without types: what the driver gives, so that nothing is read and written again before it is hashed.
_RAW = text(f"SELECT {', '.join(_HASHED)}, previous, hash FROM steps WHERE case_id = :case ORDER BY seq")  # noqa: S608


@dataclass(frozen=True, slots=True)
class Kept:
    """A case as it is stored."""

    id: int
    number: str
    kind: str
    seq: int
    head: bytes
    body: str


Link = tuple[Sequence[Column], bytes, bytes]
"""The columns of a step, the hash before it, and its own."""


def kept(connection: Connection, case: int) -> Kept | None:
    """None when there is no such case."""
    c = t.cases.c
    row = connection.execute(select(c.id, c.number, c.kind, c.seq, c.head, c.body).where(c.id == case)).one_or_none()
    return None if row is None else Kept(row.id, row.number, row.kind, row.seq, bytes(row.head), row.body)


def chain(connection: Connection, case: int) -> list[Link]:
    """The stored links of a case's history, in order."""
    return [(tuple(row[:-2]), bytes(row[-2]), bytes(row[-1])) for row in connection.execute(_RAW, {"case": case})]


def find(connection: Connection, named: str) -> int | None:
    """The id of a case by its number, or by its id; None when there is none."""
    c = t.cases.c
    found = connection.scalar(select(c.id).where(c.number == named))
    if found is None and named.isascii() and named.isdigit() and len(named) < 16:
        found = connection.scalar(select(c.id).where(c.id == int(named)))
    return found


def ids(connection: Connection, *, after: int = 0, limit: int = 500) -> list[int]:
    """Cases by id: the next ones after one."""
    c = t.cases.c
    return list(connection.scalars(select(c.id).where(c.id > after).order_by(c.id).limit(limit)))
