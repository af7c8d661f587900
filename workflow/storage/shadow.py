"""The lists' tables as they stood at a past moment, in a file of their own that the same questions are asked of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table
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
from workflow.storage.sqlite import driver as sqlite
from workflow.storage.store import DERIVED
from workflow.storage.workplace_tables import snoozes

PORTION = 500
CASES = tuple(column.name for column in t.cases.columns if column.name != "body")
STEPS = tuple(column.name for column in t.steps.columns)
LISTED = ("tasks", "clocks", "escalations", "links", "participants", "customers")
"""The index tables that lists are made of."""

_OF_CASE = {"links": "parent_id", "customers": "id"}
_SPELT = {name: ", ".join(STEPS if name == "steps" else rows.COLUMNS[name]) for name in (*LISTED, "steps")}
_FOLDED = ", ".join("'{}'" if column == "form" else column for column in STEPS[:-2])
"""Of a step what the fold takes: its facts, and not the form they came of."""


class Shadow:
    """A file being filled. Moments and rows are as they are stored: nothing is read and written again.

    `named`: the lifecycles whose cases lists call by a value of theirs; only of these the whole case is kept.
    """

    def __init__(self, path: Path, *, named: Collection[str]) -> None:
        self.named = tuple(sorted(named))
        self._driver: Any = sqlite.connect(str(path))
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF"):
            self._driver.execute(f"PRAGMA {pragma}")
        self._tables: list[Table] = [t.cases, t.steps, t.outages, snoozes, *(metadata.tables[name] for name in LISTED)]
        for table in self._tables:
            self._driver.execute(str(CreateTable(table).compile(dialect=dialect.dialect())))
        self._folded: dict[str, list[rows.Row]] = {name: [] for name in ("cases", *LISTED)}

    def put(self, table: str, columns: Sequence[str], found: Iterable[Sequence[Any]]) -> None:
        marks = ", ".join("?" * len(columns))
        self._driver.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608
            found,
        )

    def put_case(self, case: Case, phase: str) -> None:
        """A case folded to the moment, with what lists show of it. It is written with the others of its portion."""
        closed = None if case.closed is None else micros(case.closed)
        values = {
            "id": case.id, "kind": case.kind, "number": case.number, "definition": case.definition,
            "version": case.version, "customer_id": case.customer, "unit_id": case.unit, "parent_id": case.parent,
            "state": case.state, "phase": phase, "marks": " ".join(case.marks), "opened": micros(case.opened),
            "updated": micros(case.written or case.opened), "closed": closed, "seq": case.seq, "head": b"",
        }  # fmt: skip
        body = case_body(case) if case.definition in self.named else "{}"
        self._folded["cases"].append((*(values[name] for name in CASES), body))
        for table in LISTED:
            self._folded[table].extend(DERIVED[table](case).values())

    def put_ended(self, found: Iterable[rows.Row]) -> None:
        """Escalations that were over by the moment."""
        self._folded["escalations"].extend(found)

    def write(self) -> None:
        """Write the cases that were put since."""
        for table, found in self._folded.items():
            self.put(table, (*CASES, "body") if table == "cases" else rows.COLUMNS[table], found)
            found.clear()

    def close(self) -> None:
        # An index over rows that are there is made in one go.
        for index in (index for table in self._tables for index in table.indexes):
            self._driver.execute(str(CreateIndex(index).compile(dialect=dialect.dialect())))
        self._driver.commit()
        self._driver.close()


def copy_still(connection: Connection, shadow: Shadow, at: datetime) -> None:
    """Take over what has not been written to since the moment: it stood then as it stands now."""
    until = micros(at)
    named = ", ".join("?" * len(shadow.named)) or "NULL"
    body = f"CASE WHEN definition IN ({named}) THEN body ELSE '{{}}' END"
    query = f"SELECT {', '.join(CASES)}, {body} FROM cases WHERE updated <= ?"  # noqa: S608
    shadow.put("cases", (*CASES, "body"), _stored(connection, query, (*shadow.named, until)))
    for table in LISTED:
        of = _OF_CASE.get(table, "case_id")
        query = f"SELECT {_SPELT[table]} FROM {table} WHERE {of} IN (SELECT id FROM cases WHERE updated <= ?)"  # noqa: S608
        shadow.put(table, rows.COLUMNS[table], _stored(connection, query, (until,)))
    told = (
        f"SELECT {_SPELT['steps']} FROM steps WHERE recorded <= ?"  # noqa: S608
        " AND case_id IN (SELECT case_id FROM escalations) ORDER BY case_id, seq"
    )
    shadow.put("steps", STEPS, _stored(connection, told, (until,)))
    gaps = "SELECT id, since, until FROM outages WHERE since <= ?"
    shadow.put("outages", ("id", "since", "until"), _stored(connection, gaps, (until,)))


def moved(connection: Connection, at: datetime) -> Iterator[list[list[Step]]]:
    """The histories up to the moment of what was there then and has been written to since, some at a time: without
    the forms of their steps."""
    c = "SELECT id FROM cases WHERE opened <= ? AND updated > ? AND id > ? ORDER BY id LIMIT ?"
    after, until = 0, micros(at)
    while found := [row[0] for row in _stored(connection, c, (until, until, after, PORTION))]:
        steps = (
            f"SELECT {_FOLDED} FROM steps WHERE case_id IN ({', '.join('?' * len(found))}) AND recorded <= ?"  # noqa: S608
            " ORDER BY case_id, seq"
        )
        histories: dict[int, list[Step]] = {}
        for row in _stored(connection, steps, (*found, until)):
            histories.setdefault(row[0], []).append(past.step(row))
        yield list(histories.values())
        after = found[-1]


def _stored(connection: Connection, query: str, values: Sequence[object]) -> Iterator[Sequence[Any]]:
    """Rows as the driver gives them: a great many go from one file into another."""
    spelt = query.replace("?", "%s") if connection.dialect.name == "postgresql" else query
    driver: Any = connection.connection.driver_connection
    found: Iterator[Sequence[Any]] = driver.cursor().execute(spelt, values)
    return found
