"""The steps that lead into a state, each with when that state was left: found in two ways, which say the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, FromClause, func, literal, or_, select
from sqlalchemy import type_coerce as as_type
from sqlalchemy.sql.selectable import Subquery

from workflow.core.moments import micros
from workflow.storage.queries.cases import WITH_CUSTOMER
from workflow.storage.queries.measures import Span
from workflow.storage.queries.narrow import Wanted, narrowed
from workflow.storage.queries.reader import Reader, readable
from workflow.storage.tables import cases, steps


class Move(NamedTuple):
    """The columns of a step that leads into a state: `came` from which, and when."""

    definition: ColumnElement[str]
    came: ColumnElement[str]
    state: ColumnElement[str]
    at: ColumnElement[datetime]


Which = Callable[[Move], ColumnElement[bool]]


def moved(some: FromClause) -> ColumnElement[bool]:
    """Steps that lead into a state; the first names the state it leads into as its own. As `ix_steps_moves` says it."""
    return or_(some.c.from_state != some.c.to_state, some.c.seq == literal(1, literal_execute=True))


def looked_up(reader: Reader, wanted: Wanted | None, span: Span, which: Which, **more: Which) -> Subquery:
    """The steps that lead into a state, each with when it was left; those that stay there are passed over, with an
    index. `which` of them; `more` that is to be known of each."""
    later, move = steps.alias(), Move(cases.c.definition, steps.c.from_state, steps.c.to_state, steps.c.effective)
    left = (
        select(as_type(later.c.effective, BigInteger))
        .where(later.c.case_id == steps.c.case_id, later.c.seq > steps.c.seq, moved(later))
        .order_by(later.c.seq)
        .limit(1)
        .correlate(steps)
        .scalar_subquery()
    )
    return (
        select(
            steps.c.case_id,
            steps.c.seq,
            cases.c.unit_id.label("unit"),
            cases.c.definition,
            steps.c.to_state.label("state"),
            as_type(steps.c.effective, BigInteger).label("begun"),
            func.coalesce(left, micros(reader.at)).label("left"),
            *(ask(move).label(name) for name, ask in more.items()),
        )
        .select_from(steps.join(WITH_CUSTOMER, cases.c.id == steps.c.case_id))
        .where(moved(steps), which(move), *_about(reader, wanted, span))
        # Once for each step: without this, what follows is looked for wherever it is named.
        .offset(0)
        .subquery()
    )


def in_a_row(reader: Reader, wanted: Wanted | None, span: Span, which: Which, **more: Which) -> Subquery:
    """As `looked_up`, by a window over all moves of the cases: on PostgreSQL, which reads them in their order, in two
    thirds of the time; SQLite would sort them first."""
    # Apart: by what PostgreSQL reckons the looks at single cases cost, it would read the cases the slowest way.
    some = select(cases.c.id, cases.c.unit_id, cases.c.definition).select_from(WITH_CUSTOMER)
    about = some.where(*_about(reader, wanted, span)).offset(0).subquery()
    following = func.lead(as_type(steps.c.effective, BigInteger)).over(
        partition_by=steps.c.case_id, order_by=steps.c.seq
    )
    row = (
        select(
            steps.c.case_id,
            steps.c.seq,
            about.c.unit_id.label("unit"),
            about.c.definition,
            steps.c.from_state,
            steps.c.to_state.label("state"),
            steps.c.effective,
            func.coalesce(following, micros(reader.at)).label("left"),
        )
        .select_from(steps.join(about, about.c.id == steps.c.case_id))
        .where(moved(steps))
        .subquery()
        .c
    )
    move = Move(row.definition, row.from_state, row.state, row.effective)
    known = (row.case_id, row.seq, row.unit, row.definition, row.state, row.left)
    begun = as_type(row.effective, BigInteger).label("begun")
    return select(*known, begun, *(ask(move).label(name) for name, ask in more.items())).where(which(move)).subquery()


def _about(reader: Reader, wanted: Wanted | None, span: Span) -> list[ColumnElement[bool]]:
    """Conditions on `cases` joined with `customers`: those that were open in the period."""
    return [
        cases.c.kind == "case",
        cases.c.opened < span.until,
        or_(cases.c.closed.is_(None), cases.c.closed >= span.since),
        readable(reader),
        *narrowed(wanted, reader.directory),
    ]
