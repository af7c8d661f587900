"""The database: its engine and its two kinds of unit, writing and reading.

A unit is one transaction. On SQLite a writing unit begins IMMEDIATE, behind a gate; whatever begins as a
reader and then writes fails at once with "database is locked" or loses an update.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from workflow.storage import postgresql, sqlite
from workflow.storage.errors import NoSuchDatabase, UnitEnded
from workflow.storage.faults import translated, unavailable
from workflow.storage.gate import Gate
from workflow.storage.moment import RESTED, Moment, alive, lost

Dialect = Literal["sqlite", "postgresql"]

UNNOTICED = 0.1
"""Seconds at the gate that make no difference."""

_open: weakref.WeakSet[Database] = weakref.WeakSet()


def parse(url: str) -> URL:
    """The address with the driver named; raises NoSuchDatabase for anything but our two."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise NoSuchDatabase(url=url) from None
    match parsed.drivername.partition("+")[0]:
        case "sqlite":
            return parsed.set(drivername="sqlite+pysqlite")
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
    raise NoSuchDatabase(url=parsed.render_as_string(hide_password=True))


class Database:
    """One database, shared by all threads of a process.

    `lock_timeout`: seconds a writer waits for others; `statement_timeout`: seconds a statement may run
    (PostgreSQL only; SQLite has no such limit). Raises DatabaseRefused when it cannot be used safely.
    """

    def __init__(
        self, url: str, *, pool_size: int = 8, lock_timeout: float = 5.0, statement_timeout: float = 30.0
    ) -> None:
        self.url = parse(url)
        self.dialect: Dialect = "sqlite" if self.url.get_backend_name() == "sqlite" else "postgresql"
        self.lock_timeout = lock_timeout
        self.path: Path | None = None
        self._gate: Gate | None = None
        pool: dict[str, Any] = {
            "pool_size": pool_size,
            "max_overflow": pool_size,
            "pool_timeout": lock_timeout,
        }
        if self.dialect == "sqlite":
            self.path = sqlite.path_of(self.url)
            self._gate = Gate(self.path.with_name(self.path.name + "-gate"))
            self.engine = sqlite.engine(self.url, self.path, lock_timeout=lock_timeout, pool=pool)
            self._writer: Engine = self.engine.execution_options(begin="BEGIN IMMEDIATE")
            self._reader: Engine = self.engine
        else:
            self.engine = postgresql.engine(
                self.url, lock_timeout=lock_timeout, statement_timeout=statement_timeout, pool=pool
            )
            self._writer = self.engine
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        # A server lets a transaction rest twice as long as a statement may take.
        self._rested = min(RESTED, statement_timeout)
        self._inherited: list[object] = []
        self._local = threading.local()
        _open.add(self)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A writing unit: committed at its end, undone by any error. What is read after it is of a later moment.

        Raises StorageUnavailable when the database cannot, UnitEnded when an error inside was swallowed.
        """
        if getattr(self._local, "writing", False):
            raise RuntimeError("A writing unit is already open in this thread.")
        if (moment := self._moment()) is not None:
            moment.leave()
        self._local.writing = True
        try:
            with translated(), self._turn() as left, self._writer.connect() as connection:
                yield from self._unit(connection, left)
        finally:
            self._local.writing = False

    def _unit(self, connection: Connection, left: float) -> Iterator[Connection]:
        # Who has waited at the gate waits only the rest for those who do not know it.
        with sqlite.waiting(connection, left) if left < self.lock_timeout else nullcontext():
            transaction = connection.begin()
        try:
            yield connection
            insist_alive(connection)
            transaction.commit()
        finally:
            # What was not committed is undone when the connection is given back.
            if lost(connection):
                connection.invalidate()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A reading unit: everything in it sees one and the same moment. Raises StorageUnavailable."""
        moment = self._moment()
        # Within a writing unit, a reading that went on after it would not know what was written.
        if moment is not None and not getattr(self._local, "writing", False):
            with translated(), moment.asked() as connection:
                yield connection
            return
        with translated(), self._reader.connect() as connection:
            connection.begin()
            try:
                yield connection
            finally:
                if lost(connection):
                    connection.invalidate()

    @contextmanager
    def one_moment(self) -> Iterator[None]:
        """On PostgreSQL all readings of this thread are one, until it writes, a question fails, or this ends.

        It takes one connection, with the first question. Whoever still reads at the end reads on.
        On SQLite each is for itself: to begin one costs no trip, and where pages follow each other without a gap,
        somebody would always be reading, and the write-ahead log never begin anew.
        """
        if self.dialect == "sqlite" or self._moment() is not None:
            yield
            return
        moment = self._local.moment = Moment(self._reader, rested=self._rested)
        try:
            yield
        finally:
            self._local.moment = None
            moment.leave()

    def _moment(self) -> Moment | None:
        found: Moment | None = getattr(self._local, "moment", None)
        return found

    @contextmanager
    def _turn(self) -> Iterator[float]:
        """Gives how many seconds of the wait are left."""
        if self._gate is None:
            yield self.lock_timeout
            return
        began = time.monotonic()
        try:
            mine = self._gate.acquire(self.lock_timeout)
        except OSError as error:
            raise unavailable("broken", error) from error
        if not mine:
            raise unavailable("busy", f"others were writing for {self.lock_timeout:g} seconds")
        waited = time.monotonic() - began
        try:
            yield self.lock_timeout if waited < UNNOTICED else max(self.lock_timeout - waited, UNNOTICED)
        finally:
            self._gate.release()

    def wanted(self) -> bool:
        """Whether somebody waits for the writing unit of this thread to end; where that cannot be known, yes."""
        if self._gate is None:
            return True
        try:
            return self._gate.wanted()
        except OSError as error:
            raise unavailable("broken", error) from error

    def dispose(self) -> None:
        """Close what is open; the object may be used again."""
        self.engine.dispose()

    def forked(self) -> None:
        """In a child process: begin anew.

        The parent's connections are neither used nor closed here, and kept so that nothing else closes them:
        both databases would take that for the parent's own goodbye.
        """
        self._inherited.append(self.engine.pool)
        self.engine.dispose(close=False)
        self._local = threading.local()
        if self._gate is not None:
            self._gate.forked()


def insist_alive(connection: Connection) -> None:
    """Raise UnitEnded when the transaction is gone in the database and alive only in our books."""
    if not alive(connection):
        raise UnitEnded


def _after_fork() -> None:
    for database in list(_open):
        database.forked()


os.register_at_fork(after_in_child=_after_fork)
