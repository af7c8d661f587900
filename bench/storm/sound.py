"""What must hold in a database whatever happened to it: asked of the stored rows alone."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection, select

from bench.storm import recorded
from workflow.core.codec import case_from
from workflow.core.moments import micros
from workflow.core.step import Step
from workflow.service.verification import verify
from workflow.storage import rows
from workflow.storage import tables as t
from workflow.storage.database import Database
from workflow.storage.queries import history
from workflow.storage.store import DERIVED

RUNGS = tuple(timedelta(hours=hours) for hours in (24, 36, 48, 72, 96))
"""When the ladder of a complaint nobody touches fires, counted by hand from the file of the lifecycle."""

BY_TIME = ("rung", "remind", "recurring", "timer")
"""The kinds of steps that nobody makes."""


@dataclass
class Seen:
    """`steps`: of each case. `fired`: steps that time made. `lateness`: from the due moment to its record, of each."""

    steps: dict[int, list[Step]] = field(default_factory=dict)
    fired: int = 0
    lateness: list[timedelta] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {"timers": self.fired, "steps": sum(map(len, self.steps.values())), "cases": len(self.steps)}


def look(database: Database, *, end: datetime | None = None) -> Seen:
    """Everything, with all that is wrong. `end`: the moment up to which everything must have been fired, if so."""
    seen = Seen()
    with database.reading() as connection:
        for case in connection.scalars(select(t.cases.c.id).order_by(t.cases.c.id)).all():
            steps = seen.steps[case] = [history.step(row) for row in history.rows(connection, case)]
            seen.faults += timers(case, steps, end)
            seen.faults += moments(case, steps)
            own = [step for step in steps if step.kind in BY_TIME]
            seen.fired += len(own)
            seen.lateness += [step.recorded - step.effective for step in own]
        seen.faults += indexes(connection)
        half = connection.scalars(select(t.idempotency.c.key).where(t.idempotency.c.seq.is_(None))).all()
        seen.faults += [f"half a command: {key}" for key in half]
    for case in seen.steps:
        verdict = verify(database, case)
        if not verdict.holds:
            seen.faults.append(f"history: {verdict}")
    return seen


def timers(case: int, steps: Sequence[Step], end: datetime | None) -> list[str]:
    """Each timer goes once, and none is left that was due."""
    gone = Counter(no for step in steps for op, body in step.ops if op == "timer-" for no in body)
    found = [f"case {case}: timer {no} went {times} times" for no, times in gone.items() if times > 1]
    if end is not None:
        made = {body["no"]: body["due"] for step in steps for op, body in step.ops if op == "timer+"}
        left = [no for no, due in made.items() if no not in gone and due <= micros(end)]
        found += [f"case {case}: timer {no} did not fire" for no in left]
    return found


def moments(case: int, steps: Sequence[Step]) -> list[str]:
    """Neither when it took effect nor when it was written ever falls, and nothing is written before it takes effect."""
    found = []
    for before, after in pairwise(steps):
        if after.effective < before.effective:
            found.append(f"case {case}: step {after.seq} took effect before step {before.seq}")
        if after.recorded < before.recorded:
            found.append(f"case {case}: step {after.seq} was written before step {before.seq}")
    found += [f"case {case}: step {one.seq} was early" for one in steps if one.recorded < one.effective]
    return found


def ladders(seen: Seen, untouched: Sequence[int], end: datetime) -> list[str]:
    """Cases nobody touched have climbed as far as the lifecycle's file says, rung by rung at the right moments."""
    found = []
    for case in untouched:
        opened = seen.steps[case][0].effective
        wanted = [opened + rung for rung in RUNGS if opened + rung <= end]
        rungs = [step.effective for step in seen.steps[case] if step.kind == "rung"]
        if (got := [moment for moment in rungs if moment <= end]) != wanted:
            found.append(f"case {case}: {len(got)} rungs instead of {len(wanted)}, or at other moments")
    return found


def indexes(connection: Connection) -> list[str]:
    """The rows made for the lists say what the cases say; SQLite finds its own file in order."""
    found = []
    cases = [case_from(body) for (body,) in connection.exec_driver_sql("SELECT body FROM cases").all()]
    for table, derive in DERIVED.items():
        # Word from a linked case is on its way and part of no case yet; and what would not work is put off.
        where = {"escalations": " WHERE ended IS NULL", "timers": " WHERE kind <> 'linked'"}.get(table, "")
        names = rows.COLUMNS[table][: -1 if table == "timers" else None]
        columns = ", ".join(names)
        stored = {tuple(row) for row in connection.exec_driver_sql(f"SELECT {columns} FROM {table}{where}").all()}
        if stored != {row[: len(names)] for case in cases for row in derive(case).values()}:
            found.append(f"the rows of {table} are not what the cases say")
    found.extend(recorded.wrong(connection))
    if connection.dialect.name == "sqlite":
        for check, good in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
            told = [tuple(row) for row in connection.exec_driver_sql(f"PRAGMA {check}").all()]
            if told != good:
                found.append(f"{check}: {told}")
    return found


def everything(database: Database) -> str:
    """All that is stored, in one value."""
    found = hashlib.sha256()
    with database.reading() as connection:
        for table in sorted(t.metadata.tables):
            stored = sorted(map(repr, connection.exec_driver_sql(f"SELECT * FROM {table}").all()))
            found.update(f"{table}\n{stored}\n".encode())
    return found.hexdigest()
