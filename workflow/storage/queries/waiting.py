"""Who had the cases that waited: for the time departments take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, Select, Subquery, literal, or_, select
from sqlalchemy import type_coerce as as_type

from workflow.storage.queries.cases import CASE, CUSTOMER, WITH_CUSTOMER
from workflow.storage.tables import cases, steps

OPENED, GIVEN_ON = '["task+",', '["task=",'
"""How operations that open and change a task begin, as they are stored."""

AT_ONCE = 500
"""Cases asked for in one statement: a driver takes only so many parameters."""


class Turn(NamedTuple):
    """A step that opened or changed a task. The moment in microseconds."""

    seq: int
    at: int
    ops: str


def turns(connection: Connection, some: Collection[int]) -> Mapping[int, Sequence[Turn]]:
    """Of each of these cases, in order."""
    c = steps.c
    found: dict[int, list[Turn]] = defaultdict(list)
    told = or_(c.ops.contains(OPENED, autoescape=True), c.ops.contains(GIVEN_ON, autoescape=True))
    query = select(c.case_id, c.seq, as_type(c.effective, BigInteger), c.ops).where(told).order_by(c.case_id, c.seq)
    wanted = sorted(some)
    for place in range(0, len(wanted), AT_ONCE):
        for case, *turn in connection.execute(query.where(c.case_id.in_(wanted[place : place + AT_ONCE]))):
            found[case].append(Turn(*turn))
    return found


def behind(stays: Subquery, *, unit: int | None, ids: Collection[int]) -> Select[Any]:
    """The cases of a unit of some stretches, and those of some ids, for `cases.newest`."""
    mine = stays.c.unit.is_(None) if unit is None else stays.c.unit == unit
    # Written out: a driver takes only so many parameters.
    others = cases.c.id.in_([literal(one, literal_execute=True) for one in sorted(ids)])
    there = cases.c.id.in_(select(stays.c.case_id).where(mine))
    return select(*CASE, *CUSTOMER).select_from(WITH_CUSTOMER).where(or_(there, others))
