"""PostgreSQL: what every connection is told."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

REST = 1.0
"""Seconds after which a connection is no longer taken at its word."""


ROOM = 32 * 1024
"""Kilobytes in which a hundred thousand rows are sorted; the server's usual four send them to the disk."""


def engine(url: URL, *, lock_timeout: float, statement_timeout: float, pool: dict[str, Any]) -> Engine:
    """An engine whose connections give up waiting (seconds) rather than hang, and whose own settings may be
    overruled by `options` in the address."""
    settings = {
        "lock_timeout": int(lock_timeout * 1000),
        "statement_timeout": int(statement_timeout * 1000),
        "idle_in_transaction_session_timeout": int(statement_timeout * 2000),
    }
    options = [f"-c {name}={value}" for name, value in settings.items()]
    given = url.query.get("options", "")
    options += [given] if isinstance(given, str) else list(given)
    made = create_engine(
        url.difference_update_query(["options"]),
        isolation_level="READ COMMITTED",
        connect_args={
            "options": " ".join(options).strip(),
            "application_name": str(url.query.get("application_name", "baton")),
            "connect_timeout": 10,
        },
        **pool,
    )
    event.listen(made, "checkin", note_use)
    event.listen(made, "checkout", ping_after_rest)
    return made


def note_use(_: object, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def ping_after_rest(connection: Any, record: ConnectionPoolEntry, _: object) -> None:
    """Ask a connection that has rested whether the server is still there; the pool replaces it if not.

    Not before every unit, as `pool_pre_ping` does: that round trip makes a short unit a quarter longer.
    """
    if time.monotonic() - record.info.get("used", time.monotonic()) < REST:
        return
    import psycopg

    try:
        connection.autocommit = True
        connection.execute("SELECT 1")
        connection.autocommit = False
    except psycopg.Error as error:
        raise DisconnectionError("The server has gone.") from error


def give_room(connection: Connection) -> None:
    """Let whatever this transaction still asks sort within ROOM. On SQLite, which has no such limit, nothing."""
    if connection.dialect.name != "postgresql":
        return
    usual = func.pg_size_bytes(func.current_setting("work_mem")) // 1024
    connection.execute(select(func.set_config("work_mem", func.greatest(usual, ROOM).concat("kB"), True)))
