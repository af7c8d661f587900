"""What must be true of a database after a storm, proved from the database and from what people were answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from bench.storm import recorded
from bench.storm.killing.people import CASE, Asked
from workflow.core.codec import case_from
from workflow.core.moments import micros
from workflow.core.step import Step
from workflow.service.verification import verify
from workflow.storage import rows
from workflow.storage import tables as t
from workflow.storage.database import Database
from workflow.storage.queries import history
from workflow.storage.store import DERIVED

FIRED = ("rung", "remind", "recurring", "timer")
COMMANDS = ("open", "trigger", "comment")


@dataclass(frozen=True, slots=True)
class Past:
    """Every history of a database: case → its steps in order."""

    steps: Mapping[int, Sequence[Step]]

    @classmethod
    def of(cls, connection: Connection) -> Past:
        ids = connection.scalars(select(t.cases.c.id).order_by(t.cases.c.id)).all()
        return cls({case: [history.step(row) for row in history.rows(connection, case)] for case in ids})

    def fired(self) -> int:
        return sum(step.kind in FIRED for steps in self.steps.values() for step in steps)

    def count(self) -> int:
        return sum(map(len, self.steps.values()))


def lost_or_doubled(
    connection: Connection, past: Past, asked: Mapping[str, Asked], *, there: Collection[int]
) -> Iterator[str]:
    """Each command asked for was acknowledged, is kept under its key, and made one step; no other was made.

    `there`: cases that had been opened before anybody came.
    """
    kept = {row.key: (row.case_id, row.seq) for row in connection.execute(select(t.idempotency))}
    wanted: dict[int, Counter[str]] = {}
    for key, one in asked.items():
        if one.answer is None:
            yield f"never acknowledged: {one}"
            continue
        case, seq = kept.get(key, (None, None))
        answered = CASE.match(one.answer[1])
        if case is None or seq is None:
            yield f"lost: {one}"
        elif answered is None or int(answered[1]) != case or one.case not in (0, case):
            yield f"answered otherwise: {one} is kept as case {case}"
        elif not 0 < seq <= len(past.steps[case]):
            yield f"lost: {one} is kept as step {seq} of case {case}, which has {len(past.steps[case])}"
        else:
            wanted.setdefault(case, Counter())[one.trigger] += 1
    yield from (f"of nobody: {key}" for key in kept if key.startswith("web:") and key not in asked)
    for case, steps in past.steps.items():
        own = steps[1:] if case in there else steps
        done = Counter(step.trigger or step.kind for step in own if commanded(step))
        if done != wanted.get(case, Counter()):
            yield f"case {case}: {dict(done)} for the commands {dict(wanted.get(case, {}))}"


def answered_again(connection: Connection, asked: Mapping[str, Asked], at: Callable[[float], datetime]) -> int:
    """How many forms were done already when they were sent for the last time. `at`: the storm's moment of one here."""
    kept = {row.key: row.at for row in connection.execute(select(t.idempotency))}
    return sum(one.tries > 1 and key in kept and kept[key] < at(one.sent) for key, one in asked.items())


def commanded(step: Step) -> bool:
    """Whether a person's form made it."""
    return step.actor.person is not None and step.kind in COMMANDS


def timers(past: Past, *, end: datetime) -> Iterator[str]:
    """Each timer fired or was taken away once, none is left that was due, and each when it was due."""
    for case, steps in past.steps.items():
        made = {body["no"]: body["due"] for step in steps for op, body in step.ops if op == "timer+"}
        gone = Counter(no for step in steps for op, body in step.ops if op == "timer-" for no in body)
        yield from (f"case {case}: timer {no} went {times} times" for no, times in gone.items() if times > 1)
        yield from (f"case {case}: timer {no} went and never came" for no in gone if no not in made)
        yield from (
            f"case {case}: timer {no} did not fire" for no, due in made.items() if no not in gone and due <= micros(end)
        )
        moments = [(step.effective, step.recorded) for step in steps]
        if [one[0] for one in moments] != sorted(one[0] for one in moments):
            yield f"case {case}: its moments fall"
        if [one[1] for one in moments] != sorted(one[1] for one in moments):
            yield f"case {case}: it was written backwards"


def ladders(past: Past, opened: Mapping[int, datetime], rungs: Sequence[timedelta], *, end: datetime) -> Iterator[str]:
    """Of every vigil, each rung once, in order, at the moment counted by hand."""
    for case, begun in opened.items():
        fired = [step.effective for step in past.steps[case] if step.kind == "rung"]
        due = [begun + after for after in rungs if begun + after <= end]
        if fired != due:
            yield f"case {case}: its ladder fired at {fired} instead of {due}"


def rows_and_files(connection: Connection) -> Iterator[str]:
    """Every index row is what its case says, nothing is an incident, and the file is whole."""
    cases = [case_from(body) for (body,) in connection.exec_driver_sql("SELECT body FROM cases").all()]
    for table, derive in DERIVED.items():
        where = {"escalations": " WHERE ended IS NULL"}.get(table, "")
        columns = ", ".join(rows.COLUMNS[table])
        stored = [tuple(row) for row in connection.exec_driver_sql(f"SELECT {columns} FROM {table}{where}").all()]
        derived = {row for case in cases for row in derive(case).values()}
        if set(stored) != derived or len(stored) != len(derived):
            yield f"the rows of {table} are not what the cases say"
    yield from recorded.wrong(connection)
    for incident in connection.execute(select(t.incidents)):
        yield f"incident: {incident}"
    if connection.dialect.name == "sqlite":
        for check, good in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
            found = [tuple(row) for row in connection.exec_driver_sql(f"PRAGMA {check}").all()]
            if found != good:
                yield f"{check}: {found}"


def chains(database: Database, cases: Sequence[int]) -> Iterator[str]:
    """Every history verifies: hashes, order, and the case it folds to."""
    for case in cases:
        verdict = verify(database, case)
        if not verdict.holds:
            yield f"history: {verdict}"
