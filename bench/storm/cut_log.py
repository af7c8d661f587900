"""SQLite's write-ahead log is cut off at random bytes and at every commit, as a crash of the machine may leave it.

What opens then is what was acknowledged up to there, no more and no less: after each command all that is stored was
noted, with the number of commits the log held by then. Every other cut leaves noise behind it instead of an end.
"""

from __future__ import annotations

import random
import shutil
import struct
import time
from bisect import bisect_right
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import event

from bench import office
from bench.places import Place
from bench.storm import desks, sound
from bench.storm.outcome import Outcome, Size
from workflow import Actor, Workflow
from workflow.service.verification import verify
from workflow.storage.database import Database

CUTS: dict[Size, int] = {"small": 24, "usual": 600, "release": 2_000}
STORIES: dict[Size, int] = {"small": 3, "usual": 25, "release": 60}
CASES = 12
HEADER, FRAME = 32, 24
"""Bytes of the log's own header and of that before each page, https://sqlite.org/fileformat2.html#walformat."""

NOISE = 4096


def run(place: Place, size: Size) -> Outcome:
    began = time.perf_counter()
    rng = random.Random(CUTS[size])  # the same cuts again, and with them the same faults
    template = place.template("cut", lambda database: office.open_cases(database, office.found(database), CASES))
    with place.copy(template) as url, TemporaryDirectory(dir=place.folder.parent) as folder:
        path = Path(url.removeprefix("sqlite:///"))
        before = Path(folder) / "before.db"
        shutil.copyfile(path, before)
        database = Database(url)
        event.listen(database.engine, "connect", _never_fold)
        known = {0: sound.everything(database)}
        acknowledged, faults = _work(database, path, known, STORIES[size])
        log = Path(f"{path}-wal").read_bytes()
        database.dispose()
        ends = commits(log)
        if missing := [n for n in range(len(ends) + 1) if n not in known]:
            faults.append(f"commits {missing[:5]} are between two acknowledgements: a step would be half there")
        cuts = {0, HEADER, *ends} | {rng.randrange(len(log)) for _ in range(CUTS[size])}
        for n, cut in enumerate(sorted(cuts)):
            tail = rng.randbytes(NOISE) if n % 2 else b""
            faults += _opened(Path(folder) / f"{n}.db", before, log[:cut] + tail, known, bisect_right(ends, cut), cut)
    counts = {
        "cuts": len(cuts), "commits": len(ends), "acknowledged": acknowledged, "bytes of log": len(log),
    }  # fmt: skip
    return Outcome(
        row="cut_log", database=place.name, counts=counts, faults=tuple(faults), seconds=time.perf_counter() - began
    )


def commits(log: bytes) -> list[int]:
    """Where in the log each commit is complete."""
    (page,) = struct.unpack(">I", log[8:12])
    length = FRAME + page
    frames = range(HEADER, len(log) - length + 1, length)
    return [start + length for start in frames if log[start + 4 : start + 8] != bytes(4)]


def _never_fold(driver: Any, _: object) -> None:
    # Else the log would begin again and no longer hold everything.
    driver.execute("PRAGMA wal_autocheckpoint = 0")


def _work(database: Database, path: Path, known: dict[int, str], stories: int) -> tuple[int, list[str]]:
    """Commands and sweeps; what is stored after each is noted under the number of commits the log holds by then."""
    made = office.again(database)
    moment = office.BEGIN + timedelta(hours=1)
    door = Workflow(database, office.library(), clock=lambda: moment)
    done, faults = 0, []

    def note() -> None:
        held = len(commits(Path(f"{path}-wal").read_bytes()))
        stored = sound.everything(database)
        if stored in known.values():
            faults.append(f"command {done} was acknowledged and nothing was stored")
        if known.setdefault(held, stored) != stored:
            faults.append(f"command {done} was acknowledged before its commit was in the log")

    for n in range(stories):
        for _, click in desks.story(door, made, made.customers[n % len(made.customers)], f"{n}"):
            click()
            done += 1
            note()
        moment += timedelta(hours=3)
        [(case, customer)] = office.case_ids(database)[n % CASES : n % CASES + 1]
        door.comment(case, "请尽快", actor=Actor(made.manager(customer)))
        done += 1
        note()
    return done, faults


def _opened(path: Path, before: Path, log: bytes, known: dict[int, str], held: int, cut: int) -> list[str]:
    """What is wrong with what opens of a log that was cut after `held` whole commits."""
    shutil.copyfile(before, path)
    Path(f"{path}-wal").write_bytes(log)
    database = Database(f"sqlite:///{path}")
    faults = []
    if sound.everything(database) != known.get(held):
        faults.append(f"cut at byte {cut}: what opens is not what was stored after {held} commits")
    verdicts = (verify(database, case) for case, _ in office.case_ids(database))
    faults += [f"cut at byte {cut}: {verdict}" for verdict in verdicts if not verdict.holds]
    with database.reading() as connection:
        if (told := connection.exec_driver_sql("PRAGMA integrity_check").all()) != [("ok",)]:
            faults.append(f"cut at byte {cut}: {told}")
    database.dispose()
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    return faults
