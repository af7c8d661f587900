"""One reading for all that a thread asks: what a page shows is of one moment, and begun and ended once."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

log = logging.getLogger(__name__)

RESTED = 5.0
"""Seconds after which a reading nobody asked anything is left: a server ends what rests too long."""


class Moment:
    """Of one thread. The reading begins with the first question; after `leave`, or when nobody asked anything for
    `rested` seconds, the next question begins another."""

    def __init__(self, engine: Engine, *, rested: float = RESTED) -> None:
        self._engine = engine
        self._rested = rested
        self._reading: _Reading | None = None

    @contextmanager
    def asked(self) -> Iterator[Connection]:
        """The connection for one question or several. One that is left meanwhile is kept until they are answered."""
        if self._reading is not None and self._reading.rested > self._rested:
            self.leave()
        reading = self._reading = self._reading or _Reading(self._engine)
        reading.users += 1
        try:
            yield reading.connection
        finally:
            reading.users -= 1
            reading.used = time.monotonic()
            # What failed is not asked again, though whoever asked it may have gone on.
            if reading is self._reading and not alive(reading.connection):
                self.leave()
            elif reading is not self._reading:
                reading.end()

    def leave(self) -> None:
        """See another moment from now on: before a write, which would otherwise be read as it was."""
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.end()


class _Reading:
    """One transaction. `users`: how many are asking; they may ask within each other."""

    def __init__(self, engine: Engine) -> None:
        self.users = 0
        self.used = time.monotonic()
        self.connection = engine.connect()
        try:
            self.connection.begin()
        except BaseException:
            self.connection.close()
            raise

    @property
    def rested(self) -> float:
        """Seconds since somebody asked; none while somebody asks."""
        return 0.0 if self.users else time.monotonic() - self.used

    def end(self) -> None:
        """Once nobody asks any more. A server that went meanwhile takes nothing with it that is still asked for."""
        if self.users:
            return
        if lost(self.connection):
            self.connection.invalidate()
        try:
            self.connection.close()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            log.info("The server had gone before a reading was ended: %s", error.orig)


def alive(connection: Connection) -> bool:
    """Whether the transaction goes on in the database, and not only in our books."""
    if connection.invalidated:
        return False
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        return bool(driver.in_transaction)
    from psycopg.pq import TransactionStatus

    # Idle: psycopg begins with the first statement, and there was none.
    return driver.info.transaction_status in {TransactionStatus.INTRANS, TransactionStatus.IDLE}


def lost(connection: Connection) -> bool:
    """Whether the server has gone, which SQLAlchemy does not see when the driver is used directly."""
    if connection.invalidated or connection.dialect.name == "sqlite":
        return False
    driver: Any = connection.connection.driver_connection
    return bool(driver.closed)
