"""How much each person has: customers, and open tasks. Counted over what the reader may see."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, and_, case, func, select, union_all

from workflow.storage.development_tables import takings
from workflow.storage.queries.leading import leader, led_by
from workflow.storage.queries.reader import Reader, readable, readable_customers
from workflow.storage.revenue_tables import revenue
from workflow.storage.tables import cases, customers, tasks

MONTHS = 3
"""By the mean of so many months it is judged what a customer spends: a single one may be out of the ordinary. Ours."""


def kept(connection: Connection, reader: Reader) -> dict[int, tuple[int, int]]:
    """Person → how many customers they lead, and how many they have, leading or assisting."""
    mine = readable_customers(reader)
    both = union_all(
        *(
            select(column.label("person"), customers.c.id.label("customer"), leader().label("leader")).where(
                column.is_not(None), customers.c.merged_id.is_(None), mine
            )
            for column in (customers.c.a_id, customers.c.b_id)
        )
    ).subquery()
    own = case((both.c.leader == both.c.person, both.c.customer), else_=None)
    query = select(both.c.person, func.count(own.distinct()), func.count(both.c.customer.distinct())).group_by(
        both.c.person
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in connection.execute(query)}


def carried_by(connection: Connection, reader: Reader) -> dict[int, set[int]]:
    """Person → the customers they lead."""
    query = select(customers.c.id, leader().label("leader")).where(
        leader().is_not(None), customers.c.merged_id.is_(None), readable_customers(reader)
    )
    found: dict[int, set[int]] = {}
    for row in connection.execute(query):
        found.setdefault(row.leader, set()).add(row.id)
    return found


def coming(connection: Connection, limits: Collection[str]) -> dict[int, set[int]]:
    """Person → the customers on their way to them by takings of some limits; everybody's."""
    query = (
        select(takings.c.of_id, cases.c.customer_id)
        .join(cases, cases.c.id == takings.c.case_id)
        .where(takings.c.name.in_(sorted(limits)), takings.c.until.is_(None), cases.c.customer_id.is_not(None))
    )
    found: dict[int, set[int]] = {}
    for person, customer in connection.execute(query):
        found.setdefault(person, set()).add(customer)
    return found


def coming_to(connection: Connection, person: int, limits: Collection[str]) -> set[int]:
    """The customers somebody leads, and those on their way by takings of some limits; whoever asks."""
    led = select(customers.c.id).where(led_by(person), customers.c.merged_id.is_(None))
    coming = (
        select(cases.c.customer_id)
        .join(takings, takings.c.case_id == cases.c.id)
        .where(takings.c.name.in_(sorted(limits)), takings.c.of_id == person, takings.c.until.is_(None))
    )
    return {*connection.scalars(led), *connection.scalars(coming)} - {None}


def spends(connection: Connection, some: Collection[int]) -> dict[int, int]:
    """Customer → cents a month: the mean of the newest MONTHS that are known; 0 where none is. What was merged into a
    customer is its own."""
    r, said = revenue.c, customers.alias()
    of = func.coalesce(said.c.merged_id, said.c.id)
    query = (
        select(of, r.month, func.sum(r.cents))
        .select_from(revenue.join(said, said.c.id == r.customer_id))
        .where(of.in_(sorted(some)), r.until.is_(None), r.cents.is_not(None))
        .group_by(of, r.month)
        .order_by(of, r.month.desc())
    )
    months: dict[int, list[int]] = {one: [] for one in some}
    for customer, _, cents in connection.execute(query):
        months[customer].append(int(cents))
    return {one: sum(found[:MONTHS]) // max(len(found[:MONTHS]), 1) for one, found in months.items()}


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
