"""What stands in somebody's calendar: tasks due in a span, and open cases whose forms name days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, or_, select

from workflow.storage.queries.cases import CUSTOMER
from workflow.storage.queries.paging import AnyRow
from workflow.storage.queries.reader import Reader, readable
from workflow.storage.queries.tasks import ORDER, WITH_CASE
from workflow.storage.tables import cases, customers, participants, tasks

MOST = 500
"""Rows of one kind at most: a calendar of more is none."""


def due(connection: Connection, reader: Reader, since: datetime, until: datetime) -> Sequence[AnyRow]:
    """The open tasks of the reader, and of those stood in for, that are due in the span; the first due first."""
    mine = tasks.c.assignee_id.in_(reader.persons)
    span = (tasks.c.due >= since, tasks.c.due < until)
    return connection.execute(WITH_CASE.where(mine, *span).order_by(*ORDER).limit(MOST)).all()


def dated(connection: Connection, reader: Reader, lifecycles: Iterable[str]) -> Sequence[AnyRow]:
    """The open cases of some lifecycles the reader works on or looks after the customer of; what changed last first."""
    c = cases.c
    mine = or_(
        c.id.in_(select(participants.c.case_id).where(participants.c.person_id.in_(reader.persons))),
        customers.c.a_id.in_(reader.persons),
        customers.c.b_id.in_(reader.persons),
    )
    query = (
        select(c.id.label("case_id"), c.number, c.definition, c.version, c.state, c.body, *CUSTOMER)
        .select_from(cases.outerjoin(customers, customers.c.id == c.customer_id))
        .where(c.kind == "case", c.closed.is_(None), c.definition.in_(sorted(lifecycles)), readable(reader), mine)
    )
    return connection.execute(query.order_by(c.updated.desc(), c.id.desc()).limit(MOST)).all()
