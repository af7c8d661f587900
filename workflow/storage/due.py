"""What has come due, and what would not work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update

from workflow.core.codec import dumps
from workflow.storage import tables as t

BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""How long a timer that failed waits, by the number of its failures; the last holds from then on."""


WORDS = ("linked", "signal", "hands")
"""Kinds of timers that are no part of their case: what others have left there."""


@dataclass(frozen=True, slots=True)
class DueTimer:
    case: int
    no: int
    kind: str
    name: str
    due: datetime


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """`case` and `unit` None: it is about no case."""

    kind: str
    case: int | None
    unit: int | None


def due(connection: Connection, at: datetime, *, limit: int, cases: Sequence[int] | None = None) -> list[DueTimer]:
    """Timers whose moment has come, the earliest first: a plain read, nothing is locked by it."""
    c = t.timers.c
    query = select(c.case_id, c.no, c.kind, c.name, c.due).where(c.retry <= at).order_by(c.retry, c.due).limit(limit)
    if cases is not None:
        query = query.where(c.case_id.in_(cases))
    return [DueTimer(*row) for row in connection.execute(query)]


def words(connection: Connection, at: datetime, cases: Sequence[int]) -> list[DueTimer]:
    """What linked cases that ended, and other cases of the customer, have left on these cases, in due order."""
    c = t.timers.c
    query = select(c.case_id, c.no, c.kind, c.name, c.due).where(
        c.case_id.in_(cases), c.kind.in_(WORDS), c.due <= at, c.retry <= at
    )
    return [DueTimer(*row) for row in connection.execute(query.order_by(c.due, c.no.desc()))]


def next_due(connection: Connection) -> datetime | None:
    """When the next timer is to be tried."""
    found: datetime | None = connection.scalar(select(func.min(t.timers.c.retry)))
    return found


def failed(connection: Connection, case: int, at: datetime, *, kind: str, detail: str) -> None:
    """Put a case's due timers off, longer each time, and raise or renew the incident a person sees."""
    c, i = t.timers.c, t.incidents.c
    attempts = connection.scalar(select(func.max(c.attempts)).where(c.case_id == case, c.due <= at)) or 0
    retry = at + BACKOFF[min(attempts, len(BACKOFF) - 1)]
    mine = (c.case_id == case) & (c.due <= at)
    connection.execute(update(t.timers).where(mine).values(attempts=c.attempts + 1, retry=retry))
    open_one = (i.case_id == case) & (i.kind == kind) & i.resolved.is_(None)
    renewed = update(t.incidents).where(open_one).values(last=at, times=i.times + 1, detail=dumps({"fault": detail}))
    if not connection.execute(renewed).rowcount:
        values = {"case_id": case, "kind": kind, "detail": dumps({"fault": detail}), "raised": at, "last": at}
        connection.execute(insert(t.incidents).values(**values))


def recovered(connection: Connection, cases: Sequence[int], at: datetime, *, kind: str = "timer") -> None:
    """Close the incidents of cases for which it works again."""
    i = t.incidents.c
    mine = i.case_id.in_(cases) & (i.kind == kind) & i.resolved.is_(None)
    connection.execute(update(t.incidents).where(mine).values(resolved=at))


def open_incident(connection: Connection, incident: int) -> OpenIncident | None:
    """An incident nobody has settled yet; None when there is none."""
    i, c = t.incidents.c, t.cases.c
    query = select(i.kind, i.case_id, c.unit_id).select_from(t.incidents.outerjoin(t.cases, c.id == i.case_id))
    row = connection.execute(query.where(i.id == incident, i.resolved.is_(None))).one_or_none()
    return None if row is None else OpenIncident(*row)


def retry_now(connection: Connection, incident: int, at: datetime) -> int | None:
    """Let the timers of an incident's case be tried at once; gives the case."""
    i, c = t.incidents.c, t.timers.c
    case: int | None = connection.scalar(select(i.case_id).where(i.id == incident, i.resolved.is_(None)))
    if case is not None:
        connection.execute(update(t.timers).where(c.case_id == case, c.retry > at, c.due <= at).values(retry=at))
    return case


def open_incidents(connection: Connection, cases: Sequence[int]) -> set[int]:
    """Those of the cases that have an open incident of their timers."""
    i = t.incidents.c
    query = select(i.case_id).where(i.case_id.in_(cases), i.kind == "timer", i.resolved.is_(None))
    return {int(case) for case in connection.scalars(query)}


def over(connection: Connection) -> list[int]:
    """Cases with an open incident of timers none of which is put off any more: they worked, or are no longer needed."""
    i, c = t.incidents.c, t.timers.c
    put_off = select(c.no).where(c.case_id == i.case_id, c.attempts > 0).exists()
    query = select(i.case_id).where(i.resolved.is_(None), i.kind == "timer", ~put_off).distinct()
    return [int(case) for case in connection.scalars(query)]


def waiting(connection: Connection) -> list[tuple[datetime, int, str]]:
    """Every timer there is: when it is to be tried, its case and its kind."""
    c = t.timers.c
    return [(row.retry, row.case_id, row.kind) for row in connection.execute(select(c.retry, c.case_id, c.kind))]
