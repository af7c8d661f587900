"""Histories exactly as they are stored, for those who verify them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, TextClause, bindparam, select, text

from workflow.core.case import Case
from workflow.core.errors import UNFIT
from workflow.core.moments import micros
from workflow.core.step import Step
from workflow.storage import recorded
from workflow.storage import tables as t
from workflow.storage.due import WORDS
from workflow.storage.rows import COLUMNS
from workflow.storage.store import DERIVED

CASES: BindParameter[Any] = bindparam("cases", expanding=True)
_OF = {"links": "parent_id", "customers": "id"}
_COMPARED = {name: COLUMNS[name][:-1] if name == "timers" else COLUMNS[name] for name in DERIVED}
_STILL = {
    "escalations": " AND ended IS NULL",
    "timers": f" AND kind NOT IN {WORDS}",
}


def _list(name: str, key: str, columns: Sequence[str], still: str = "") -> TextClause:
    """The rows of a list of some cases, each after the case it is of."""
    query = f"SELECT {key}, {', '.join(columns)} FROM {name} WHERE {key} IN :cases{still}"  # noqa: S608
    return text(query).bindparams(CASES)


_SEEN = _list("cases", "id", ("unit_id", "marks", "closed"))
_LISTS = {
    name: _list(name, _OF.get(name, "case_id"), columns, _STILL.get(name, "")) for name, columns in _COMPARED.items()
}
_RECORDED = {name: _list(name, "customer_id", columns) for name, columns in recorded.COLUMNS.items()}


@dataclass(frozen=True, slots=True)
class Kept:
    """A case as it is stored."""

    id: int
    number: str
    kind: str
    seq: int
    head: bytes
    body: str


def kept(connection: Connection, case: int) -> Kept | None:
    """None when there is no such case."""
    return several(connection, [case]).get(case)


def several(connection: Connection, cases: Sequence[int]) -> dict[int, Kept]:
    """Those of some cases that there are."""
    c = t.cases.c
    query = select(c.id, c.number, c.kind, c.seq, c.head, c.body).where(c.id.in_(cases)).order_by(c.id)
    rows = connection.execute(query)
    return {row.id: Kept(row.id, row.number, row.kind, row.seq, bytes(row.head), row.body) for row in rows}


def lengths(connection: Connection, cases: Sequence[int]) -> dict[int, int]:
    """Of those of some cases that there are, by id, how many steps they say they have."""
    c = t.cases.c
    found = connection.execute(select(c.id, c.seq).where(c.id.in_(cases)).order_by(c.id))
    return {row.id: row.seq for row in found}


def otherwise(connection: Connection, cases: Sequence[Case]) -> dict[int, tuple[str, ...]]:
    """Of each case the lists in which it does not stand as its history says: tables whose rows are made from it alone.

    Left out is what is no part of the case: when a timer is tried again, what other cases have left and it has not
    heard yet, and escalations that are over.
    """
    ids = [case.id for case in cases]
    seen = _stored(connection, _SEEN, ids)
    lists = {name: _stored(connection, _LISTS[name], ids) for name in sorted(DERIVED)}
    found: dict[int, tuple[str, ...]] = {}
    for case in cases:
        made = {name: _made(name, case) for name in ("cases", *lists)}
        stored = {"cases": seen[case.id]} | {name: rows[case.id] for name, rows in lists.items()}
        found[case.id] = tuple(name for name, rows in stored.items() if rows != made[name])
    return found


def otherwise_recorded(connection: Connection, records: Mapping[int, Sequence[Step]]) -> dict[int, tuple[str, ...]]:
    """The same of customers' records by their steps, in the tables that say how they came about."""
    lists = {name: _stored(connection, query, list(records)) for name, query in _RECORDED.items()}
    found: dict[int, tuple[str, ...]] = {}
    for record, steps in records.items():
        try:
            made: Mapping[str, set[recorded.Row]] = recorded.derived(steps)
        except UNFIT:
            made = {}
        found[record] = tuple(name for name, rows in lists.items() if rows[record] != made.get(name))
    return found


def _stored(connection: Connection, query: TextClause, cases: Sequence[int]) -> dict[int, set[tuple[Any, ...]]]:
    found: dict[int, set[tuple[Any, ...]]] = {case: set() for case in cases}
    for case, *row in connection.execute(query, {"cases": cases}) if cases else ():
        found[case].add(tuple(row))
    return found


def _made(name: str, case: Case) -> set[tuple[Any, ...]] | None:
    """None where the history gives no rows that a list could have."""
    try:
        if name == "cases":
            return {(case.unit, " ".join(case.marks), None if case.closed is None else micros(case.closed))}
        width = len(_COMPARED[name])
        return {row[:width] for row in DERIVED[name](case).values()}
    except UNFIT:
        return None


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
