"""SQLite: which library, which file, and what every connection is told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from workflow.storage.errors import AffectedLibrary, JournalRefused, NoFolder, NotInMemory, OnNetwork
from workflow.storage.filesystem import network_of

try:
    import pysqlite3.dbapi2 as found
except ImportError:  # no wheel for this machine: the interpreter's own, in the slower and safe journal mode
    import sqlite3 as found

driver: Any = found

# https://sqlite.org/wal.html, "The WAL-reset bug": present from 3.7.0, mended here and in two older lines.
MENDED = (3, 51, 3)
MENDED_LINES = {(3, 44): 6, (3, 50): 7}
WAL_IN_HEADER = 2
RENEWED = 3600
"""Seconds after which a connection is made anew."""
# Recursive triggers: so that REPLACE runs the triggers of deletion too. Cache: KiB, when negative.
SETTINGS = (
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
    "recursive_triggers = ON",
    "cache_size = -16384",
)


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether a version of SQLite is free of the bug that damages a database in WAL mode."""
    line, patch = version[:2], version[2]
    return version >= MENDED or patch >= MENDED_LINES.get((line[0], line[1]), patch + 1)


def path_of(url: URL) -> Path:
    """The file of an address; refuses what cannot hold a database safely (DatabaseRefused)."""
    name = url.database or ""
    if not name or ":memory:" in name or url.query.get("mode") == "memory":
        raise NotInMemory
    path = Path(name.removeprefix("file:")).absolute()
    if not path.parent.is_dir():
        raise NoFolder(folder=path.parent)
    if kind := network_of(path):
        raise OnNetwork(path=path, kind=kind)
    if not wal_is_safe(driver.sqlite_version_info) and in_wal_mode(path):
        raise AffectedLibrary(path=path, version=driver.sqlite_version)
    return path


def in_wal_mode(path: Path) -> bool:
    """Whether the file says in its header that it is to be read with its write-ahead log."""
    if not path.exists():
        return False
    with path.open("rb") as file:
        return file.read(19)[18:] == bytes([WAL_IN_HEADER])


def engine(url: URL, path: Path, *, lock_timeout: float, pool: dict[str, Any]) -> Engine:
    """The engine of a file that `path_of` let pass."""
    made = create_engine(
        url.set(database=str(path), query={}),
        module=driver,
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": lock_timeout},
        # A connection plans by what was known of the tables (housekeeping.learn) when it was made.
        pool_recycle=RENEWED,
        **pool,
    )
    journal = "wal" if wal_is_safe(driver.sqlite_version_info) else "truncate"

    def private(*_: object) -> None:
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))

    def settle(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(lock_timeout * 1000)}")
        got = cursor.execute(f"PRAGMA journal_mode = {journal}").fetchone()[0]
        if got != journal:
            raise JournalRefused(path=path, got=got, wanted=journal)
        for setting in SETTINGS:
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    def begin(connection: Connection) -> None:
        # To the driver at once: SQLAlchemy's way to run a statement costs eight times what beginning does.
        driving: Any = connection.connection.driver_connection
        driving.execute(connection.get_execution_options().get("begin", "BEGIN"))

    event.listen(made, "do_connect", private)
    event.listen(made, "connect", settle)
    event.listen(made, "begin", begin)
    return made


@contextmanager
def waiting(connection: Connection, seconds: float) -> Iterator[None]:
    """Wait at most so long for other writers, and as long as ever afterwards."""
    driving: Any = connection.connection.driver_connection
    usual = driving.execute("PRAGMA busy_timeout").fetchone()[0]
    driving.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
    try:
        yield
    finally:
        driving.execute(f"PRAGMA busy_timeout = {usual}")
