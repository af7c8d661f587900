"""Schedulers and people at work by clocks that are not right: what both rows about clocks have in common."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from bench import office
from bench.places import Place
from bench.storm import desks, keys, sound
from bench.storm.crew import Crew, Log
from bench.storm.outcome import Outcome, Size
from workflow import Workflow
from workflow.scheduler import Ticker
from workflow.settings import Scheduler
from workflow.storage import tables as t
from workflow.storage.database import Database

CASES: dict[Size, int] = {"small": 90, "usual": 240, "release": 240}
SPREAD = timedelta(minutes=90)
"""The first of the waiting cases was opened so long before the last: some are due before, some after the start."""

START = office.BEGIN + timedelta(hours=25)
"""What the right clock shows when the work begins."""

PEOPLE = 2
QUICK = Scheduler(tick=0.1, batch=20)
SILENT = timedelta(seconds=30)
"""So long without a sign of life a scheduler counts as gone."""

HEARD = 15.0
"""Seconds in which every scheduler has given one, however busy the machine."""

PAUSE = 0.01
"""Seconds a person rests after a command."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that is wrong by `wrong(seconds since the work began)`."""

    began: float
    wrong: Callable[[float], timedelta]

    def __call__(self) -> datetime:
        gone = time.time() - self.began
        return START + timedelta(seconds=gone) + self.wrong(gone)


def template(place: Place, count: int) -> str:
    def build(database: Database) -> None:
        made = office.found(database)
        with office.door(database).batch() as batch:
            for n in range(count):
                office.open_one(batch, made, n, at=office.BEGIN + SPREAD * n / count)
                batch.rest()

    return place.template(f"waiting{count}", build)


def worked(
    row: str,
    place: Place,
    seconds: float,
    *,
    cases: int,
    schedulers: Sequence[Callable[[float], timedelta]],
    person: Callable[[float], timedelta],
    last: timedelta,
) -> Outcome:
    """Everybody works so long. `last`: how wrong the clock is at most, which is where the proof looks from."""
    began = time.perf_counter()
    with (
        place.copy(template(place, cases)) as url,
        TemporaryDirectory(dir=place.folder.parent) as folder,
        Crew() as crew,
    ):
        database = Database(url)
        made, waiting = office.again(database), [case for case, _ in office.case_ids(database)]
        database.dispose()
        office.library()
        logs = [Log(Path(folder) / f"{n}.log") for n in range(PEOPLE)]
        start = time.time()

        def door(wrong: Callable[[float], timedelta]) -> Workflow:
            return Workflow(Database(url), office.library(), clock=Clock(start, wrong))

        def schedule(name: str, wrong: Callable[[float], timedelta]) -> None:
            ticker = Ticker(door(wrong), keys.within(folder, scheduler=QUICK), name=name)
            ticker.start()
            while crew.working:
                time.sleep(0.01)
            ticker.stop()

        for n, wrong in enumerate(schedulers):
            crew.start(lambda n=n, wrong=wrong: schedule(f"scheduler-{n}", wrong))
        for n, log in enumerate(logs):
            desk = lambda n=n, log=log: desks.Desk(door(person), made, log, n, PEOPLE)  # noqa: E731
            crew.start(lambda desk=desk: desk().work(lambda: crew.working, pause=PAUSE))
        time.sleep(seconds)
        clocks = {f"scheduler-{n}": Clock(start, wrong) for n, wrong in enumerate(schedulers)}
        until = time.monotonic() + HEARD
        while (faults := _silent(database, clocks)) and time.monotonic() < until:
            time.sleep(0.1)
        faults += crew.rest()
        end = START + timedelta(seconds=time.time() - start) + last
        _finish(Workflow(database, office.library(), clock=lambda: end))
        seen = sound.look(database, end=end)
        faults += seen.faults + sound.ladders(seen, waiting, end) + desks.faults(database, seen, logs)
        acknowledged = sum(len(log.lines()) for log in logs)
        if not acknowledged or not seen.fired:
            faults.append(f"nothing was shown: {acknowledged} commands, {seen.fired} timers")
        database.dispose()
    counts = {"seconds of work": round(seconds, 1), "acknowledged": acknowledged, **seen.counts()}
    return Outcome(
        row=row, database=place.name, counts=counts, faults=tuple(faults), seconds=time.perf_counter() - began
    )


def _silent(database: Database, clocks: dict[str, Clock]) -> list[str]:
    """A scheduler whose clock was set right again goes on giving signs of life by it."""
    with database.reading() as connection:
        last = {row.scheduler: row.last for row in connection.execute(select(t.heartbeats))}
    return [
        f"{name} gave its last sign at {last.get(name)}, and its clock shows {clock()}"
        for name, clock in clocks.items()
        if name not in last or abs(clock() - last[name]) > SILENT
    ]


def _finish(door: Workflow) -> None:
    while door.fire_due().timers:
        pass
