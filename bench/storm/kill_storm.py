"""Kill processes at random, and see afterwards that nothing was lost and nothing came twice.

Two schedulers and two writers work on one database while time runs fast. One of them at random is killed with
SIGKILL every 20 to 160 ms and started again; a writer that comes back repeats what nobody acknowledged, under the
same key. In the end everything is proved from the database alone.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, select

from bench import office
from bench.places import Place
from bench.storm.outcome import Outcome, Size
from workflow import Actor, Workflow
from workflow.core.codec import case_from
from workflow.core.moments import micros
from workflow.service.verification import verify
from workflow.storage import rows
from workflow.storage import tables as t
from workflow.storage.database import Database
from workflow.storage.errors import StorageUnavailable
from workflow.storage.queries import history
from workflow.storage.store import DERIVED

T = TypeVar("T")

CASES = 300
SCHEDULERS = 2
WRITERS = 2
PAUSE = (0.02, 0.16)
"""Seconds between two kills."""

SPAN = timedelta(hours=100)
"""How much time goes by in the storm: longer than the ladder of a case nobody touches."""

RUNGS = tuple(timedelta(hours=hours) for hours in (24, 36, 48, 72, 96))
"""When the ladder of an untouched case fires, counted by hand from the file of the lifecycle."""


@dataclass
class Report:
    """What happened, and what was found wrong. `unheard`: commands kept whose writer died before it could note it."""

    database: str
    kills: int
    acknowledged: int = 0
    steps: int = 0
    cases: int = 0
    timers: int = 0
    unheard: int = 0
    faults: list[str] = field(default_factory=list)


class Storm:
    """One storm over one copy. `logs`: where writers note what was answered."""

    def __init__(self, url: str, made: office.Office, logs: Path, *, kills: int) -> None:
        self.url = url
        self.made = made
        self.logs = logs
        self.kills = kills
        self.began = time.time()
        self.pace = SPAN / timedelta(seconds=kills * sum(PAUSE) / 2)
        self.rng = random.Random(kills)

    def now(self) -> datetime:
        """The same in every process: time runs from the beginning of the storm."""
        return office.BEGIN + timedelta(seconds=(time.time() - self.began) * self.pace)

    def blow(self) -> None:
        """Start everybody, kill at random, end. Raises `ChildProcessError` when one ends by itself."""
        works: list[Callable[[], None]] = [self._schedule] * SCHEDULERS
        works += [lambda n=n: self._write(n) for n in range(WRITERS)]
        alive = {_started(work): work for work in works}
        try:
            for _ in range(self.kills):
                time.sleep(self.rng.uniform(*PAUSE))
                self._insist(alive)
                victim = self.rng.choice(sorted(alive))
                work = alive.pop(victim)
                _killed(victim)
                alive[_started(work)] = work
        finally:
            for process in alive:
                _killed(process)

    def _insist(self, alive: dict[int, Callable[[], None]]) -> None:
        gone, status = os.waitpid(-1, os.WNOHANG) if alive else (0, 0)
        if gone in alive:
            del alive[gone]
            raise ChildProcessError(f"process {gone} ended by itself with {os.waitstatus_to_exitcode(status)}")

    def _door(self) -> Workflow:
        return Workflow(Database(self.url), office.library(), clock=self.now)

    def _schedule(self) -> None:
        door = self._door()
        while True:
            if not _patient(lambda: door.fire_due(limit=20)).timers:
                time.sleep(0.005)

    def _write(self, writer: int) -> None:
        """Story after story: every command under its own key, noted when it was answered."""
        door = self._door()
        path = self.logs / f"{writer}.log"
        done = answered(path)
        with path.open("ab", buffering=0) as log:
            for n in range(1_000_000):
                customer = self.made.customers[(2 * n + writer) % len(self.made.customers)]
                case = 0
                for trigger, do in self._story(door, customer):
                    key = f"{writer}-{n}-{trigger}"
                    if key in done:
                        case = done[key][0]
                        continue
                    found = _patient(lambda do=do, case=case, key=key: do(case, key))
                    case = found[0]
                    log.write(json.dumps([key, *found]).encode() + b"\n")

    def _story(self, door: Workflow, customer: int) -> Iterator[tuple[str, Callable[[int, str], tuple[int, int]]]]:
        def opening(_: int, key: str) -> tuple[int, int]:
            actor = Actor(self.made.manager(customer))
            opened = door.open(office.LIFECYCLE, customer=customer, actor=actor, data=office.FORM, key=key)
            return opened.id, opened.seq

        yield "open", opening
        for place, (trigger, _, _) in enumerate(office.STORY):

            def command(case: int, key: str, place: int = place) -> tuple[int, int]:
                after = office.commands(self.made, [(case, customer)])[place].do(door, key=key)
                return after.id, after.seq

            yield trigger, command


def answered(path: Path) -> dict[str, tuple[int, int]]:
    """Key → case and seq of what was acknowledged. A line that a kill cut short was not."""
    found = {}
    for line in path.read_bytes().splitlines(keepends=True) if path.exists() else ():
        if line.endswith(b"\n"):
            key, case, seq = json.loads(line)
            found[key] = (case, seq)
    return found


def prove(database: Database, report: Report, logs: Path, *, untouched: list[int], end: datetime) -> None:
    """Put every fault there is into the report."""
    with database.reading() as connection:
        ids = connection.scalars(select(t.cases.c.id).order_by(t.cases.c.id)).all()
        _prove_keys(connection, report, logs)
        touched = _touched(connection)
        expected = sum(office.BEGIN + rung <= end for rung in RUNGS)
        for case in ids:
            wanted = expected if case in untouched else None
            _prove_case(connection, report, case, touched.get(case, set()), rungs=wanted, end=end)
        _prove_indexes(connection, report)
    for case in ids:
        verdict = verify(database, case)
        if not verdict.holds:
            report.faults.append(f"history: {verdict}")


def _prove_keys(connection: Connection, report: Report, logs: Path) -> None:
    """What was acknowledged is there, under its key, and no key waits for its answer."""
    acknowledged = {key: where for path in sorted(logs.glob("*.log")) for key, where in answered(path).items()}
    report.acknowledged = len(acknowledged)
    kept = {row.key: (row.case_id, row.seq) for row in connection.execute(select(t.idempotency))}
    report.unheard = len(kept.keys() - acknowledged.keys())
    report.faults += [f"lost: {key}" for key, where in acknowledged.items() if kept.get(key) != where]
    report.faults += [f"half: {key}" for key, where in kept.items() if where[1] is None]


def _touched(connection: Connection) -> dict[int, set[str]]:
    """Case → the triggers that were pulled with a key."""
    found: dict[int, set[str]] = {}
    for key, case in connection.execute(select(t.idempotency.c.key, t.idempotency.c.case_id)):
        found.setdefault(case, set()).add(key.rpartition("-")[2])
    return found


def _prove_case(
    connection: Connection, report: Report, case: int, touched: set[str], *, rungs: int | None, end: datetime
) -> None:
    """Each command once, each timer once and none left. `rungs`: how many of the ladder there must be, if known."""
    steps = [history.step(row) for row in history.rows(connection, case)]
    report.steps += len(steps)
    report.cases += 1
    if rungs is not None and rungs != (fired := sum(step.kind == "rung" for step in steps)):
        report.faults.append(f"case {case}: {fired} rungs instead of {rungs}")
    done = Counter(step.trigger for step in steps if step.actor.person is not None and step.kind in ("open", "trigger"))
    if touched and done != Counter(touched):
        report.faults.append(f"case {case}: {dict(done)} for the commands {sorted(touched)}")
    gone = Counter(no for step in steps for op, body in step.ops if op == "timer-" for no in body)
    report.faults += [f"case {case}: timer {no} went {times} times" for no, times in gone.items() if times > 1]
    made = {body["no"]: body["due"] for step in steps for op, body in step.ops if op == "timer+"}
    waiting = [no for no, due in made.items() if no not in gone and due <= micros(end)]
    report.faults += [f"case {case}: timer {no} did not fire" for no in waiting]
    report.timers += sum(step.kind in ("rung", "remind", "recurring", "timer") for step in steps)


def _prove_indexes(connection: Connection, report: Report) -> None:
    cases = [case_from(body) for (body,) in connection.exec_driver_sql("SELECT body FROM cases").all()]
    for table, derive in DERIVED.items():
        where = {"escalations": " WHERE ended IS NULL"}.get(table, "")
        columns = ", ".join(rows.COLUMNS[table])
        stored = {tuple(row) for row in connection.exec_driver_sql(f"SELECT {columns} FROM {table}{where}").all()}
        if stored != {row for case in cases for row in derive(case).values()}:
            report.faults.append(f"the rows of {table} are not what the cases say")
    if connection.dialect.name == "sqlite":
        for check, good in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
            found = [tuple(row) for row in connection.exec_driver_sql(f"PRAGMA {check}").all()]
            if found != good:
                report.faults.append(f"{check}: {found}")


KILLS: dict[Size, int] = {"small": 6, "usual": 200, "release": 2000}


def run(place: Place, size: Size) -> Outcome:
    began = time.perf_counter()
    report = storm(place, place.folder.parent, kills=KILLS[size])
    counts = {"kills": report.kills, "acknowledged": report.acknowledged, "unheard": report.unheard}
    counts |= {"timers": report.timers, "steps": report.steps, "cases": report.cases}
    return Outcome(
        row="kill_storm",
        database=place.name,
        counts=counts,
        faults=tuple(report.faults),
        seconds=time.perf_counter() - began,
    )


def storm(place: Place, folder: Path, *, kills: int) -> Report:
    """One storm on a fresh database, and the report about it."""
    template = place.template("storm", lambda database: office.open_cases(database, office.found(database), CASES))
    report = Report(place.name, kills)
    logs = folder / f"logs-{place.name}"
    logs.mkdir()
    with place.copy(template) as url:
        database = Database(url)
        made, untouched = office.again(database), [case for case, _ in office.case_ids(database)]
        database.dispose()
        office.library()
        blowing = Storm(url, made, logs, kills=kills)
        blowing.blow()
        end = blowing.now()
        door = Workflow(database, office.library(), clock=lambda: end)
        while door.fire_due().timers:
            pass
        prove(database, report, logs, untouched=untouched, end=end)
        database.dispose()
    return report


def _started(work: Callable[[], None]) -> int:
    sys.stdout.flush()
    process = os.fork()
    if process == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - whatever it is, the parent goes on in the parent alone
            traceback.print_exc()
        finally:
            os._exit(1)
    return process


def _killed(process: int) -> None:
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


def _patient(do: Callable[[], T]) -> T:
    while True:
        try:
            return do()
        except StorageUnavailable as unavailable:
            if unavailable.reason != "busy":
                raise
