"""Nobody swept for three days. Then a scheduler comes back, and people click while it catches up.

Half of the cases have four timers overdue, the others one. People work in the scheduler's own process, as `baton serve`
lets them, and in another one; the latter also write on the very cases that are overdue.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from bench import office
from bench.places import Place
from bench.storm import desks, keys, sound
from bench.storm.crew import Crew, Log
from bench.storm.outcome import Outcome, Size
from workflow import Actor, Workflow
from workflow.core.step import Step
from workflow.scheduler import Ticker
from workflow.storage import housekeeping
from workflow.storage import tables as t
from workflow.storage.database import Database

CASES: dict[Size, int] = {"small": 80, "usual": 3_334, "release": 10_000}
ASLEEP = timedelta(days=3)
FELL = office.BEGIN + timedelta(hours=24)
"""When the last scheduler gave its last sign."""

AWOKE = FELL + ASLEEP
SPREAD = timedelta(hours=12)
PAUSE = 0.02
MOST_SECONDS = 15.0
"""For 10,000 timers on SQLite."""

PATIENCE = 120.0
"""Seconds after which nobody waits any longer."""

MOST_CLICK: dict[Size, float] = {"small": 5.0, "usual": 0.5, "release": 0.5}
"""Seconds, the 99th percentile. The small form has so few clicks that it is the longest, beside other tests."""


def run(place: Place, size: Size) -> Outcome:
    began = time.perf_counter()
    count = CASES[size]
    with (
        place.copy(_template(place, count)) as url,
        TemporaryDirectory(dir=place.folder.parent) as folder,
        Crew() as crew,
    ):
        database = Database(url)
        made, waiting = office.again(database), office.case_ids(database)
        database.dispose()
        office.library()
        logs = [Log(Path(folder) / f"{name}.log") for name in ("same", "other", "comments")]
        same, other, comments = logs
        awoke = time.time()

        def now() -> datetime:
            return AWOKE + timedelta(seconds=time.time() - awoke)

        def door() -> Workflow:
            return Workflow(Database(url), office.library(), clock=now)

        def scheduler() -> None:
            serving = door()
            ticker = Ticker(serving, keys.within(folder), name="back")
            desk = desks.Desk(serving, made, same, 0)
            person = threading.Thread(target=lambda: desk.work(lambda: crew.working, pause=PAUSE))
            person.start()
            ticker.start()
            person.join()
            ticker.stop()

        def writing() -> None:
            _comment(door(), made, waiting, comments, crew)

        crew.start(lambda: desks.Desk(door(), made, other, 1).work(lambda: crew.working, pause=PAUSE))
        crew.start(writing)
        crew.start(scheduler)
        faults = []
        while _overdue(database, AWOKE):
            time.sleep(0.05)
            if time.time() - awoke > PATIENCE:
                faults.append(f"{_overdue(database, AWOKE)} timers are still overdue after {PATIENCE:g} s")
                break
        took = time.time() - awoke
        # What would not be quick enough shows in a few clicks more, too.
        time.sleep(0.5)
        faults += crew.rest()
        seen = sound.look(database, end=AWOKE)
        touched = {line[1] for line in comments.lines()}
        faults += seen.faults + desks.faults(database, seen, [same, other])
        late = [step for case, _ in waiting for step in seen.steps[case] if _is_late(step)]
        faults += sound.ladders(seen, [case for case, _ in waiting], AWOKE) + _out_of_order(late, touched)
        with database.reading() as connection:
            outages = housekeeping.outages(connection)
        database.dispose()
        inside, outside = desks.spent([same]), desks.spent([other, comments])
    if [since for since, _ in outages] != [FELL] or not AWOKE <= outages[0][1] < AWOKE + timedelta(minutes=1):
        faults.append(f"the outage is on record as {outages}")
    slowest = max(desks.p99(inside), desks.p99(outside))
    if slowest > MOST_CLICK[size]:
        faults.append(f"a click took {slowest:.2f} s (99th percentile)")
    if place.name == "sqlite" and took > MOST_SECONDS * max(1, len(late) / 10_000):
        faults.append(f"it took {took:.1f} s to catch up")
    counts = {
        "overdue": len(late),
        "seconds to catch up": took,
        "clicks": len(inside) + len(outside),
        "click p99 ms, scheduler's process": 1000 * desks.p99(inside),
        "other process": 1000 * desks.p99(outside),
        **seen.counts(),
    }
    return Outcome(
        row="asleep", database=place.name, counts=counts, faults=tuple(faults), seconds=time.perf_counter() - began
    )


def _template(place: Place, count: int) -> str:
    def build(database: Database) -> None:
        made = office.found(database)
        with office.door(database).batch() as batch:
            for n in range(count):
                late = timedelta(hours=48) if n % 2 else timedelta()
                office.open_one(batch, made, n, at=office.BEGIN + late + SPREAD * n / count)
                batch.rest()
        # The sign of life of the scheduler that then fell asleep.
        Ticker(office.door(database, FELL), keys.within(place.folder.parent), name="asleep").tick()

    return place.template(f"asleep{count}", build)


def _overdue(database: Database, at: datetime) -> int:
    """How many timers wait; when one of a ladder fires, the next of it takes its place."""
    with database.reading() as connection:
        return int(connection.scalar(select(func.count()).where(t.timers.c.retry <= at)) or 0)


def _comment(door: Workflow, made: office.Office, waiting: list[tuple[int, int]], log: Log, crew: Crew) -> None:
    """A person looks after the overdue cases from the other end."""
    for case, customer in reversed(waiting):
        if not crew.working:
            return
        began = time.perf_counter()
        after = desks.patient(
            lambda case=case, customer=customer: door.comment(case, "请尽快", actor=Actor(made.manager(customer)))
        )
        log.note(f"comment-{case}", case, after.seq, time.perf_counter() - began)
        time.sleep(5 * PAUSE)


def _is_late(step: Step) -> bool:
    return step.kind == "rung" and FELL < step.effective <= AWOKE


def _out_of_order(late: Sequence[Step], touched: set[int]) -> list[str]:
    """The lateness is right, and of two cases the one that was due first came first, unless people touched it."""
    if any(step.recorded < AWOKE for step in late):
        return ["a timer that fired late does not say so"]
    first: dict[int, Step] = {}
    for step in late:
        first.setdefault(step.case, step)
    due = [step.effective for step in sorted(first.values(), key=_recorded) if step.case not in touched]
    return [] if due == sorted(due) else ["a case was caught up with before another that was due earlier"]


def _recorded(step: Step) -> tuple[datetime, datetime]:
    return step.recorded, step.effective
