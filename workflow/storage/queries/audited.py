"""Sums over a period for those who audit it, of what the reader may see; each by an index on its moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Table, case, exists, func, select, type_coerce

from workflow.core.lateness import LATE
from workflow.core.moments import MICRO
from workflow.storage import log_tables as logged
from workflow.storage.control_tables import control_exceptions, control_runs
from workflow.storage.queries.cases import CASE, CUSTOMER, WITH_CUSTOMER
from workflow.storage.queries.looks import looks
from workflow.storage.queries.oversight import BY_DUE, CLOCK, ESCALATION
from workflow.storage.queries.paging import AnyRow, Key, after
from workflow.storage.queries.reader import Reader, readable, within
from workflow.storage.queries.refused import Sought, sought
from workflow.storage.tables import cases, clocks, escalations, incidents, outages, steps
from workflow.storage.verdict_tables import replays, verdicts

RAISED = (escalations.c.raised, escalations.c.case_id, escalations.c.no)
PASSED = (clocks.c.breached, *BY_DUE[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """From a moment to before another; `unit`: of this one and those below, None: of everything."""

    since: datetime
    until: datetime
    unit: int | None = None

    def holds(self, at: ColumnElement[Any]) -> ColumnElement[bool]:
        return (at >= self.since) & (at < self.until)

    def of(self, reader: Reader) -> list[ColumnElement[bool]]:
        """The condition on `cases`: what the reader may see, in the unit."""
        mine = [readable(reader)]
        if self.unit is not None:
            mine.append(within(cases.c.unit_id, reader.directory.below(self.unit)))
        return mine


def steps_by_kind(connection: Connection, reader: Reader, over: Over) -> tuple[int, int]:
    """Steps recorded in the period, and the cases they are of."""
    query = select(func.count(), func.count(steps.c.case_id.distinct())).join(cases, cases.c.id == steps.c.case_id)
    taken, of = connection.execute(query.where(over.holds(steps.c.recorded), *over.of(reader))).one()
    return int(taken), int(of)


def refusals(connection: Connection, reader: Reader, over: Over) -> Mapping[str, int]:
    """By code."""
    both = sought(reader, Sought(unit=over.unit, since=over.since, until=over.until)).subquery()
    return _counts(connection, select(both.c.code, func.count()).group_by(both.c.code))


def readings(connection: Connection, reader: Reader, over: Over) -> Sequence[tuple[str, int, int]]:
    """By kind: how often, and by how many persons."""
    found = looks(reader, since=over.since, until=over.until, unit=over.unit).subquery()
    persons = func.count(found.c.person_id.distinct())
    query = select(found.c.kind, func.count(), persons).group_by(found.c.kind).order_by(found.c.kind)
    return [(row[0], int(row[1]), int(row[2])) for row in connection.execute(query)]


def verifications(connection: Connection, over: Over) -> list[tuple[datetime, int, int]]:
    """When each run over everything ended, the steps it looked at, and what was damaged; the last first."""
    c = logged.verifications.c
    query = select(c.ended, c.steps, c.damages).where(over.holds(c.ended)).order_by(c.ended.desc(), c.id.desc())
    return [(row.ended, int(row.steps), int(row.damages)) for row in connection.execute(query)]


def confirmations(connection: Connection, over: Over) -> list[tuple[datetime, int, str]]:
    """When a checkpoint kept outside was compared, its size, and what came of it; the last first."""
    c = logged.confirmations.c
    query = select(c.at, c.size, c.outcome).where(over.holds(c.at)).order_by(c.at.desc(), c.id.desc())
    return [(row.at, int(row.size), row.outcome) for row in connection.execute(query)]


def signed(connection: Connection, over: Over) -> int:
    """How many checkpoints were signed."""
    return _count(connection, logged.checkpoints, over.holds(logged.checkpoints.c.at))


def damaged(connection: Connection, over: Over) -> tuple[int, int]:
    """Incidents about damage that were raised, and those of them that are open."""
    i = incidents.c
    query = select(func.count(), func.count() - func.count(i.resolved)).where(i.kind == "damage", over.holds(i.raised))
    raised, left = connection.execute(query).one()
    return int(raised), int(left)


def replayed(connection: Connection, over: Over) -> list[AnyRow]:
    """Each run of the judge that came to its end, the last first."""
    c = replays.c
    query = select(replays).where(over.holds(c.ended)).order_by(c.ended.desc(), c.id.desc())
    return list(connection.execute(query))


def judged(connection: Connection, reader: Reader, over: Over) -> tuple[int, int, int, int, int, int]:
    """Of the last verdicts on what the reader may see: histories, steps, reproduced, erased, unchecked, differing."""
    v = verdicts.c
    sums = [func.coalesce(func.sum(column), 0) for column in (v.steps, v.reproduced, v.erased, v.unchecked)]
    query = select(func.count(), *sums, func.count(v.differs)).join(cases, cases.c.id == v.case_id)
    a, b, c, d, e, f = (int(value) for value in connection.execute(query.where(*over.of(reader))).one())
    return a, b, c, d, e, f


def nights(connection: Connection, over: Over) -> list[AnyRow]:
    """Each night of each control, the first first."""
    c = control_runs.c
    query = select(c.id, c.control, c.at, c.hash, c.looked, c.exceptions, c.undecided)
    return list(connection.execute(query.where(c.night.is_not(None), over.holds(c.at)).order_by(c.id)))


def exceptions(connection: Connection, reader: Reader, over: Over, runs: Collection[int]) -> Mapping[int, int]:
    """How many exceptions of each run the reader may see, of those that are still listed."""
    e = control_exceptions.c
    query = select(e.run_id, func.count()).join(cases, cases.c.id == e.case_id)
    return _counts(connection, query.where(e.run_id.in_(sorted(runs)), *over.of(reader)).group_by(e.run_id))


def breaches(connection: Connection, reader: Reader, over: Over) -> list[tuple[str, int, str, int, int, int]]:
    """By lifecycle, version and clock: how many ran out, those of them noticed in an outage, and those still open."""
    c, o = clocks.c, outages.c
    passed, noticed = type_coerce(c.breached, BigInteger), type_coerce(c.noticed, BigInteger)
    down = exists().where(o.since < c.noticed, c.breached < o.until, noticed - passed >= LATE // MICRO)
    key = (cases.c.definition, cases.c.version, c.name)
    query = select(
        *key, func.count(), func.sum(case((down, 1), else_=0)), func.sum(case((c.status == "running", 1), else_=0))
    ).select_from(clocks.join(cases, cases.c.id == c.case_id))
    rows = connection.execute(query.where(over.holds(c.breached), *over.of(reader)).group_by(*key).order_by(*key))
    return [(row[0], int(row[1]), row[2], int(row[3]), int(row[4]), int(row[5])) for row in rows]


def raised(connection: Connection, reader: Reader, over: Over) -> list[tuple[int, int, int, int]]:
    """By level: how many escalations were raised, acknowledged since, and are open."""
    e = escalations.c
    query = select(e.level, func.count(), func.count(e.acknowledged), func.count() - func.count(e.ended))
    query = query.select_from(escalations.join(cases, cases.c.id == e.case_id)).group_by(e.level).order_by(e.level)
    rows = connection.execute(query.where(over.holds(e.raised), *over.of(reader)))
    return [(int(row[0]), int(row[1]), int(row[2]), int(row[3])) for row in rows]


def down(connection: Connection, over: Over) -> list[tuple[datetime, datetime]]:
    """When no scheduler was alive."""
    o = outages.c
    query = select(o.since, o.until).where(o.since < over.until, o.until > over.since).order_by(o.since)
    return [(row.since, row.until) for row in connection.execute(query)]


def changes(connection: Connection, record: int, over: Over, *, limit: int) -> tuple[Mapping[str, int], list[AnyRow]]:
    """Steps of the organisation's record by trigger, and the last of them."""
    s = steps.c
    mine = (s.case_id == record, over.holds(s.recorded))
    counts = _counts(connection, select(s.trigger, func.count()).where(*mine).group_by(s.trigger))
    return counts, list(connection.execute(select(steps).where(*mine).order_by(s.seq.desc()).limit(limit)))


def breached(reader: Reader, over: Over) -> Select[Any]:
    """Clocks that ran out in the period."""
    query = select(*CLOCK, *CASE, *CUSTOMER).select_from(clocks.join(WITH_CUSTOMER, cases.c.id == clocks.c.case_id))
    return query.where(over.holds(clocks.c.breached), *over.of(reader))


def breached_page(query: Select[Any], key: Key | None, *, limit: int) -> Select[Any]:
    return query.where(*after(PASSED, key)).order_by(*PASSED).limit(limit)


def nearest(connection: Connection, reader: Reader, at: datetime) -> tuple[datetime | None, datetime | None]:
    """When a clock ran out last by a moment, and next after it, of what the reader may see; None: never."""
    passed = clocks.c.breached
    seen = select(passed).join(cases, cases.c.id == clocks.c.case_id).where(readable(reader)).limit(1)
    before = connection.scalar(seen.where(passed <= at).order_by(passed.desc()))
    return before, connection.scalar(seen.where(passed > at).order_by(passed))


def handed_up(reader: Reader, over: Over) -> Select[Any]:
    """Escalations raised in the period."""
    query = select(*ESCALATION, *CASE, *CUSTOMER).select_from(
        escalations.join(WITH_CUSTOMER, cases.c.id == escalations.c.case_id)
    )
    return query.where(over.holds(escalations.c.raised), *over.of(reader))


def handed_up_page(query: Select[Any], key: Key | None, *, limit: int) -> Select[Any]:
    return query.where(*after(RAISED, key)).order_by(*RAISED).limit(limit)


def _count(connection: Connection, table: Table, condition: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(condition)).scalar_one())


def _counts(connection: Connection, query: Select[Any]) -> dict[Any, int]:
    return {row[0]: int(row[1]) for row in connection.execute(query)}
