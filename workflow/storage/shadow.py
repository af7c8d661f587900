"""The lists' tables as they stood at a past moment, in a file of their own that the same questions are asked of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, bindparam, text
from sqlalchemy.dialects import sqlite as dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from workflow.core.case import Case
from workflow.core.codec import case_body
from workflow.core.moments import micros
from workflow.core.step import Step
from workflow.storage import rows
from workflow.storage import tables as t
from workflow.storage.columns import metadata
from workflow.storage.queries import past
from workflow.storage.sqlite import driver
from workflow.storage.store import DERIVED
from workflow.storage.workplace_tables import snoozes

PORTION = 500
CASES = tuple(column.name for column in t.cases.columns if column.name != "body")
STEPS = tuple(column.name for column in t.steps.columns)
LISTED = ("tasks", "clocks", "escalations", "links", "participants", "customers")
"""The index tables that lists are made of."""

_OF_CASE = {"links": "parent_id", "customers": "id"}
_SPELT = {name: ", ".join(STEPS if name == "steps" else rows.COLUMNS[name]) for name in (*LISTED, "steps")}


class Shadow:
    """A file being filled. Moments and rows are as they are stored: nothing is read and written again.

    `named`: the lifecycles whose cases lists call by a value of theirs; only of these the whole case is kept.
    """

    def __init__(self, path: Path, *, named: Collection[str]) -> None:
        self.named = tuple(sorted(named))
        self._driver: Any = driver.connect(str(path))
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF"):
            self._driver.execute(f"PRAGMA {pragma}")
        tables: list[Table] = [t.cases, t.steps, t.outages, snoozes, *(metadata.tables[name] for name in LISTED)]
        for table in tables:
            self._driver.execute(str(CreateTable(table).compile(dialect=dialect.dialect())))
            for index in table.indexes:
                self._driver.execute(str(CreateIndex(index).compile(dialect=dialect.dialect())))

    def put(self, table: str, columns: Sequence[str], found: Iterable[Sequence[Any]]) -> None:
        marks = ", ".join("?" * len(columns))
        self._driver.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608
            found,
        )

    def put_case(self, case: Case, phase: str) -> None:
        """A case folded to the moment, with what lists show of it."""
        closed = None if case.closed is None else micros(case.closed)
        values = {
            "id": case.id, "kind": case.kind, "number": case.number, "definition": case.definition,
            "version": case.version, "customer_id": case.customer, "unit_id": case.unit, "parent_id": case.parent,
            "state": case.state, "phase": phase, "marks": " ".join(case.marks), "opened": micros(case.opened),
            "updated": micros(case.written or case.opened), "closed": closed, "seq": case.seq, "head": b"",
        }  # fmt: skip
        body = case_body(case) if case.definition in self.named else "{}"
        self.put("cases", (*CASES, "body"), [(*(values[name] for name in CASES), body)])
        for table in LISTED:
            self.put(table, rows.COLUMNS[table], DERIVED[table](case).values())

    def put_ended(self, found: Iterable[rows.Row]) -> None:
        """Escalations that were over by the moment."""
        self.put("escalations", rows.COLUMNS["escalations"], found)

    def close(self) -> None:
        self._driver.commit()
        self._driver.close()


def copy_still(connection: Connection, shadow: Shadow, at: datetime) -> None:
    """Take over what has not been written to since the moment: it stood then as it stands now."""
    until = {"at": micros(at)}
    body = "CASE WHEN definition IN :named THEN body ELSE '{}' END"
    query = text(f"SELECT {', '.join(CASES)}, {body} FROM cases WHERE updated <= :at")  # noqa: S608
    some = connection.execute(query.bindparams(bindparam("named", expanding=True)), {**until, "named": shadow.named})
    for part in some.partitions(PORTION):
        shadow.put("cases", (*CASES, "body"), [tuple(row) for row in part])
    for table in LISTED:
        of = _OF_CASE.get(table, "case_id")
        query = text(
            f"SELECT {_SPELT[table]} FROM {table} WHERE {of} IN (SELECT id FROM cases WHERE updated <= :at)"  # noqa: S608
        )
        for part in connection.execute(query, until).partitions(PORTION):
            shadow.put(table, rows.COLUMNS[table], [tuple(row) for row in part])
    told = text(
        f"SELECT {_SPELT['steps']} FROM steps WHERE recorded <= :at"  # noqa: S608
        " AND case_id IN (SELECT case_id FROM escalations) ORDER BY case_id, seq"
    )
    for part in connection.execute(told, until).partitions(PORTION):
        shadow.put("steps", STEPS, [tuple(row) for row in part])
    gaps = text("SELECT id, since, until FROM outages WHERE since <= :at")
    shadow.put("outages", ("id", "since", "until"), [tuple(row) for row in connection.execute(gaps, until)])


def moved(connection: Connection, at: datetime) -> Iterator[list[list[Step]]]:
    """The histories up to the moment of what was there then and has been written to since, some at a time."""
    c = "SELECT id FROM cases WHERE opened <= :at AND updated > :at AND id > :after ORDER BY id LIMIT :limit"
    steps = text(
        f"SELECT {_SPELT['steps']} FROM steps WHERE case_id IN :cases AND recorded <= :at ORDER BY case_id, seq"  # noqa: S608
    ).bindparams(bindparam("cases", expanding=True))
    after = 0
    while found := list(connection.scalars(text(c), {"at": micros(at), "after": after, "limit": PORTION})):
        histories: dict[int, list[Step]] = {}
        for row in connection.execute(steps, {"cases": found, "at": micros(at)}):
            histories.setdefault(row[0], []).append(past.step(row[: len(STEPS) - 2]))
        yield list(histories.values())
        after = found[-1]
