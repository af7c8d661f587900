"""Ten thousand timers an hour, two schedulers with the settings a house begins with, and one of them killed half way.

Time runs as it does. Whoever looks at the database sees when a step was committed; when it was due and when it was
fired it says itself.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from tempfile import TemporaryDirectory

from sqlalchemy import select

from bench import office
from bench.places import Place
from bench.storm import desks, keys, sound
from bench.storm.crew import Crew
from bench.storm.outcome import Outcome, Size
from workflow import Workflow
from workflow.scheduler import Ticker
from workflow.storage import tables as t
from workflow.storage.database import Database

BETWEEN = timedelta(hours=1) / 10_000
TIMERS: dict[Size, int] = {"small": 10, "usual": 500, "release": 10_000}
MOST_P99: dict[Size, float] = {"small": 10.0, "usual": 2.0, "release": 2.0}
MOST: dict[Size, float] = {"small": 20.0, "usual": 5.0, "release": 5.0}
"""Seconds from the due moment to the commit. The small form runs among other tests and measures nothing."""

BEFORE = timedelta(seconds=2)
"""Until the first is due: both schedulers are awake by then."""

FIRST = office.BEGIN + sound.RUNGS[0]
LOOK_EVERY = 0.02


def run(place: Place, size: Size) -> Outcome:
    began = time.perf_counter()
    count = TIMERS[size]
    with (
        place.copy(_template(place, count)) as url,
        TemporaryDirectory(dir=place.folder.parent) as folder,
        Crew() as crew,
    ):
        database = Database(url)
        waiting = [case for case, _ in office.case_ids(database)]
        database.dispose()
        office.library()
        start = time.time()

        def now() -> datetime:
            return FIRST - BEFORE + timedelta(seconds=time.time() - start)

        def schedule(name: str) -> None:
            ticker = Ticker(Workflow(Database(url), office.library(), clock=now), keys.within(folder), name=name)
            ticker.start()
            while crew.working:
                time.sleep(0.05)
            ticker.stop()

        victim = crew.start(lambda: schedule("killed"))
        crew.start(lambda: schedule("left"))
        last = FIRST + BETWEEN * (count - 1)
        committed: dict[int, datetime] = {}
        alive = True
        while len(committed) < count and now() < last + timedelta(seconds=3 * MOST[size]):
            time.sleep(LOOK_EVERY)
            if alive and now() > FIRST + (last - FIRST) / 2:
                crew.kill(victim)
                alive = False
            fired = _fired(database)
            seen_at = now()
            for case in fired - committed.keys():
                committed[case] = seen_at
        end = now()
        faults = crew.rest()
        seen = sound.look(database)
        faults += seen.faults + sound.ladders(seen, waiting, min(end, last))
        database.dispose()
    rungs = [step for case in waiting for step in seen.steps[case] if step.kind == "rung"]
    to_fired = [(step.recorded - step.effective).total_seconds() for step in rungs]
    to_commit = [(committed[one.case] - one.effective).total_seconds() for one in rungs if one.case in committed]
    if len(to_commit) < count:
        faults.append(f"only {len(to_commit)} of {count} timers fired")
    else:
        if desks.p99(to_commit) > MOST_P99[size]:
            faults.append(f"from due to committed it took {desks.p99(to_commit):.2f} s (99th percentile)")
        if max(to_commit) > MOST[size]:
            faults.append(f"from due to committed it took up to {max(to_commit):.2f} s")
    counts: dict[str, int | float | str] = {"timers": len(rungs), "schedulers killed": int(not alive)}
    if to_commit:
        counts |= {
            "due to fired, median ms": 1000 * sorted(to_fired)[len(to_fired) // 2],
            "p99 ms": 1000 * desks.p99(to_fired),
            "due to committed, median ms": 1000 * sorted(to_commit)[len(to_commit) // 2],
            "its p99 ms": 1000 * desks.p99(to_commit),
            "its max ms": 1000 * max(to_commit),
        }
    return Outcome(
        row="lateness", database=place.name, counts=counts, faults=tuple(faults), seconds=time.perf_counter() - began
    )


def _template(place: Place, count: int) -> str:
    def build(database: Database) -> None:
        made = office.found(database)
        with office.door(database).batch() as batch:
            for n in range(count):
                office.open_one(batch, made, n, at=office.BEGIN + n * BETWEEN)
                batch.rest()

    return place.template(f"rate{count}", build)


def _fired(database: Database) -> set[int]:
    """The cases whose first rung is there to be seen."""
    with database.reading() as connection:
        return set(connection.scalars(select(t.steps.c.case_id).where(t.steps.c.kind == "rung")))
