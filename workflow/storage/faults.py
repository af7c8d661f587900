"""Faults of the database, in our one word for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from workflow.storage.errors import StorageError, StorageUnavailable
from workflow.storage.sqlite import driver

# By the first byte of SQLite's extended result code.
SQLITE = {
    5: "busy", 6: "busy", 9: "slow", 13: "full",
    8: "broken", 10: "broken", 11: "broken", 14: "broken", 26: "broken",
}  # fmt: skip
# By SQLSTATE, else by its class.
POSTGRESQL = {
    "55P03": "busy", "40P01": "busy", "40001": "busy", "53300": "busy", "57014": "slow", "25P03": "slow",
    "53100": "full", "53": "full", "08": "lost", "57": "lost", "58": "broken", "XX": "broken",
    "25006": "broken",
}  # fmt: skip


def unavailable(reason: str, detail: object) -> StorageUnavailable:
    return StorageUnavailable(reason=reason, detail=next(iter(str(detail).splitlines()), ""))


def reason_of(error: BaseException) -> str | None:
    """Why the database could not, from a driver's error; None when the error has another meaning."""
    if isinstance(error, driver.Error):
        code = getattr(error, "sqlite_errorcode", None)
        return None if code is None else SQLITE.get(code & 0xFF)
    try:
        import psycopg
    except ImportError:
        return None
    if not isinstance(error, psycopg.Error):
        return None
    state = error.sqlstate
    if state is None:
        return "lost" if isinstance(error, psycopg.OperationalError) else None
    return POSTGRESQL.get(state) or POSTGRESQL.get(state[:2])


def of_database(error: BaseException) -> bool:
    """Whether the database spoke: what it was doing is over, and nobody goes on in the same unit."""
    if isinstance(error, (StorageError, DBAPIError, driver.Error)):
        return True
    try:
        import psycopg
    except ImportError:
        return False
    return isinstance(error, psycopg.Error)


@contextmanager
def translated() -> Iterator[None]:
    """Turn faults of the database into StorageUnavailable; every other error passes."""
    try:
        yield
    except PoolTimeout as error:
        raise unavailable("busy", "no free connection") from error
    except DBAPIError as error:
        if error.orig is None or (reason := reason_of(error.orig)) is None:
            raise
        raise unavailable(reason, error.orig) from error
    except Exception as error:
        if (reason := reason_of(error)) is None:
            raise
        raise unavailable(reason, error) from error
