"""Histories exactly as they are stored, for those who verify them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, TextClause, select, text

from workflow.core.case import Case
from workflow.core.chain import Column
from workflow.core.moments import micros
from workflow.core.step import Step
from workflow.storage import recorded
from workflow.storage import tables as t
from workflow.storage.rows import COLUMNS
from workflow.storage.store import DERIVED

_HASHED = [column.name for column in t.steps.columns if column.name not in ("previous", "hash")]
# Without types: what the driver gives, so that nothing is read and written again before it is hashed.
_RAW = text(f"SELECT {', '.join(_HASHED)}, previous, hash FROM steps WHERE case_id = :case ORDER BY seq")  # noqa: S608
_SEEN = text("SELECT unit_id, marks, closed FROM cases WHERE id = :case")
_OF = {"links": "parent_id", "customers": "id"}
_COMPARED = {name: COLUMNS[name][:-1] if name == "timers" else COLUMNS[name] for name in DERIVED}
_STILL = {"escalations": " AND ended IS NULL"}
_LISTS = {
    name: text(
        f"SELECT {', '.join(columns)} FROM {name}"  # noqa: S608
        f" WHERE {_OF.get(name, 'case_id')} = :case{_STILL.get(name, '')}"
    )
    for name, columns in _COMPARED.items()
}
_RECORDED = {
    name: text(f"SELECT {', '.join(columns)} FROM {name} WHERE customer_id = :case")  # noqa: S608
    for name, columns in recorded.COLUMNS.items()
}


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


def otherwise(connection: Connection, case: Case) -> tuple[str, ...]:
    """The lists in which a case does not stand as the history says: tables whose rows are made from it alone.

    Left out is what is no part of the case: when a timer is tried again, and escalations that are over.
    """
    row = connection.execute(_SEEN, {"case": case.id}).one()
    seen = (case.unit, " ".join(case.marks), None if case.closed is None else micros(case.closed))
    lists = (name for name in sorted(DERIVED) if _stored(connection, _LISTS[name], case.id) != _made(name, case))
    return (*(() if tuple(row) == seen else ("cases",)), *lists)


def otherwise_recorded(connection: Connection, record: int, steps: Sequence[Step]) -> tuple[str, ...]:
    """The same of a customer's record, in the tables that say how it came about."""
    made = recorded.derived(steps)
    return tuple(name for name, query in _RECORDED.items() if _stored(connection, query, record) != made[name])


def _stored(connection: Connection, query: TextClause, case: int) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in connection.execute(query, {"case": case})}


def _made(name: str, case: Case) -> set[tuple[Any, ...]]:
    width = len(_COMPARED[name])
    return {row[:width] for row in DERIVED[name](case).values()}


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
