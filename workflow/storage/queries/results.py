"""What became of customers, whose they were, and what was said of plans: for figures of people and units."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Select, case, func, literal, or_, select, tuple_

from workflow.core.codec import dumps
from workflow.storage.queries.measures import settled
from workflow.storage.queries.merges import Into
from workflow.storage.queries.moves import moved
from workflow.storage.queries.paging import AnyRow
from workflow.storage.queries.revenue import concerned
from workflow.storage.revenue_tables import revenue
from workflow.storage.stint_tables import stints
from workflow.storage.tables import cases, clocks, steps

Clock = tuple[str, str]


class Move(NamedTuple):
    """A case came into a state. `won`: by a trigger that wins the customer; `form` is its JSON, of no other."""

    customer: int
    case: int
    number: str
    definition: str
    state: str
    at: datetime
    won: bool
    form: str | None


class Hold(NamedTuple):
    """Somebody had a customer in a role, from a moment to before another one."""

    customer: int
    role: str
    person: int | None
    unit: int | None
    begun: datetime
    ended: datetime | None


def said(connection: Connection, record: int, trigger: str, *, at: datetime) -> Sequence[AnyRow]:
    """The steps of a record by one trigger, recorded by a moment, in order."""
    c = steps.c
    query = select(c.seq, c.form, c.recorded, c.actor_id).where(
        c.case_id == record, c.trigger == trigger, c.recorded <= at
    )
    return connection.execute(query.order_by(c.seq)).all()


def moves(
    connection: Connection, definition: str, won: Collection[tuple[str, str]],
    *, persons: Collection[int], until: datetime, at: datetime,
) -> list[Move]:  # fmt: skip
    """How the cases of a lifecycle moved, of customers that any of some persons ever had: known at a moment. And the
    steps by which such customers were won, of whatever lifecycle. `won`: lifecycle and trigger."""
    c = steps.c
    wins = tuple_(cases.c.definition, c.trigger).in_(sorted(won))
    query = (
        select(
            cases.c.customer_id,
            c.case_id,
            cases.c.number,
            cases.c.definition,
            c.to_state,
            c.effective,
            wins,
            case((wins, c.form), else_=None),
        )
        .select_from(steps.join(cases, cases.c.id == c.case_id))
        .where(
            cases.c.kind == "case",
            cases.c.definition.in_({definition, *(name for name, _ in won)}),
            cases.c.customer_id.in_(_ever(persons)),
            moved(steps),
            c.effective < until,
            c.recorded <= at,
        )
        .order_by(c.case_id, c.seq)
    )
    return [Move(*row) for row in connection.execute(query)]


def holds(connection: Connection, persons: Collection[int], *, at: datetime) -> list[Hold]:
    """Who led and who developed the customers that any of some persons ever had, each from the first on."""
    c = stints.c
    query = select(c.customer_id, c.role, c.person_id, c.unit_id, c.begun, c.ended).where(
        c.role.in_(("lead", "a")), c.customer_id.in_(_ever(persons)), c.begun <= at
    )
    return [Hold(*row) for row in connection.execute(query.order_by(c.customer_id, c.role, c.seq))]


def sold(
    connection: Connection, persons: Collection[int], since: str, until: str, *, into: Into, at: datetime
) -> dict[int, list[str]]:
    """By customer the products that brought something in, of customers that some persons ever had or share in."""
    c = revenue.c
    query = (
        select(c.customer_id, c.product, func.sum(c.cents))
        .where(
            c.month >= since,
            c.month <= until,
            c.since <= at,
            or_(c.until.is_(None), c.until > at),
            c.cents.is_not(None),
            concerned(frozenset(), sorted(persons), into),
        )
        .group_by(c.customer_id, c.product)
    )
    sums: dict[tuple[int, str], int] = {}
    for customer, product, cents in connection.execute(query):
        key = into.get(customer, customer), product
        sums[key] = sums.get(key, 0) + int(cents)
    found: dict[int, list[str]] = {}
    for customer, product in sorted(sums):
        if sums[customer, product] > 0:
            found.setdefault(customer, []).append(product)
    return found


def served(query: Select[tuple[object, ...]], clock: Clock, values: Mapping[str, str]) -> Select[tuple[object, ...]]:
    """The runs of `measures.runs` that one figure of service counts.

    `values`: of choices. They are looked for as JSON has them in the case; a text written by somebody cannot look so,
    because its quotation marks are escaped.
    """
    held = (cases.c.body.contains(dumps({name: value})[1:-1], autoescape=True) for name, value in values.items())
    return query.where(cases.c.definition == clock[0], clocks.c.name == clock[1], *held)


def counted(connection: Connection, queries: Sequence[Select[tuple[object, ...]]]) -> list[tuple[int, str, int]]:
    """Place of the query, verdict and how many, of several of `served`, in one statement."""
    parts = []
    for place, query in enumerate(queries):
        rows = query.with_only_columns(literal(place).label("place"), settled().label("verdict")).subquery()
        parts.append(select(rows.c.place, rows.c.verdict, func.count()).group_by(rows.c.place, rows.c.verdict))
    if not parts:
        return []
    whole = parts[0].union_all(*parts[1:]) if len(parts) > 1 else parts[0]
    return [(int(row[0]), row[1], int(row[2])) for row in connection.execute(whole)]


def _ever(persons: Collection[int]) -> Select[tuple[int]]:
    return select(stints.c.customer_id).where(stints.c.person_id.in_(sorted(persons)))
