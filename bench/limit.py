"""The limit: the same rows written by SQL alone, in the same transactions.

`recorded` runs commands through the door once and keeps what its store writes; `replayed` writes exactly that on
a copy of the same database with the bare driver: one statement after the other, behind the read that locks the case.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from workflow.service import unit
from workflow.storage.store import Store

Statement = tuple[str, tuple[object, ...]]
Transaction = tuple[int | None, list[Statement]]
"""The case that is locked, None for a new one, and what is written."""

WRITES = ("INSERT", "UPDATE", "DELETE", "SELECT nextval")


class Recorder:
    """Stands before the driver's connection and keeps what is written through it."""

    def __init__(self, driver: Any, kept: list[Statement]) -> None:
        self._driver = driver
        self._kept = kept

    def cursor(self) -> Recorder:
        return Recorder(self._driver.cursor(), self._kept)

    def execute(self, statement: str, parameters: tuple[object, ...] = ()) -> Any:
        if statement.startswith(WRITES):
            self._kept.append((statement, tuple(parameters)))
        return self._driver.execute(statement, parameters)

    def executemany(self, statement: str, parameters: Iterable[tuple[object, ...]]) -> Any:
        rows = list(parameters)
        self._kept.extend((statement, tuple(row)) for row in rows)
        return self._driver.executemany(statement, rows)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)


@contextmanager
def recording() -> Iterator[list[Statement]]:
    """Every statement the door's stores write inside; empty the list to begin a new transaction."""
    kept: list[Statement] = []

    class Recording(Store):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self._driver: Any = Recorder(self._driver, kept)

    ours = unit.Store
    unit.Store = Recording  # type: ignore[misc]
    try:
        yield kept
    finally:
        unit.Store = ours  # type: ignore[misc]


def recorded(todo: Iterable[tuple[int | None, Callable[[], object]]]) -> list[Transaction]:
    """What each command wrote. Raises AssertionError for one that wrote nothing: there would be no limit."""
    transactions: list[Transaction] = []
    with recording() as kept:
        for case, do in todo:
            kept.clear()
            do()
            assert kept, "a command that writes nothing cannot be measured"
            transactions.append((case, list(kept)))
    return transactions


def replayed(connection: Any, transactions: list[Transaction]) -> list[float]:
    """Write it all, a commit for each; gives the seconds of each."""
    taken = []
    cursor = connection.cursor()
    execute = cursor.execute
    embedded = "sqlite" in type(connection).__module__
    lock = "SELECT body, head FROM cases WHERE id = " + ("?" if embedded else "%s FOR NO KEY UPDATE")
    for case, statements in transactions:
        began = time.perf_counter()
        if embedded:
            execute("BEGIN IMMEDIATE")
        if case is not None:
            execute(lock, (case,))
            cursor.fetchone()
        for statement, parameters in statements:
            execute(statement, parameters)
            if "RETURNING" in statement:
                cursor.fetchall()
        if embedded:
            execute("COMMIT")
        else:
            connection.commit()
        taken.append(time.perf_counter() - began)
    return taken
