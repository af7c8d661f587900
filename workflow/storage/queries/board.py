"""The supervisor's board: what is late, soon due or handed upwards, in groups that a list can be narrowed to.

A group is counted and listed by one and the same expression, so that a list holds what its group counts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from workflow.storage.queries import oversight
from workflow.storage.queries.narrow import Wanted
from workflow.storage.queries.paging import Key
from workflow.storage.queries.reader import Reader
from workflow.storage.tables import cases, clocks, escalations, tasks

Of = Literal["overdue", "soon", "escalations"]
By = Literal["level", "age", "unit", "lifecycle", "manager"]

AGES = (("day", timedelta(days=1)), ("three", timedelta(days=3)), ("week", timedelta(days=7)))
"""How long ago at most; what is longer ago is `older`."""

AHEAD = (("six", timedelta(hours=6)), ("day", timedelta(hours=24)))
"""How soon at the latest; what is due later is `later`."""


def listed(of: Of, reader: Reader, wanted: Wanted | None, *, until: datetime) -> Select[Any]:
    """A list of the board; `until` is the end of what is soon."""
    if of == "escalations":
        return oversight.raised(reader, wanted)
    if of == "soon":
        return oversight.ahead(reader, wanted, until)
    return oversight.late(reader, wanted)


def page(of: Of, query: Select[Any], key: Key | None, *, limit: int) -> Select[Any]:
    turn = oversight.raised_page if of == "escalations" else oversight.late_page
    return turn(query, key, limit=limit)


def only(query: Select[Any], of: Of, by: By, key: int | str | None, at: datetime) -> Select[Any]:
    """The rows of one group; None: those that belong to nobody and nowhere."""
    if by == "manager":
        working = select(tasks.c.case_id).where(tasks.c.assignee_id.is_not(None))
        if key is None:
            return query.where(cases.c.id.not_in(working))
        return query.where(cases.c.id.in_(working.where(tasks.c.assignee_id == key)))
    column = _column(of, by, at)
    return query.where(column.is_(None) if key is None else column == key)


def counts(
    connection: Connection, query: Select[Any], of: Of, by: By, at: datetime
) -> list[tuple[int | str | None, int]]:
    """How many rows each group has; a case with two managers counts with each."""
    if by == "manager":
        rows = query.with_only_columns(cases.c.id.label("case_id")).subquery()
        people = select(tasks.c.case_id, tasks.c.assignee_id).where(tasks.c.assignee_id.is_not(None)).distinct()
        team = people.subquery()
        grouped = (
            select(team.c.assignee_id, func.count())
            .select_from(rows.outerjoin(team, team.c.case_id == rows.c.case_id))
            .group_by(team.c.assignee_id)
        )
    else:
        # Named in a query of its own: PostgreSQL takes one expression with two parameters for two expressions.
        keys = query.with_only_columns(_column(of, by, at).label("key")).subquery()
        grouped = select(keys.c.key, func.count()).group_by(keys.c.key)
    return [(row[0], row[1]) for row in connection.execute(grouped)]


def _column(of: Of, by: By, at: datetime) -> ColumnElement[Any]:
    if by == "unit":
        return cases.c.unit_id
    if by == "lifecycle":
        return cases.c.definition
    if by == "level":
        return escalations.c.level if of == "escalations" else _level()
    since = escalations.c.raised if of == "escalations" else clocks.c.due
    if of == "soon":
        return case(*((since < at + span, name) for name, span in AHEAD), else_="later")
    return case(*((since > at - span, name) for name, span in AGES), else_="older")


def _level() -> ColumnElement[int]:
    """The highest open escalation of the case; 0 without one."""
    highest = select(func.coalesce(func.max(escalations.c.level), 0))
    return (
        highest.where(escalations.c.case_id == cases.c.id, escalations.c.ended.is_(None))
        .correlate(cases)
        .scalar_subquery()
    )
