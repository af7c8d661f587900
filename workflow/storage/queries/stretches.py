"""Stretches of time in which cases stood still in a state, from the steps that lead there.

Very many: what is only summed up is summed up where it lies. A sum and the list of its cases come from one query.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.sql.selectable import Subquery

from workflow.core.moments import micros
from workflow.storage import postgresql
from workflow.storage.queries import moves
from workflow.storage.queries.measures import Span
from workflow.storage.queries.moves import Move
from workflow.storage.queries.narrow import Wanted
from workflow.storage.queries.reader import Reader

State = tuple[str, str]
"""Lifecycle and state."""

SECOND = 1_000_000
"""In microseconds."""


class Stretch(NamedTuple):
    """A case was in a state; `seq` of the step that led there. Moments in microseconds, cut to the period.

    `again`: it came there from an end, within the period. Such a stretch may be of no length.
    """

    case: int
    seq: int
    unit: int | None
    definition: str
    state: str
    begun: int
    left: int
    again: bool


class Gathered(NamedTuple):
    """What the stretches of a unit's cases in one state come to: `cases` of those of a length, and how long they are
    together in microseconds. `again`: the cases that came there from an end, within the period."""

    unit: int | None
    definition: str
    state: str
    cases: frozenset[int]
    spent: int
    again: frozenset[int]


def gathered(
    connection: Connection,
    reader: Reader,
    wanted: Wanted | None,
    span: Span,
    *,
    states: Collection[State],
    apart: Collection[State],
    ends: Collection[State],
) -> tuple[list[Gathered], list[Stretch]]:
    """The stretches in some states, and those that `measures.reopened` counts, in one pass. Those in states that are
    told `apart` come one by one. `ends`: as there.
    """
    postgresql.give_room(connection)
    chain = moves.in_a_row if connection.dialect.name == "postgresql" else moves.looked_up
    found = _found(chain, reader, wanted, span, states=states, apart=apart, ends=ends).subquery().c
    whose, length = cast(found.case_id, Text), found.left - found.begun
    some = case((length > 0, length), else_=0)
    query = select(
        found.unit,
        found.definition,
        found.state,
        found.alone,
        found.seq,
        func.min(found.begun),
        func.min(found.left),
        # Whole seconds and the rest: SQLite sums up to 2^63, which are 300,000 cases that stand for a year.
        func.sum(some // SECOND),
        func.sum(some % SECOND),
        func.aggregate_strings(case((length > 0, whose)), ","),
        func.aggregate_strings(case((found.again, whose)), ","),
    ).group_by(found.unit, found.definition, found.state, found.alone, found.seq)
    together, single = [], []
    for unit, definition, state, alone, seq, begun, left, seconds, rest, long, again in connection.execute(query):
        if alone is None:
            meant = (definition, state) in states
            spent = SECOND * int(seconds) + int(rest) if meant else 0
            together.append(Gathered(unit, definition, state, _ids(long if meant else None), spent, _ids(again)))
        else:
            single.append(Stretch(alone, seq, unit, definition, state, begun, left, again is not None))
    return together, single


def stays(reader: Reader, wanted: Wanted | None, span: Span, states: Collection[State]) -> Subquery:
    """Case and unit of each stretch of a length in some states."""
    chain = moves.looked_up(reader, wanted, span, lambda move: _among(move.state, move.definition, states))
    begun, left = _cut(chain, reader, span)
    return select(chain.c.case_id, chain.c.unit).where(left > begun).subquery()


def _found(
    chained: Callable[..., Subquery],
    reader: Reader,
    wanted: Wanted | None,
    span: Span,
    *,
    states: Collection[State],
    apart: Collection[State],
    ends: Collection[State],
) -> Select[Any]:
    """Each stretch; `alone` and `seq` only of those told apart. `chained`: how it is known when a state was left."""

    def back(move: Move) -> ColumnElement[bool]:
        return and_(
            move.at >= span.since,
            move.at < span.until,
            move.came != move.state,
            _among(move.came, move.definition, ends),
        )

    # By the name alone, the lifecycle is looked at where it is read: for every step it would take longer than the rest.
    chain = chained(reader, wanted, span, lambda move: or_(_named(move.state, states), back(move)), again=back)
    begun, left = _cut(chain, reader, span)
    c = chain.c
    alone = _among(c.state, c.definition, apart)
    # Named in a query of its own: PostgreSQL takes one expression with two parameters for two expressions.
    return select(
        c.case_id,
        c.unit,
        c.definition,
        c.state,
        case((alone, c.case_id)).label("alone"),
        case((alone, c.seq)).label("seq"),
        begun.label("begun"),
        left.label("left"),
        c.again,
    ).where(or_(left > begun, c.again))


def _cut(chain: Subquery, reader: Reader, span: Span) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Where each stretch begins and ends within the period; of a case that is still there, at `reader.at`."""
    since, until = micros(span.since), micros(min(span.until, reader.at))
    begun = case((chain.c.begun < since, since), else_=chain.c.begun)
    return begun, case((chain.c.left > until, until), else_=chain.c.left)


def _named(state: ColumnElement[str], some: Iterable[State]) -> ColumnElement[bool]:
    return state.in_(sorted({name for _, name in some}))


def _among(state: ColumnElement[str], definition: ColumnElement[str], some: Iterable[State]) -> ColumnElement[bool]:
    # The state alone first, then one text: both databases take many times as long to look for a pair.
    return and_(_named(state, some), (definition + " " + state).in_(sorted(map(" ".join, some))))


def _ids(told: str | None) -> frozenset[int]:
    return frozenset(map(int, told.split(","))) if told else frozenset()
