"""How late what happens by itself was: counted when it is over, read by hours.

Counts are added to what is there, so that any number of programs may write; rows are taken in one order, so
that none waits for another in a circle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, select, text

from workflow.core.lateness import bucket
from workflow.core.moments import micros
from workflow.storage import tables as t
from workflow.storage.lateness_tables import lateness

SOON = timedelta(seconds=1)
"""Sooner than this nobody asks why."""

Key = tuple[datetime, str, str, str, int]
"""hour, stage, kind, cause, bucket"""

Histograms = dict[tuple[str, str, str], dict[int, tuple[int, int]]]
"""(stage, kind, cause) → bucket → how many, and the longest of them in microseconds."""

_ADD = text(
    "INSERT INTO lateness (hour, stage, kind, cause, bucket, count, longest)"
    " VALUES (:hour, :stage, :kind, :cause, :bucket, :count, :longest)"
    " ON CONFLICT (hour, stage, kind, cause, bucket) DO UPDATE SET count = lateness.count + excluded.count,"
    " longest = CASE WHEN excluded.longest > lateness.longest THEN excluded.longest ELSE lateness.longest END"
)


class Measured(NamedTuple):
    """One length: from `since` to `until`. `cause` None: ask whether a scheduler was alive all that time."""

    stage: str
    kind: str
    since: datetime
    until: datetime
    cause: str | None = None


def add(connection: Connection, measured: Sequence[Measured]) -> None:
    """Count them in the hours in which they were over."""
    if not measured:
        return
    down = _down(connection, measured)
    lengths: dict[Key, list[int]] = {}
    for one in measured:
        late = one.until - one.since
        length = max(0, late.days * 86_400_000_000 + late.seconds * 1_000_000 + late.microseconds)
        cause = one.cause or ("down" if late > SOON and down(one) else "busy")
        hour = one.until.replace(minute=0, second=0, microsecond=0)
        lengths.setdefault((hour, one.stage, one.kind, cause, bucket(length)), []).append(length)
    names = ("hour", "stage", "kind", "cause", "bucket")
    rows = [
        {**dict(zip(names, (micros(key[0]), *key[1:]), strict=True)), "count": len(found), "longest": max(found)}
        for key, found in lengths.items()
    ]
    connection.execute(_ADD, sorted(rows, key=lambda row: tuple(row[name] for name in names)))


def messages_left(
    connection: Connection, messages: Iterable[int], *, channel: str, at: datetime, cause: str | None
) -> None:
    """Count messages of the outbox that have just left by a channel."""
    o, s = t.outbox.c, t.steps.c
    # What a person did has no due moment; what a timer did took effect when it was due.
    query = (
        select(s.recorded, s.effective, s.actor_id)
        .select_from(t.outbox.join(t.steps, (s.case_id == o.case_id) & (s.seq == o.seq)))
        .where(o.id.in_(list(messages)))
    )
    rows = connection.execute(query).all()
    sent = [Measured("sent", channel, row.recorded, at, cause) for row in rows]
    due = [Measured("delivered", channel, row.effective, at, cause) for row in rows if row.actor_id is None]
    add(connection, sent + due)


def counted(connection: Connection, since: datetime, until: datetime) -> Histograms:
    """What was counted in the hours that begin in a span of time."""
    c = lateness.c
    query = (
        select(c.stage, c.kind, c.cause, c.bucket, func.sum(c.count), func.max(c.longest))
        .where(c.hour >= since, c.hour < until)
        .group_by(c.stage, c.kind, c.cause, c.bucket)
    )
    found: Histograms = {}
    for stage, kind, cause, number, count, longest in connection.execute(query):
        found.setdefault((stage, kind, cause), {})[number] = (int(count), int(longest))
    return found


def _down(connection: Connection, measured: Sequence[Measured]) -> Callable[[Measured], bool]:
    """Whether something was due while no scheduler was alive: in an outage, or before the first there was."""
    late = [one for one in measured if one.cause is None and one.until - one.since > SOON]
    if not late:
        return lambda _: False
    earliest = min(one.since for one in late)
    o, h = t.outages.c, t.heartbeats.c
    outages = connection.execute(select(o.since, o.until).where(o.until > earliest)).all()
    begun = connection.scalar(select(func.min(h.started)))

    def down(one: Measured) -> bool:
        first = begun is not None and one.since < begun
        return first or any(since < one.until and one.since < until for since, until in outages)

    return down
