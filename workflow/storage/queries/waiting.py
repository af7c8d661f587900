"""Which unit and which role had the cases that waited: for the time departments take."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Subquery, case, func, literal, or_, select, tuple_
from sqlalchemy import type_coerce as as_type

from workflow.storage.queries.cases import CASE, CUSTOMER, WITH_CUSTOMER
from workflow.storage.queries.paging import AnyRow
from workflow.storage.tables import cases, steps

State = tuple[str, str]
"""Lifecycle and state."""

GIVEN_ON = '["task=",'
"""How an operation that changes a task begins, as it is stored."""


class Stretch(NamedTuple):
    """A case was in a state; `ops` of the step that led there. Moments in microseconds, cut to the period."""

    case: int
    seq: int
    definition: str
    state: str
    begun: int
    left: int
    ops: str


class Change(NamedTuple):
    """A step that stayed in a state and changed a task of it."""

    case: int
    seq: int
    at: int
    ops: str


def by_unit(
    connection: Connection, stays: Subquery, roles: Mapping[State, str]
) -> Iterator[tuple[int | None, str, int, int]]:
    """Unit of the case, role, case, and how long it was with them: of these states, each with who it waits for."""
    role = _role(stays, roles)
    columns = (stays.c.unit, role.label("role"), stays.c.case_id, stays.c.length)
    # Named in a query of its own: PostgreSQL takes one expression with two parameters for two expressions.
    rows = select(*columns).where(_among(stays, roles)).subquery()
    key = (rows.c.unit, rows.c.role, rows.c.case_id)
    for row in connection.execute(select(*key, func.sum(rows.c.length)).group_by(*key)):
        yield row[0], row[1], int(row[2]), int(row[3])


def stretches(connection: Connection, stays: Subquery, states: Collection[State]) -> list[Stretch]:
    """In these states, each with what was opened there."""
    c = stays.c
    found = select(c.case_id, c.seq, c.definition, c.state, c.begun, c.left).where(_among(stays, states)).subquery()
    joined = found.join(steps, (steps.c.case_id == found.c.case_id) & (steps.c.seq == found.c.seq))
    query = select(*found.c, steps.c.ops).select_from(joined)
    rows: Iterable[AnyRow] = connection.execute(query.order_by(found.c.case_id, found.c.seq))
    return [Stretch(*row) for row in rows]


def changes(connection: Connection, stays: Subquery, states: Collection[State]) -> list[Change]:
    """In the cases that were in these states, in order."""
    there = select(stays.c.case_id).where(_among(stays, states))
    c = steps.c
    query = select(c.case_id, c.seq, as_type(c.effective, BigInteger), c.ops).where(
        c.case_id.in_(there), c.from_state == c.to_state, c.ops.contains(GIVEN_ON, autoescape=True)
    )
    return [Change(*row) for row in connection.execute(query.order_by(c.case_id, c.seq))]


def behind(
    stays: Subquery, roles: Mapping[State, str], *, unit: int | None, role: str, ids: Collection[int]
) -> Select[Any]:
    """The cases of `by_unit` with a unit and a role, and those of some ids, for `cases.newest`."""
    mine = stays.c.unit.is_(None) if unit is None else stays.c.unit == unit
    states = [state for state, one in roles.items() if one == role]
    there = cases.c.id.in_(select(stays.c.case_id).where(_among(stays, states), mine))
    # Written out: a driver takes only so many parameters.
    others = cases.c.id.in_([literal(one, literal_execute=True) for one in sorted(ids)])
    return select(*CASE, *CUSTOMER).select_from(WITH_CUSTOMER).where(or_(there, others))


def _among(stays: Subquery, states: Collection[State]) -> ColumnElement[bool]:
    return tuple_(stays.c.definition, stays.c.state).in_(sorted(states))


def _role(stays: Subquery, roles: Mapping[State, str]) -> ColumnElement[str]:
    names = sorted(set(roles.values()))
    return case(
        *((_among(stays, [state for state, one in roles.items() if one == name]), name) for name in names), else_=""
    )
