"""Who looked at a customer's file, and what of its cases a figure stands in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from workflow.storage.queries.narrow import selves
from workflow.storage.queries.paging import AnyRow
from workflow.storage.queries.reader import Reader, readable
from workflow.storage.read_tables import reads
from workflow.storage.tables import cases


def looked(connection: Connection, case: int, kind: str, *, person: int | None, since: datetime) -> bool:
    """Whether somebody has been noted as a reader since a moment (index ix_reads_case)."""
    query = select(reads.c.id).where(
        reads.c.case_id == case, reads.c.kind == kind, reads.c.person_id == person, reads.c.at >= since
    )
    return connection.execute(query.limit(1)).first() is not None


def latest(connection: Connection, case: int, *, limit: int) -> Sequence[AnyRow]:
    """The last readings of a case, the newest first (index ix_reads_case)."""
    query = select(reads.c.at, reads.c.person_id, reads.c.kind).where(reads.c.case_id == case)
    return connection.execute(query.order_by(reads.c.at.desc(), reads.c.id.desc()).limit(limit)).all()


def bodies(
    connection: Connection, customer: int, definitions: Collection[str], reader: Reader, *, limit: int
) -> Sequence[AnyRow]:
    """The newest cases of some lifecycles about a customer that the reader may see, the oldest first."""
    query = (
        select(cases.c.id, cases.c.body)
        .where(cases.c.customer_id.in_(selves(customer)), cases.c.definition.in_(definitions), readable(reader))
        .order_by(cases.c.opened.desc(), cases.c.id.desc())
    )
    return connection.execute(query.limit(limit)).all()[::-1]


def last(
    connection: Connection, customer: int, definitions: Collection[str], reader: Reader, *, but: int, each: int
) -> Sequence[AnyRow]:
    """The last open and the last closed cases of each of some lifecycles about a customer that the reader may see, the
    open ones first, then the newest."""
    c = cases.c
    is_open, newest = c.closed.is_(None), (c.opened.desc(), c.id.desc())
    place = func.row_number().over(partition_by=(c.definition, is_open), order_by=newest)
    ranked = (
        select(c.id, place.label("place"))
        .where(c.customer_id.in_(selves(customer)), c.definition.in_(definitions), c.id != but, readable(reader))
        .subquery()
    )
    query = select(c.id, c.body).join(ranked, ranked.c.id == c.id).where(ranked.c.place <= each)
    return connection.execute(query.order_by(is_open.desc(), *newest)).all()


def in_phase(connection: Connection, customer: int, phase: str, *, since: datetime) -> bool:
    """Whether a case about a customer that was opened since a moment is in this phase, whoever asks."""
    query = select(cases.c.id).where(
        cases.c.customer_id.in_(selves(customer)),
        cases.c.closed.is_(None),
        cases.c.phase == phase,
        cases.c.opened >= since,
    )
    return connection.execute(query.limit(1)).first() is not None
