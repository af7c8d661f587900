"""Versions of calendars, and what hangs on them: open due times, and due times a version has moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, union

from workflow.storage.queries.cases import CASE, CUSTOMER, WITH_CUSTOMER
from workflow.storage.queries.paging import AnyRow
from workflow.storage.queries.reader import Reader, readable
from workflow.storage.tables import FAR_FUTURE, calendars, cases, clocks, steps, tasks, timers


def versions(connection: Connection, name: str) -> Sequence[AnyRow]:
    """Every version kept of a calendar, the newest first, with its text and when it was kept."""
    query = select(calendars.c.version, calendars.c.text, calendars.c.stored).where(calendars.c.name == name)
    return connection.execute(query.order_by(calendars.c.version.desc())).all()


def noted(connection: Connection, book: int, trigger: str) -> Sequence[AnyRow]:
    """The steps of the organisation's record that say one kind of thing."""
    query = select(steps.c.actor_id, steps.c.recorded, steps.c.form)
    return connection.execute(query.where(steps.c.case_id == book, steps.c.trigger == trigger)).all()


def open_with_due(connection: Connection, since: datetime | None, *, limit: int) -> list[tuple[int, str]]:
    """Open cases with something due at `since` or later (None: at any time), and their bodies."""
    due = union(
        select(clocks.c.case_id).where(clocks.c.status.in_(("running", "paused")), *_from(clocks.c.due, since)),
        select(tasks.c.case_id).where(tasks.c.due < FAR_FUTURE, *_from(tasks.c.due, since)),
        select(timers.c.case_id).where(timers.c.kind.in_(("state", "recurring")), *_from(timers.c.due, since)),
    ).subquery()
    query = select(cases.c.id, cases.c.body).where(
        cases.c.id.in_(select(due.c.case_id)), cases.c.closed.is_(None), cases.c.kind == "case"
    )
    return [(row.id, row.body) for row in connection.execute(query.order_by(cases.c.id).limit(limit))]


def moved_by(connection: Connection, name: str, version: int) -> int:
    """How many due times a version of a calendar has moved."""
    query = select(func.count()).select_from(steps).where(*_moved(name, version))
    return int(connection.execute(query).scalar_one())


def moved(connection: Connection, name: str, version: int, reader: Reader, *, limit: int) -> Sequence[AnyRow]:
    """The steps that moved them, of the cases the reader may see, the newest first."""
    query = select(steps.c.seq, steps.c.trigger, steps.c.form, steps.c.recorded, *CASE, *CUSTOMER).select_from(
        steps.join(WITH_CUSTOMER, cases.c.id == steps.c.case_id)
    )
    newest = (steps.c.recorded.desc(), steps.c.case_id, steps.c.seq)
    query = query.where(*_moved(name, version), readable(reader)).order_by(*newest).limit(limit)
    return connection.execute(query).all()


def _moved(name: str, version: int) -> list[ColumnElement[bool]]:
    """Amendments the system made because of a calendar, which they name with its version."""
    stored = select(calendars.c.stored).where(calendars.c.name == name, calendars.c.version == version)
    told = steps.c.form
    return [
        steps.c.actor_id.is_(None),
        steps.c.recorded >= stored.scalar_subquery(),
        steps.c.kind == "amend",
        told.contains(f'"cause":"calendar","calendar":"{name}","version":{version}}}', autoescape=True),
    ]


def _from(column: Any, since: datetime | None) -> list[ColumnElement[bool]]:
    return [] if since is None else [column >= since]
