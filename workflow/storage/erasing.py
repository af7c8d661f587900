"""Personal values that go for good: from their rows, and from the file."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, update

from workflow.storage import organisation
from workflow.storage import tables as t
from workflow.storage.database import Database
from workflow.storage.errors import StorageUnavailable
from workflow.storage.faults import translated


def erase(connection: Connection, case: int, gone: Collection[str], at: datetime) -> list[str]:
    """Take the values and their salts, without which nobody can try out what they were; gives those there were."""
    v = t.vault.c
    mine = (v.case_id == case) & v.commitment.in_(sorted(gone)) & v.erased.is_(None)
    statement = update(t.vault).where(mine).values(value=None, salt=b"", erased=at).returning(v.commitment)
    return sorted(connection.scalars(statement))


def erase_person(connection: Connection, person: int) -> None:
    """What the organisation keeps of a person beside the name."""
    organisation.change(connection, "person", person, {"email": None, "phone": None})


def settle(database: Database) -> bool:
    """Let what was erased be gone from the file as well; False while others are in the way: try again.

    SQLite has overwritten it (`secure_delete`), and here its write-ahead log is emptied. PostgreSQL writes the
    table anew; its own write-ahead log and archives of it go when it recycles them.
    """
    statement = "PRAGMA wal_checkpoint(TRUNCATE)" if database.dialect == "sqlite" else "VACUUM FULL vault, persons"
    try:
        with translated(), database.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None  # noqa: S101 - it was just taken out of the pool
            if database.dialect == "sqlite":
                return not driver.execute(statement).fetchone()[0]
            driver.rollback()
            driver.autocommit = True
            try:
                driver.execute(statement)
            finally:
                driver.autocommit = False
    except StorageUnavailable as unavailable:
        if unavailable.reason != "busy":
            raise
        return False
    return True
