"""Inboxes and queues. Each is walked along its index, the first due first: what is overdue stands on top."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from heapq import merge
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, false, func, or_, select

from workflow.core.moments import micros
from workflow.storage.queries.cases import CUSTOMER, WITH_CUSTOMER
from workflow.storage.queries.narrow import Wanted, narrowed
from workflow.storage.queries.paging import AnyRow, Key, after, counted
from workflow.storage.queries.reader import Reader, readable
from workflow.storage.tables import cases, customers, escalations, tasks
from workflow.storage.workplace_tables import snoozes

TASK = (
    tasks.c.case_id, tasks.c.no, tasks.c.name, tasks.c.unit_id, tasks.c.role, tasks.c.assignee_id, tasks.c.owner_id,
    tasks.c.opened, tasks.c.due, cases.c.number, cases.c.definition, cases.c.version, cases.c.state, cases.c.phase,
    tasks.c.provisional,
)  # fmt: skip
LEVEL = (
    select(func.max(escalations.c.level))
    .where(escalations.c.case_id == tasks.c.case_id, escalations.c.ended.is_(None))
    .correlate(tasks)
    .scalar_subquery()
    .label("level")
)
ORDER = (tasks.c.due, tasks.c.case_id, tasks.c.no)
WITH_CASE = select(*TASK, LEVEL, *CUSTOMER).select_from(
    tasks.join(cases, cases.c.id == tasks.c.case_id).outerjoin(customers, customers.c.id == tasks.c.customer_id)
)
FIRST: Key = (0, 0, 0)
"""What a key looks like."""


def key_of(row: AnyRow) -> Key:
    return micros(row.due), row.case_id, row.no


def inboxes(reader: Reader) -> list[ColumnElement[bool]]:
    """One condition for each inbox: the reader's own, then those of the persons stood in for.

    What the reader put off is left out until its moment, unless it is overdue: that is never out of sight.
    """
    here = or_(tasks.c.due < reader.at, ~put_off(reader).exists())
    return [and_(tasks.c.assignee_id == person, here) for person in reader.persons]


def put_off(reader: Reader) -> Select[Any]:
    """The reader's wish to see a task later."""
    return (
        select(snoozes.c.until)
        .where(snoozes.c.person_id == reader.person, snoozes.c.case_id == tasks.c.case_id, snoozes.c.no == tasks.c.no)
        .where(snoozes.c.until > reader.at)
        .correlate(tasks)
    )


def later(reader: Reader) -> list[ColumnElement[bool]]:
    """What the reader put off."""
    return [and_(tasks.c.assignee_id == person, put_off(reader).exists()) for person in reader.persons]


def delegated(reader: Reader) -> list[ColumnElement[bool]]:
    """What others do for the reader and will give back."""
    return [and_(tasks.c.owner_id == person, tasks.c.assignee_id.is_distinct_from(person)) for person in reader.persons]


def held_by(reader: Reader, person: int | None) -> list[ColumnElement[bool]]:
    """What somebody has to do, of the cases the reader may see; `person` None: everybody."""
    mine = tasks.c.assignee_id.is_not(None) if person is None else tasks.c.assignee_id == person
    return [and_(mine, tasks.c.case_id.in_(select(cases.c.id).where(readable(reader))))]


def load(connection: Connection, reader: Reader) -> Sequence[AnyRow]:
    """Person, open tasks and those past due of everybody who has any, of the cases the reader may see."""
    late = func.sum(case((tasks.c.due < reader.at, 1), else_=0))
    many = func.count()
    query = select(tasks.c.assignee_id.label("person"), many.label("tasks"), late.label("overdue"))
    (seen,) = held_by(reader, None)
    return connection.execute(
        query.where(seen).group_by(tasks.c.assignee_id).order_by(many.desc(), late.desc(), tasks.c.assignee_id)
    ).all()


def queues(reader: Reader) -> list[ColumnElement[bool]]:
    """One condition for each queue the reader may claim from."""
    return [
        and_(tasks.c.assignee_id.is_(None), tasks.c.unit_id == unit, tasks.c.role == role)
        for unit, role in sorted(reader.queues)
    ]


def page(
    connection: Connection,
    lists: Sequence[ColumnElement[bool]],
    reader: Reader,
    *,
    wanted: Wanted | None,
    key: Key | None,
    limit: int,
) -> list[AnyRow]:
    """The first tasks of several lists in one order.

    Asked list by list, so that each follows its index; one question over all would sort every task in them.
    """
    found = [connection.execute(ordered(one, reader, wanted=wanted, key=key, limit=limit)).all() for one in lists]
    return list(merge(*found, key=key_of))[:limit]


def ordered(
    one: ColumnElement[bool], reader: Reader, *, wanted: Wanted | None, key: Key | None, limit: int
) -> Select[Any]:
    """The first tasks of one list, with case and customer."""
    return WITH_CASE.where(one, *matching(reader, wanted), *after(ORDER, key)).order_by(*ORDER).limit(limit)


def put_off_until(connection: Connection, reader: Reader, ids: Iterable[int]) -> dict[tuple[int, int], datetime]:
    """(case, task) → when the reader wants to see it again, of the tasks of some cases."""
    c = snoozes.c
    mine = select(c.case_id, c.no, c.until).where(c.person_id == reader.person, c.case_id.in_(set(ids)))
    return {(row.case_id, row.no): row.until for row in connection.execute(mine.where(c.until > reader.at))}


def of_case(connection: Connection, case: int) -> Sequence[AnyRow]:
    """Every open task of a case, in the order they were opened."""
    return connection.execute(WITH_CASE.where(tasks.c.case_id == case).order_by(tasks.c.no)).all()


def matching(reader: Reader, wanted: Wanted | None) -> list[ColumnElement[bool]]:
    if wanted is None:
        return []
    found = narrowed(wanted, reader.directory)
    if wanted.task is not None:
        found.append(tasks.c.name == wanted.task)
    if wanted.person is not None:
        found.append(tasks.c.assignee_id == wanted.person)
    if wanted.due_before is not None:
        found.append(tasks.c.due < wanted.due_before)
    if wanted.overdue:
        found.append(tasks.c.due < reader.at)
    return found


def count(
    connection: Connection, lists: Sequence[ColumnElement[bool]], reader: Reader, *, wanted: Wanted | None
) -> tuple[int, bool]:
    """How many tasks the lists have together, counted up to COUNTED; and whether that is all."""
    return counted(connection, anyhow(lists, reader, wanted)) if lists else (0, True)


def anyhow(lists: Sequence[ColumnElement[bool]], reader: Reader, wanted: Wanted | None) -> Select[Any]:
    """The tasks of several lists together, in no order; only to be counted."""
    # What is due by when is said of the task itself: its case is looked up only where more is asked.
    alone = not narrowed(wanted, reader.directory)
    source = tasks if alone else tasks.join(WITH_CUSTOMER, cases.c.id == tasks.c.case_id)
    return select(tasks.c.no).select_from(source).where(or_(false(), *lists), *matching(reader, wanted))
