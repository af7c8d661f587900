"""What came in over a period: by cause, in time or not, taken up again or not; and the cases each figure counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, null, or_, select

from workflow.core.codec import dumps
from workflow.storage.queries.cases import CASE, CUSTOMER, WITH_CUSTOMER
from workflow.storage.queries.measures import By, Span, keyed, settled
from workflow.storage.queries.narrow import Wanted, narrowed
from workflow.storage.queries.paging import AnyRow
from workflow.storage.queries.reader import Reader, readable
from workflow.storage.tables import cases, clocks, steps


class What(Protocol):
    """What is counted, as the standards have it: a lifecycle, a field, a clock and a trigger of it."""

    @property
    def of(self) -> str: ...
    @property
    def cause(self) -> str: ...
    @property
    def clock(self) -> str: ...
    @property
    def again(self) -> str: ...


Causes = Mapping[str, Sequence[int]]
"""Cause → the versions of the lifecycle that know it as a choice; in others it may have been written in words."""

FIRST = 1
"""The run of a clock that says whether a case was in time: whoever comes back is counted as taken up again."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Cases that are alike: part of the period, unit, manager, cause (None: none given, or written in words), verdict
    ("open": not answered and not late yet), taken up again; and how many."""

    part: int
    unit: int | None
    manager: int | None
    cause: str | None
    verdict: str
    again: bool
    count: int


def received(reader: Reader, wanted: Wanted | None, span: Span, what: What) -> Select[Any]:
    """The cases that came in, for `cases.newest`."""
    first = and_(clocks.c.case_id == cases.c.id, clocks.c.name == what.clock, clocks.c.run == FIRST)
    return (
        select(*CASE, *CUSTOMER)
        .select_from(WITH_CUSTOMER.outerjoin(clocks, first))
        .where(
            cases.c.kind == "case",
            cases.c.definition == what.of,
            cases.c.opened >= span.since,
            cases.c.opened < span.until,
            readable(reader),
            *narrowed(wanted, reader.directory),
        )
    )


def alike(connection: Connection, query: Select[Any], span: Span, what: What, causes: Causes) -> list[Alike]:
    """The cases of `received`, all that is told apart in one pass."""
    columns = (
        keyed("period", span, cases.c.opened).label("part"),
        cases.c.unit_id.label("unit"),
        keyed("manager", span).label("manager"),
        cause_of(what, causes).label("cause"),
        verdict_of().label("verdict"),
        case((again_in(what), 1), else_=0).label("again"),
    )
    # Named in a query of its own: PostgreSQL takes one expression with two parameters for two expressions.
    rows = query.with_only_columns(*columns).subquery()
    found: Sequence[AnyRow] = connection.execute(select(*rows.c, func.count()).group_by(*rows.c)).all()
    return [Alike(part, unit, manager, cause, verdict, bool(again), int(count))
            for part, unit, manager, cause, verdict, again, count in found]  # fmt: skip


def narrow(
    query: Select[Any], span: Span, what: What, causes: Causes, *,
    by: By | None, key: int | None, cause: str | None, verdict: str | None, again: bool,
) -> Select[Any]:  # fmt: skip
    """The cases that one figure counts. `by`: with its key, of which None is one too; `cause` "": none was given."""
    if by is not None:
        column = keyed(by, span, cases.c.opened)
        query = query.where(column.is_(None) if key is None else column == key)
    if cause is not None:
        column = cause_of(what, causes)
        query = query.where(column == cause if cause else column.is_(None))
    if verdict is not None:
        query = query.where(verdict_of() == verdict)
    return query.where(again_in(what)) if again else query


def cause_of(what: What, causes: Causes) -> ColumnElement[Any]:
    """The cause as it stands in the case now. It is looked for as JSON has it: a choice has no quotation marks."""
    said = {one: cases.c.body.contains(dumps({what.cause: one})[1:-1], autoescape=True) for one in causes}
    given = [(and_(cases.c.version.in_(causes[one]), stands), one) for one, stands in said.items()]
    return case(*given, else_=None) if given else null()


def verdict_of() -> ColumnElement[str]:
    over = or_(clocks.c.breached.is_not(None), clocks.c.status == "met")
    return case((over, settled()), else_="open")


def again_in(what: What) -> ColumnElement[bool]:
    return exists().where(steps.c.case_id == cases.c.id, steps.c.trigger == what.again)
