"""Somebody outside the house holds the database for ten seconds, as a backup tool or a forgotten shell may.

On SQLite another process has begun to write, past the gate; on PostgreSQL one has locked the table of cases. Reading
goes on, writing is refused in words within the time a writer waits, and when the outsider leaves, all works again by
itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from multiprocessing import RawValue
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import office
from bench.places import Place, bare
from bench.storm import desks, keys, sound
from bench.storm.crew import Crew, Log
from bench.storm.outcome import Outcome, Size
from workflow import Actor, StorageUnavailable, Workflow
from workflow.scheduler import Ticker
from workflow.storage.database import Database

HELD: dict[Size, float] = {"small": 2.5, "usual": 10.0, "release": 10.0}
"""Seconds."""

WAIT: dict[Size, float] = {"small": 1.0, "usual": 5.0, "release": 5.0}
"""Seconds a writer waits for others; five in the configuration a house begins with."""

SLACK: dict[Size, float] = {"small": 5.0, "usual": 0.5, "release": 0.5}
"""Seconds more than that until a person has the answer."""

SLOWEST_READ: dict[Size, float] = {"small": 5.0, "usual": 1.0, "release": 1.0}
CASES = 40
BEFORE = 0.5
PATIENCE = 60.0
PAUSE = 0.01
PEOPLE = 3
APART = 0.3
FIRST = office.BEGIN + sound.RUNGS[0]


def run(place: Place, size: Size) -> Outcome:
    began = time.perf_counter()
    held, wait = HELD[size], WAIT[size]
    with (
        place.copy(_template(place, held)) as url,
        TemporaryDirectory(dir=place.folder.parent) as folder,
        Crew() as crew,
    ):
        database = Database(url)
        made, waiting = office.again(database), office.case_ids(database)
        database.dispose()
        office.library()
        done, refused, read = (Log(Path(folder) / f"{name}.log") for name in ("done", "refused", "read"))
        taken, left = RawValue("d", 0), RawValue("d", 0)
        start = time.time()

        def now() -> datetime:
            return FIRST - timedelta(seconds=BEFORE) + timedelta(seconds=time.time() - start)

        def door() -> Workflow:
            return Workflow(Database(url, lock_timeout=wait), office.library(), clock=now)

        def schedule() -> None:
            ticker = Ticker(door(), keys.within(folder))
            ticker.start()
            while crew.working:
                time.sleep(0.02)
            ticker.stop()

        def hold() -> None:
            time.sleep(BEFORE)
            with closing(bare(url)) as outsider:
                outsider.execute("BEGIN EXCLUSIVE" if place.name == "sqlite" else "LOCK TABLE cases IN EXCLUSIVE MODE")
                taken.value = time.time()
                time.sleep(held)
                left.value = time.time()
                outsider.rollback()

        crew.start(schedule)
        for person in range(PEOPLE):
            crew.start(lambda person=person: _click(door(), made, person, (done, refused), crew))
        crew.start(lambda: _read(door(), made, waiting, read, crew))
        crew.start(hold)
        end = FIRST + timedelta(seconds=held)
        caught_up = _until(lambda: bool(left.value) and _fired(database, waiting), PATIENCE)
        again = time.time() - left.value
        time.sleep(2 * BEFORE)
        faults = crew.rest() if caught_up else ["the deadlines did not pass by themselves", *crew.rest()]
        seen = sound.look(database, end=end)
        faults += seen.faults + desks.faults(database, seen, [done])
        database.dispose()
        between = (taken.value, left.value)
        told, reads = _within(refused, between), _within(read, between)
        after = [line for line in done.lines() if line[4] > left.value]
    if wrong := {reason for _, _, reason in told} - {"busy"}:
        faults.append(f"refused for {wrong}")
    longest = max((ended - begun for begun, ended, _ in told), default=0.0)
    slowest = max((ended - begun for begun, ended, _ in reads), default=0.0)
    if longest > wait + SLACK[size]:
        faults.append(f"it took {longest:.1f} s to refuse")
    if slowest > SLOWEST_READ[size] or not reads:
        faults.append(f"{len(reads)} reads while it was locked, the slowest of {slowest:.1f} s")
    if not told or not after:
        faults.append(f"nothing was shown: {len(told)} refusals, {len(after)} commands afterwards")
    counts = {
        "seconds locked": held,
        "refused": len(told),
        "after at most s": longest,
        "reads meanwhile": len(reads),
        "the slowest ms": 1000 * slowest,
        "deadlines pass again after s": again,
        **seen.counts(),
    }
    return Outcome(
        row="locked_out", database=place.name, counts=counts, faults=tuple(faults), seconds=time.perf_counter() - began
    )


def _template(place: Place, held: float) -> str:
    def build(database: Database) -> None:
        made = office.found(database)
        with office.door(database).batch() as batch:
            for n in range(CASES):
                office.open_one(batch, made, n, at=office.BEGIN + timedelta(seconds=held) * n / CASES)
                batch.rest()

    return place.template("locked", build)


def _click(door: Workflow, made: office.Office, person: int, logs: tuple[Log, Log], crew: Crew) -> None:
    """A person who presses the same button again after a refusal, with the key of the form."""
    done, refused = logs
    for n in range(person, 1_000_000, PEOPLE):
        for key, click in desks.story(door, made, made.customers[n % len(made.customers)], str(n)):
            while True:
                if not crew.working:
                    return
                began = time.time()
                try:
                    after = click()
                except StorageUnavailable as unavailable:
                    refused.note(began, time.time(), unavailable.reason)
                    # Not all at once: who comes later must not wait longer.
                    time.sleep(APART * person)
                    continue
                done.note(key, after.id, after.seq, time.time() - began, began)
                break
            time.sleep(PAUSE)


def _read(door: Workflow, made: office.Office, waiting: list[tuple[int, int]], read: Log, crew: Crew) -> None:
    for n in range(1_000_000):
        if not crew.working:
            return
        case, customer = waiting[n % len(waiting)]
        reader, began = Actor(made.manager(customer)), time.time()
        door.case(case, reader)
        door.inbox(reader)
        read.note(began, time.time(), "read")
        time.sleep(PAUSE)


def _fired(database: Database, waiting: list[tuple[int, int]]) -> bool:
    with database.reading() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM steps WHERE kind = 'rung'").scalar_one()
    return int(count) >= len(waiting)


def _until(holds: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.02)
    return False


def _within(log: Log, between: tuple[float, float]) -> list[list[Any]]:
    """What began while it was locked, and ended then or was refused."""
    return [line for line in log.lines() if between[0] <= line[0] <= between[1]]
