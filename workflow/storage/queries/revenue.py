"""Figures of revenue, and who had the customers and shared in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, insert, or_, select, true

from workflow.core.splits import Share, Split, followed
from workflow.storage.queries.merges import Into
from workflow.storage.queries.reader import Reader, readable_customers
from workflow.storage.revenue_tables import alerts, revenue
from workflow.storage.stint_tables import splits, stints
from workflow.storage.tables import cases, customers

PORTION = 500
"""Ids named in one question."""


class Held(NamedTuple):
    """Somebody, or only a unit, had a customer in a role from one moment to before another."""

    customer: int
    role: str
    seq: int
    person: int | None
    unit: int | None
    begun: datetime
    ended: datetime | None
    trigger: str
    case: int | None
    actor: int | None
    behalf: int | None


def standing(connection: Connection, customer: int) -> dict[tuple[str, str], tuple[int, int | None]]:
    """Month and product → the step that said so, and the cents, of what stands."""
    c = revenue.c
    query = select(c.month, c.product, c.seq, c.cents).where(c.customer_id == customer, c.until.is_(None))
    return {(row.month, row.product): (row.seq, row.cents) for row in connection.execute(query)}


def told(connection: Connection, customer: int, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[Any]]:
    """All that was ever said of some months and products, the last first, as step and cents."""
    wanted = set(keys)
    c = revenue.c
    query = select(c.month, c.product, c.seq, c.cents).where(c.customer_id == customer).order_by(c.seq.desc())
    found: dict[tuple[str, str], list[Any]] = {key: [] for key in wanted}
    for row in connection.execute(query):
        if (row.month, row.product) in wanted:
            found[row.month, row.product].append((row.seq, row.cents))
    return found


def said_by(connection: Connection, customer: int, seq: int) -> list[tuple[str, str]]:
    """The months and products a step said something of."""
    c = revenue.c
    query = select(c.month, c.product).where(c.customer_id == customer, c.seq == seq).order_by(c.month, c.product)
    return [(row.month, row.product) for row in connection.execute(query)]


def monthly(
    connection: Connection,
    since: str,
    until: str,
    *,
    into: Into,
    of: ColumnElement[bool] | None = None,
    at: datetime | None = None,
) -> list[tuple[int, str, int]]:
    """Customer, month and cents of all products together, of the months from one to another. `at`: as known then.

    `into`: what a merged record brought in is the other customer's.
    """
    c = revenue.c
    stands = c.until.is_(None) if at is None else and_(c.since <= at, or_(c.until.is_(None), c.until > at))
    query = (
        select(c.customer_id, c.month, func.sum(c.cents))
        .where(c.month >= since, c.month <= until, stands, c.cents.is_not(None), true() if of is None else of)
        .group_by(c.customer_id, c.month)
        .order_by(c.customer_id, c.month)
    )
    found: dict[tuple[int, str], int] = {}
    for customer, month, cents in connection.execute(query):
        key = into.get(customer, customer), month
        found[key] = found.get(key, 0) + int(cents)
    return [(*key, found[key]) for key in sorted(found)]


def by_product(connection: Connection, customer: int, *, since: str) -> list[tuple[str, str, int]]:
    """Month, product and cents that stand, with those of what was merged into it, the newest month first."""
    c = revenue.c
    merged = select(customers.c.id).where(customers.c.merged_id == customer)
    query = (
        select(c.month, c.product, func.sum(c.cents))
        .where(or_(c.customer_id == customer, c.customer_id.in_(merged)))
        .where(c.until.is_(None), c.cents.is_not(None), c.month >= since)
        .group_by(c.month, c.product)
        .order_by(c.month.desc(), c.product)
    )
    return [(row[0], row[1], int(row[2])) for row in connection.execute(query)]


def concerned(units: frozenset[int] | None, persons: Sequence[int], into: Into) -> ColumnElement[bool]:
    """The condition on `revenue` for customers that some units or persons ever had or share in; None: all of them.

    A merged record is whose the customer is that it was found to be, and nobody else's.
    """
    if units is None:
        return true()
    some = [
        select(table.c.customer_id).where(
            or_(table.c.unit_id.in_(sorted(units)), table.c.person_id.in_(sorted(persons)))
        )
        for table in (stints, splits)
    ]
    whose = revenue.c.customer_id
    ever = or_(*(whose.in_(one) for one in some))
    if not into:
        return ever
    other = case(dict(into), value=whose)
    return or_(
        and_(ever, whose.not_in(into)),
        and_(whose.in_(into), or_(*(other.in_(one) for one in some))),
    )


def leads(connection: Connection, some: Iterable[int] | None = None) -> dict[int, list[Held]]:
    """The owners of customers, each from its first on."""
    found: dict[int, list[Held]] = {}
    for held in _stints(connection, some, stints.c.role == "lead"):
        found.setdefault(held.customer, []).append(held)
    return found


def stints_of(connection: Connection, customer: int) -> list[Held]:
    """Who had a customer, in all roles, the first first."""
    return list(_stints(connection, [customer], true()))


def _stints(connection: Connection, some: Iterable[int] | None, of: ColumnElement[bool]) -> Iterator[Held]:
    c = stints.c
    query = select(
        c.customer_id, c.role, c.seq, c.person_id, c.unit_id, c.begun, c.ended, c.trigger, c.case_id, c.actor_id,
        c.behalf_id,
    ).where(of).order_by(c.customer_id, c.seq, c.role)  # fmt: skip
    for part in _portions(some):
        asked = query if part is None else query.where(c.customer_id.in_(part))
        yield from (Held(*row) for row in connection.execute(asked))


def splits_of(
    connection: Connection, some: Iterable[int] | None = None, *, at: datetime | None = None
) -> dict[int, list[Split]]:
    """What holds of each customer's splits, in the order of months. `at`: by what was fixed until then."""
    c = splits.c
    query = select(c.customer_id, c.seq, c.month, c.unit_id, c.person_id, c.share).order_by(
        c.customer_id, c.seq, c.month, c.place
    )
    if at is not None:
        query = query.where(c.fixed <= at)
    orders: dict[int, dict[int, dict[str, list[Share]]]] = {}
    for part in _portions(some):
        for row in connection.execute(query if part is None else query.where(c.customer_id.in_(part))):
            order = orders.setdefault(row.customer_id, {}).setdefault(row.seq, {})
            order.setdefault(row.month, []).append(Share(row.unit_id, row.person_id, row.share))
    found: dict[int, list[Split]] = {}
    for customer, by_seq in orders.items():
        held: tuple[Split, ...] = ()
        for months in by_seq.values():
            held = followed(held, [Split(month, tuple(shares)) for month, shares in months.items()])
        found[customer] = list(held)
    return found


def cases_named(connection: Connection, some: Iterable[int]) -> dict[int, tuple[str, str, int]]:
    """Number, definition and version of cases."""
    c = cases.c
    query = select(c.id, c.number, c.definition, c.version)
    parts = [query.where(c.id.in_(part)) for part in _portions(sorted(some)) if part]
    return {row.id: (row.number, row.definition, row.version) for one in parts for row in connection.execute(one)}


def named(connection: Connection, some: Iterable[int], reader: Reader) -> dict[int, tuple[str, str, str]]:
    """Number and names of those customers whose files the reader may read."""
    c = customers.c
    found = {}
    for part in _portions(some):
        query = select(c.id, c.number, c.name_zh, c.name_en).where(readable_customers(reader))
        for row in connection.execute(query if part is None else query.where(c.id.in_(part))):
            found[row.id] = (row.number, row.name_zh, row.name_en)
    return found


def numbers(connection: Connection, wanted: Iterable[str]) -> dict[str, tuple[int, int | None]]:
    """Number → id and unit of the customers there are; those withdrawn with the file that brought them are none."""
    c = customers.c
    found: dict[str, tuple[int, int | None]] = {}
    some = list(dict.fromkeys(wanted))
    for start in range(0, len(some), PORTION):
        query = select(c.number, c.id, c.unit_id).where(
            c.number.in_(some[start : start + PORTION]), or_(c.merged_id.is_(None), c.merged_id != c.id)
        )
        found |= {row.number: (row.id, row.unit_id) for row in connection.execute(query)}
    return found


def graded(connection: Connection) -> list[Any]:
    """Id, tier, stage and unit of every record, by id."""
    c = customers.c
    return list(connection.execute(select(c.id, c.tier, c.stage, c.unit_id).order_by(c.id)).all())


def newest(connection: Connection) -> str | None:
    """The last month there are figures of."""
    found: str | None = connection.scalar(select(func.max(revenue.c.month)).where(revenue.c.until.is_(None)))
    return found


def alerted(connection: Connection, period: str) -> set[int]:
    """Customers for whom a case was opened about a month or a quarter."""
    return set(connection.scalars(select(alerts.c.customer_id).where(alerts.c.month == period)))


def alert(connection: Connection, customer: int, period: str, case: int, at: datetime) -> None:
    connection.execute(insert(alerts).values(customer_id=customer, month=period, case_id=case, at=at))


def _portions(some: Iterable[int] | None) -> Iterator[list[int] | None]:
    if some is None:
        yield None
        return
    ids = list(some)
    for start in range(0, len(ids), PORTION):
        yield ids[start : start + PORTION]
