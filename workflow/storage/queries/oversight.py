"""What supervisors look at: clocks past due, breaches handed upwards, incidents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    case,
    exists,
    func,
    or_,
    select,
    true,
    type_coerce,
)

from workflow.core.lateness import LATE
from workflow.core.moments import MICRO
from workflow.storage.queries.cases import CASE, CUSTOMER, WITH_CUSTOMER
from workflow.storage.queries.narrow import Wanted, narrowed
from workflow.storage.queries.paging import Key, after
from workflow.storage.queries.reader import Reader, readable, within
from workflow.storage.tables import cases, clocks, escalations, incidents, outages, refusals, tasks

CLOCK = (
    clocks.c.case_id, clocks.c.name, clocks.c.run, clocks.c.status, clocks.c.started, clocks.c.due, clocks.c.breached,
    clocks.c.ended, clocks.c.noticed, clocks.c.provisional,
)  # fmt: skip
ESCALATION = (
    escalations.c.case_id, escalations.c.no, escalations.c.clock, escalations.c.run, escalations.c.level,
    escalations.c.role, escalations.c.unit_id, escalations.c.raised, escalations.c.recorded,
    escalations.c.acknowledged, escalations.c.acknowledged_by, escalations.c.ended,
    escalations.c.again,
)  # fmt: skip
BY_DUE = (clocks.c.due, clocks.c.case_id, clocks.c.name, clocks.c.run)
BY_LEVEL = (-escalations.c.level, escalations.c.raised, escalations.c.case_id, escalations.c.no)


def late(reader: Reader, wanted: Wanted | None) -> Select[Any]:
    """Running clocks past due; with `due_before`, those that will be by then as well."""
    until = reader.at if wanted is None or wanted.due_before is None else wanted.due_before
    return _running(reader, wanted).where(clocks.c.due < until)


def ahead(reader: Reader, wanted: Wanted | None, until: datetime) -> Select[Any]:
    """Running clocks not past due yet that will be by a moment."""
    return _running(reader, wanted).where(clocks.c.due >= reader.at, clocks.c.due < until)


def _running(reader: Reader, wanted: Wanted | None) -> Select[Any]:
    query = select(*CLOCK, *CASE, *CUSTOMER).select_from(clocks.join(WITH_CUSTOMER, cases.c.id == clocks.c.case_id))
    conditions = [clocks.c.status == "running", readable(reader)]
    return query.where(*conditions, *of_person(wanted), *narrowed(wanted, reader.directory))


def late_page(query: Select[Any], key: Key | None, *, limit: int) -> Select[Any]:
    """The longest overdue first."""
    return query.where(*after(BY_DUE, key)).order_by(*BY_DUE).limit(limit)


def raised(reader: Reader, wanted: Wanted | None) -> Select[Any]:
    """Open escalations; with `closed` True the ended ones."""
    query = select(*ESCALATION, *CASE, *CUSTOMER).select_from(
        escalations.join(WITH_CUSTOMER, cases.c.id == escalations.c.case_id)
    )
    ended = wanted is not None and wanted.closed is True
    condition = escalations.c.ended.is_not(None) if ended else escalations.c.ended.is_(None)
    return query.where(condition, readable(reader), *of_person(wanted), *narrowed(wanted, reader.directory))


def raised_page(query: Select[Any], key: Key | None, *, limit: int) -> Select[Any]:
    """The highest level first, then the oldest."""
    return query.where(*after(BY_LEVEL, key)).order_by(*BY_LEVEL).limit(limit)


def of_person(wanted: Wanted | None) -> list[ColumnElement[bool]]:
    if wanted is None or wanted.person is None:
        return []
    return [cases.c.id.in_(select(tasks.c.case_id).where(tasks.c.assignee_id == wanted.person))]


def troubles(reader: Reader) -> Select[Any]:
    """Open incidents: of the cases of the units the reader answers for; without a case, for those who look after it."""
    responsible = true() if reader.everything else within(cases.c.unit_id, reader.overseen)
    general = reader.everything or reader.book or bool(reader.overseen)
    conditions = [responsible, *([incidents.c.case_id.is_(None)] if general else [])]
    return (
        select(incidents, cases.c.number)
        .select_from(incidents.outerjoin(cases, cases.c.id == incidents.c.case_id))
        .where(incidents.c.resolved.is_(None), or_(*conditions))
    )


def refused(reader: Reader, wanted: Wanted | None) -> Select[Any]:
    """Refusals: one's own, and for overseers and auditors those about cases they may see; the rest to auditors."""
    mine: list[ColumnElement[bool]] = [
        refusals.c.actor_id == reader.person,
        refusals.c.behalf_id.in_(reader.persons),
    ]
    if reader.overseen or reader.audits or reader.everything:
        mine.append(cases.c.id.is_not(None) & readable(reader))
    if reader.audits or reader.everything:
        mine.append(refusals.c.case_id.is_(None))
    narrower = narrowed(wanted, reader.directory)
    if wanted is not None and wanted.person is not None:
        narrower.append(refusals.c.actor_id == wanted.person)
    return (
        select(refusals, cases.c.number, cases.c.definition, cases.c.version)
        .select_from(refusals.outerjoin(WITH_CUSTOMER, cases.c.id == refusals.c.case_id))
        .where(or_(*mine), *narrower)
    )


def breaches(connection: Connection, reader: Reader, since: datetime) -> tuple[int, int]:
    """Clocks that ran past due since a moment, and those of them that were noticed late in an outage."""
    c, o = clocks.c, outages.c
    passed, noticed = type_coerce(c.breached, BigInteger), type_coerce(c.noticed, BigInteger)
    down = exists().where(o.since < c.noticed, c.breached < o.until, noticed - passed >= LATE // MICRO)
    query = (
        select(func.count(), func.coalesce(func.sum(case((down, 1), else_=0)), 0))
        .select_from(clocks.join(cases, cases.c.id == c.case_id))
        .where(c.breached >= since, readable(reader))
    )
    many, outage = connection.execute(query).one()
    return int(many), int(outage)
