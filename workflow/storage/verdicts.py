"""The last verdict on each history, and the runs over all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from workflow.core.moments import moment_of
from workflow.storage import tables as t
from workflow.storage.queries.reader import Reader, readable
from workflow.storage.verdict_tables import replays, verdicts

_OF_CASES = text(
    "SELECT case_id, at, steps, reproduced, erased, unchecked, differs, detail FROM verdicts WHERE case_id IN :cases"
).bindparams(bindparam("cases", expanding=True))
_KEPT = ("at", "steps", "reproduced", "erased", "unchecked", "differs", "detail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A verdict as it is stored. `detail`: its differences and what was not checked."""

    case: int
    at: datetime
    steps: int
    reproduced: int
    erased: int
    unchecked: int
    differs: int | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What held of all histories that had a verdict."""

    histories: int = 0
    steps: int = 0
    reproduced: int = 0
    erased: int = 0
    unchecked: int = 0
    differ: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run over the histories. `ended` None: under way, or cut off."""

    scope: str
    started: datetime
    ended: datetime | None
    looked: int
    totals: Totals


def keep(connection: Connection, found: Iterable[Kept]) -> None:
    """Put verdicts in the place of earlier ones."""
    rows = [
        {
            "case_id": one.case, "at": one.at, "steps": one.steps, "reproduced": one.reproduced, "erased": one.erased,
            "unchecked": one.unchecked, "differs": one.differs,
            "detail": json.dumps(one.detail, ensure_ascii=False, separators=(",", ":")),
        }
        for one in found
    ]  # fmt: skip
    if rows:
        statement = (sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert)(verdicts)
        fresh = {name: statement.excluded[name] for name in _KEPT}
        connection.execute(statement.on_conflict_do_update(index_elements=["case_id"], set_=fresh), rows)


def of_case(connection: Connection, case: int) -> Kept | None:
    row = connection.execute(select(verdicts).where(verdicts.c.case_id == case)).one_or_none()
    return None if row is None else _kept(row)


def of_cases(connection: Connection, cases: Sequence[int]) -> dict[int, Kept]:
    """The last verdicts on some histories. One that cannot be read is none."""
    rows = connection.execute(_OF_CASES, {"cases": list(cases)})
    found: dict[int, Kept] = {}
    for case, at, steps, reproduced, erased, unchecked, differs, detail in rows:
        try:
            said, moment = json.loads(detail), moment_of(at)
        except (ValueError, OverflowError):
            continue
        if isinstance(said, dict):
            found[case] = Kept(
                case=case, at=moment, steps=steps, reproduced=reproduced, erased=erased, unchecked=unchecked,
                differs=differs, detail=said,
            )  # fmt: skip
    return found


def found_since(connection: Connection, moment: datetime) -> int:
    """The steps of the histories whose verdict was found then or later."""
    c = verdicts.c
    return int(connection.scalar(select(func.coalesce(func.sum(c.steps), 0)).where(c.at >= moment)) or 0)


def differing(connection: Connection, reader: Reader, *, limit: int) -> Sequence[tuple[str, str, int, Kept]]:
    """Number, lifecycle and its version of the histories that differ, as far as the reader sees them."""
    c, v = t.cases.c, verdicts.c
    query: Select[Any] = select(c.number, c.definition, c.version, *verdicts.c)
    query = query.join(t.cases, c.id == v.case_id).where(v.differs.is_not(None)).order_by(v.at.desc(), v.case_id)
    query = query.where(readable(reader)).limit(limit)
    return [(row.number, row.definition, row.version, _kept(row)) for row in connection.execute(query)]


def totals(connection: Connection) -> Totals:
    c = verdicts.c
    row = connection.execute(
        select(
            func.count(),
            *(func.coalesce(func.sum(column), 0) for column in (c.steps, c.reproduced, c.erased, c.unchecked)),
            func.count(c.differs),
        )
    ).one()
    histories, steps, reproduced, erased, unchecked, differ = (int(value) for value in row)
    return Totals(
        histories=histories, steps=steps, reproduced=reproduced, erased=erased, unchecked=unchecked, differ=differ
    )


def begin(connection: Connection, *, at: datetime, since: datetime | None, whole: datetime) -> tuple[int, str] | None:
    """Begin a run, unless one was begun after `since`; gives its id and its scope.

    Everything is looked at again when the last run to do so, and to come to its end, began before `whole`. Of several
    schedulers that ask at once, one is told to go.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE replays IN SHARE ROW EXCLUSIVE MODE"))
    c = replays.c
    # One that is still to come says nothing: a single row would keep every later run from happening.
    last = connection.scalar(select(func.max(c.started)).where(c.started <= at))
    if since is not None and last is not None and last >= since:
        return None
    complete = select(func.max(c.started)).where(c.scope == "all", c.ended <= at)
    everything = connection.scalar(complete)
    scope = "all" if everything is None or everything < whole else "new"
    run = connection.execute(insert(replays).values(scope=scope, started=at).returning(c.id)).scalar_one()
    return int(run), scope


def end(connection: Connection, run: int, *, at: datetime, looked: int) -> Totals:
    """Close a run with what holds now."""
    found = totals(connection)
    values = {name: getattr(found, name) for name in Totals.__slots__}
    connection.execute(update(replays).where(replays.c.id == run).values(ended=at, looked=looked, **values))
    return found


def last_run(connection: Connection) -> Run | None:
    """The last one that came to its end."""
    c = replays.c
    query = select(replays).where(c.ended.is_not(None)).order_by(c.ended.desc(), c.id.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    counts = Totals(**{name: getattr(row, name) for name in Totals.__slots__})
    return Run(scope=row.scope, started=row.started, ended=row.ended, looked=row.looked, totals=counts)


def _kept(row: Any) -> Kept:
    return Kept(
        case=row.case_id, at=row.at, steps=row.steps, reproduced=row.reproduced, erased=row.erased,
        unchecked=row.unchecked, differs=row.differs, detail=json.loads(row.detail),
    )  # fmt: skip
