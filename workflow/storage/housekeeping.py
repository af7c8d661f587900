"""Rows that have had their day, and the signs of life of the schedulers."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, or_, select, text, tuple_, update

from workflow.storage import tables as t
from workflow.storage.lateness_tables import lateness

AT_ONCE = 1000
"""Rows deleted in one transaction, so that nobody waits long for the broom."""


def beat(connection: Connection, scheduler: str, *, started: datetime, at: datetime, gap: timedelta) -> datetime | None:
    """A scheduler says that it is alive.

    When nobody had said so for `gap`, the time until now is recorded as an outage, once, and since when is
    returned; else None. Signs from further ahead than that are of a clock that was wrong and say nothing about now.
    """
    if connection.dialect.name == "postgresql":
        # Two that start together must not both record the same outage.
        connection.execute(text("LOCK TABLE heartbeats IN SHARE ROW EXCLUSIVE MODE"))
    c = t.heartbeats.c
    last: datetime | None = connection.scalar(select(func.max(c.last)).where(c.last <= at + gap))
    since = last if last is not None and at - last > gap else None
    if since is not None:
        connection.execute(insert(t.outages).values(since=since, until=at))
    mine = update(t.heartbeats).where(c.scheduler == scheduler).values(started=started, last=at)
    if not connection.execute(mine).rowcount:
        connection.execute(insert(t.heartbeats).values(scheduler=scheduler, started=started, last=at))
    return since


def last_beat(connection: Connection, *, until: datetime | None = None) -> datetime | None:
    """When a scheduler was last alive; None when there has never been one. `until`: later signs say nothing."""
    c = t.heartbeats.c
    query = select(func.max(c.last))
    found: datetime | None = connection.scalar(query if until is None else query.where(c.last <= until))
    return found


def outages(connection: Connection) -> list[tuple[datetime, datetime]]:
    """From when to when no scheduler was alive, the earliest first."""
    c = t.outages.c
    return [(row.since, row.until) for row in connection.execute(select(c.since, c.until).order_by(c.since))]


def learn(connection: Connection) -> None:
    """Let SQLite look at how its tables are filled, which decides the index it takes. PostgreSQL does so by itself.

    Some rows of each index are looked at: less than a tenth of a second for a million steps.
    """
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA analysis_limit = 1000"))
        connection.execute(text("PRAGMA optimize = 0x10002"))


def drop_sessions(connection: Connection, before: datetime) -> int:
    """Remove sessions that ended before a moment; how many, at most `AT_ONCE`."""
    c = t.sessions.c
    return _drop(connection, t.sessions, c.token, or_(c.expires < before, c.revoked < before))


def drop_keys(connection: Connection, before: datetime) -> int:
    """Remove idempotency keys used before a moment; how many, at most `AT_ONCE`."""
    c = t.idempotency.c
    return _drop(connection, t.idempotency, c.key, c.at < before)


def drop_beats(connection: Connection, before: datetime) -> int:
    """Remove the signs of schedulers long gone, though never the last sign there was."""
    c = t.heartbeats.c
    newest = select(func.max(c.last)).scalar_subquery()
    return _drop(connection, t.heartbeats, c.scheduler, (c.last < before) & (c.last < newest))


def drop_lateness(connection: Connection, before: datetime) -> int:
    """Remove figures of hours before a moment; how many rows, at most `AT_ONCE`."""
    c = lateness.c
    key = tuple_(c.hour, c.stage, c.kind, c.cause, c.bucket)
    some = select(c.hour, c.stage, c.kind, c.cause, c.bucket).where(c.hour < before).limit(AT_ONCE)
    return connection.execute(delete(lateness).where(key.in_(some))).rowcount


def _drop(connection: Connection, table: Table, key: ColumnElement[object], old: ColumnElement[bool]) -> int:
    some = select(key).where(old).limit(AT_ONCE)
    return connection.execute(delete(table).where(key.in_(some))).rowcount
