"""Runs of controls, and what did not hold in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, text

from workflow.core.codec import dumps
from workflow.storage import tables as t
from workflow.storage.control_tables import control_exceptions, control_runs
from workflow.storage.queries.cases import CUSTOMER, WITH_CUSTOMER
from workflow.storage.queries.reader import Reader, readable


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A subject of which a control does not hold."""

    case: int
    seq: int
    at: datetime
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRun:
    """One run. `night` None: somebody asked for it, `person` who; `since` None: from the beginning."""

    id: int = 0
    control: str
    hash: str
    night: datetime | None
    person: int | None
    at: datetime
    since: datetime | None
    until: datetime
    looked: int
    exceptions: int
    undecided: int
    milliseconds: int


def keep(connection: Connection, run: ControlRun, found: Sequence[Deviation]) -> int:
    """Write a run and what did not hold in it, the latest first; gives its id."""
    c = control_runs.c
    values = {
        "control": run.control, "hash": run.hash, "night": run.night, "person_id": run.person, "at": run.at,
        "since": run.since, "until": run.until, "looked": run.looked, "exceptions": run.exceptions,
        "undecided": run.undecided, "milliseconds": run.milliseconds,
    }  # fmt: skip
    made = int(connection.execute(insert(control_runs).values(**values).returning(c.id)).scalar_one())
    rows = [
        {"run_id": made, "no": no, "case_id": one.case, "seq": one.seq, "at": one.at, "detail": dumps(dict(one.detail))}
        for no, one in enumerate(sorted(found, key=lambda one: one.at, reverse=True), start=1)
    ]
    if rows:
        connection.execute(insert(control_exceptions), rows)
    return made


def lock(connection: Connection) -> None:
    """Of several schedulers at once, one writes a night's runs. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE control_runs IN SHARE ROW EXCLUSIVE MODE"))


def done(connection: Connection, night: datetime) -> bool:
    """Whether the runs of a night are there."""
    c = control_runs.c
    return connection.scalar(select(c.id).where(c.night == night).limit(1)) is not None


def forget(connection: Connection, *, before: datetime) -> None:
    """Let go of what did not hold in earlier nights: the next night lists it again. How much it was stays."""
    c = control_runs.c
    older = select(c.id).where(c.night < before)
    connection.execute(delete(control_exceptions).where(control_exceptions.c.run_id.in_(older)))


def newest(connection: Connection) -> dict[str, ControlRun]:
    """The last night's run of each control."""
    c = control_runs.c
    last = select(func.max(c.id)).where(c.night.is_not(None)).group_by(c.control)
    rows = connection.execute(select(control_runs).where(c.id.in_(last)))
    return {row.control: _run(row) for row in rows}


def nights(connection: Connection, control: str, *, limit: int) -> Sequence[ControlRun]:
    """The last nights of a control, oldest first."""
    c = control_runs.c
    query = select(control_runs).where(c.control == control, c.night.is_not(None)).order_by(c.id.desc()).limit(limit)
    return [_run(row) for row in connection.execute(query)][::-1]


def asked(connection: Connection, control: str, *, limit: int) -> Sequence[ControlRun]:
    """The last runs somebody asked for, newest first."""
    c = control_runs.c
    query = select(control_runs).where(c.control == control, c.night.is_(None)).order_by(c.id.desc()).limit(limit)
    return [_run(row) for row in connection.execute(query)]


def one(connection: Connection, run: int) -> ControlRun | None:
    row = connection.execute(select(control_runs).where(control_runs.c.id == run)).one_or_none()
    return None if row is None else _run(row)


def exceptions(run: int, reader: Reader) -> Select[Any]:
    """What did not hold in a run, of cases and customers the reader may see."""
    e, c = control_exceptions.c, t.cases.c
    case = (c.number, c.kind, c.definition, c.version, c.state)
    query = select(*control_exceptions.c, *case, *CUSTOMER).select_from(
        WITH_CUSTOMER.join(control_exceptions, e.case_id == c.id)
    )
    return query.where(e.run_id == run, readable(reader))


def in_order(query: Select[Any], key: tuple[Any, ...] | None, *, limit: int) -> Select[Any]:
    """A page of `exceptions`, by number."""
    after = [] if key is None else [control_exceptions.c.no > key[0]]
    return query.where(*after).order_by(control_exceptions.c.no).limit(limit)


def detail(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.detail)
    return found


def _run(row: Any) -> ControlRun:
    return ControlRun(
        id=row.id, control=row.control, hash=row.hash, night=row.night, person=row.person_id, at=row.at,
        since=row.since, until=row.until, looked=row.looked, exceptions=row.exceptions, undecided=row.undecided,
        milliseconds=row.milliseconds,
    )  # fmt: skip
