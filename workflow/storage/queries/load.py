"""How much each person has: customers, and open tasks. Counted over what the reader may see."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, select, union_all

from workflow.storage.queries.reader import Reader, readable, readable_customers
from workflow.storage.tables import cases, customers, tasks


def kept(connection: Connection, reader: Reader) -> dict[int, tuple[int, int]]:
    """Person → how many customers they keep, and as A of how many."""
    mine = readable_customers(reader)
    both = union_all(
        *(
            select(column.label("person"), customers.c.id.label("customer"), literal(first).label("first")).where(
                column.is_not(None), customers.c.merged_id.is_(None), mine
            )
            for column, first in ((customers.c.a_id, 1), (customers.c.b_id, 0))
        )
    ).subquery()
    query = select(both.c.person, func.count(both.c.customer.distinct()), func.sum(both.c.first)).group_by(
        both.c.person
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in connection.execute(query)}


def at_work(connection: Connection, reader: Reader) -> dict[int, tuple[int, int]]:
    """Person → how many open tasks they have, and how many of these are overdue."""
    query = (
        select(
            tasks.c.assignee_id,
            func.count(),
            func.sum(case((tasks.c.due < reader.at, 1), else_=0)),
        )
        .select_from(tasks.join(cases, cases.c.id == tasks.c.case_id))
        .where(tasks.c.assignee_id.is_not(None), readable(reader))
        .group_by(tasks.c.assignee_id)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in connection.execute(query)}


def held_by(reader: Reader, person: int) -> ColumnElement[bool]:
    """The open tasks of somebody, of the cases the reader may see."""
    seen = select(cases.c.id).where(readable(reader))
    return and_(tasks.c.assignee_id == person, tasks.c.case_id.in_(seen))
