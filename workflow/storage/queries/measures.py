"""Figures about a period, counted where the data lies, and the rows each of them counts.

A figure and its list come from one query, narrowed by the same conditions: they cannot differ.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy import type_coerce as as_type
from sqlalchemy.sql.selectable import Subquery

from workflow.core.lateness import LATE
from workflow.core.moments import MICRO
from workflow.storage.queries.cases import CASE, CUSTOMER, WITH_CUSTOMER
from workflow.storage.queries.leading import leader
from workflow.storage.queries.narrow import Wanted, narrowed
from workflow.storage.queries.oversight import CLOCK
from workflow.storage.queries.paging import AnyRow, Key, after
from workflow.storage.queries.reader import Reader, readable
from workflow.storage.tables import cases, clocks, outages, steps

By = Literal["period", "clock", "unit", "manager"]
Verdict = Literal["kept", "late", "outage"]

DECIDED = func.coalesce(clocks.c.breached, clocks.c.ended)
"""When it was settled whether a run was in time: when it ran past due, else when it was met."""
MOST_PAUSED = 1000
"""Since when a clock stands still is in its case alone: so many cases are looked into."""
NEWEST = (DECIDED, clocks.c.case_id, clocks.c.name, clocks.c.run)


@dataclass(frozen=True, slots=True)
class Span:
    """A period as its parts: `edges` are where they begin, and last where all of it ends."""

    edges: tuple[datetime, ...]

    @property
    def since(self) -> datetime:
        return self.edges[0]

    @property
    def until(self) -> datetime:
        return self.edges[-1]


def runs(reader: Reader, wanted: Wanted | None, span: Span) -> Select[Any]:
    """The runs of clocks settled in a period: met in time, or run past due. Withdrawn ones are neither."""
    met = and_(
        clocks.c.breached.is_(None),
        clocks.c.status == "met",
        clocks.c.ended >= span.since,
        clocks.c.ended < span.until,
    )
    late = and_(clocks.c.breached >= span.since, clocks.c.breached < span.until)
    source = clocks.join(WITH_CUSTOMER, cases.c.id == clocks.c.case_id)
    query = select(*CLOCK, *CASE, *CUSTOMER).select_from(source).where(or_(met, late), readable(reader))
    return query.where(*narrowed(wanted, reader.directory))


@dataclass(frozen=True, slots=True)
class Judged:
    """Runs of one clock that are alike: `part` of the period, unit, manager, verdict; and how many."""

    definition: str
    clock: str
    part: int
    unit: int | None
    manager: int | None
    verdict: Verdict
    count: int


def judged(connection: Connection, query: Select[Any], span: Span) -> list[Judged]:
    """The runs of `runs`, all that is told apart in one pass."""
    columns = (
        cases.c.definition,
        clocks.c.name.label("clock"),
        keyed("period", span).label("part"),
        cases.c.unit_id.label("unit"),
        keyed("manager", span).label("manager"),
        settled().label("verdict"),
    )
    # Named in a query of its own: PostgreSQL takes one expression with two parameters for two expressions.
    rows = query.with_only_columns(*columns).subquery()
    found: Iterable[AnyRow] = connection.execute(select(*rows.c, func.count()).group_by(*rows.c))
    return [Judged(*row) for row in found]


def only(
    query: Select[Any],
    span: Span,
    *,
    by: By | None = None,
    key: int | None = None,
    clock: tuple[str, str] | None = None,
    verdict: Verdict | None = None,
) -> Select[Any]:
    """The runs that one figure counts."""
    if by is not None and by != "clock":
        column = keyed(by, span)
        query = query.where(column.is_(None) if key is None else column == key)
    if clock is not None:
        query = query.where(cases.c.definition == clock[0], clocks.c.name == clock[1])
    return query if verdict is None else query.where(settled() == verdict)


def newest(query: Select[Any], key: Key | None, *, limit: int) -> Select[Any]:
    """A page of runs, what was settled last first."""
    moved = after((as_type(DECIDED, BigInteger), *NEWEST[1:]), key, descending=True)
    return query.where(*moved).order_by(*(column.desc() for column in NEWEST)).limit(limit)


def settled() -> ColumnElement[str]:
    passed, noticed = as_type(clocks.c.breached, BigInteger), as_type(clocks.c.noticed, BigInteger)
    down = exists().where(
        outages.c.since < clocks.c.noticed, clocks.c.breached < outages.c.until, noticed - passed >= LATE // MICRO
    )
    return case((clocks.c.breached.is_(None), "kept"), (down, "outage"), else_="late")


def keyed(by: By, span: Span, moment: ColumnElement[Any] = DECIDED) -> ColumnElement[Any]:
    """What tells figures apart: the unit, the manager who leads, or the part of the period a moment falls into."""
    if by == "unit":
        return cases.c.unit_id
    if by == "manager":
        return leader()
    if by == "period":
        return case(*((moment < edge, number) for number, edge in enumerate(span.edges[1:])), else_=None)
    raise ValueError(by)


def stayed(found: Subquery) -> Select[Any]:
    """The cases of some stretches, for `cases.newest`."""
    return select(*CASE, *CUSTOMER).select_from(WITH_CUSTOMER).where(cases.c.id.in_(select(found.c.case_id)))


def paused(connection: Connection, reader: Reader, wanted: Wanted | None) -> Sequence[AnyRow]:
    """Runs of clocks that stand still, each with its case's `body`: MOST_PAUSED at most, what was started first."""
    source = clocks.join(WITH_CUSTOMER, cases.c.id == clocks.c.case_id)
    query = select(*CLOCK, *CASE, *CUSTOMER, cases.c.body).select_from(source)
    query = query.where(clocks.c.status == "paused", readable(reader), *narrowed(wanted, reader.directory))
    return connection.execute(query.order_by(clocks.c.started, clocks.c.case_id).limit(MOST_PAUSED)).all()


def stood(
    connection: Connection, reader: Reader, wanted: Wanted | None, span: Span, kinds: Collection[tuple[str, str]]
) -> Sequence[AnyRow]:
    """Runs of clocks that may have stood still and gone on in the period, each with its case's `body`.

    `kinds`: the clocks, (definition, name), that can stand still. When they did is in their case alone: looked into are
    cases that changed since the period began and say that some due moment was moved.
    """
    source = clocks.join(WITH_CUSTOMER, cases.c.id == clocks.c.case_id)
    query = select(*CLOCK, *CASE, *CUSTOMER, cases.c.body).select_from(source)
    query = query.where(
        tuple_(cases.c.definition, clocks.c.name).in_(sorted(kinds)),
        clocks.c.started < span.until,
        or_(clocks.c.ended.is_(None), clocks.c.ended >= span.since),
        cases.c.updated >= span.since,
        cases.c.body.contains('"delays":['),
        readable(reader),
        *narrowed(wanted, reader.directory),
    )
    return connection.execute(query.order_by(clocks.c.case_id, clocks.c.name, clocks.c.run)).all()


def reopened(
    reader: Reader, wanted: Wanted | None, span: Span, ends: Collection[tuple[str, str]], definition: str | None = None
) -> Select[Any]:
    """The cases that left an end state in the period. `ends`: (definition, state) pairs that are one."""
    back = (
        select(steps.c.case_id)
        .where(
            steps.c.effective >= span.since,
            steps.c.effective < span.until,
            steps.c.case_id == cases.c.id,
            steps.c.from_state != steps.c.to_state,
            tuple_(cases.c.definition, steps.c.from_state).in_(sorted(ends)),
        )
        .correlate(cases)
    )
    query = select(*CASE, *CUSTOMER).select_from(WITH_CUSTOMER).where(cases.c.kind == "case", readable(reader))
    # A case that has not changed since the period began has not been opened again in it.
    query = query.where(cases.c.updated >= span.since, back.exists(), *narrowed(wanted, reader.directory))
    return query if definition is None else query.where(cases.c.definition == definition)
