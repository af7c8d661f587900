"""The disk is full at many different points, and somebody makes room again.

The disk is real: a file system of a few megabytes, with all of SQLite's files or PostgreSQL's tables on it. Where the
system lets nobody mount one, the database itself is told to say that it is full (`full_disks`); the counts say which.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from bench import office
from bench.places import Place, Server
from bench.storm import desks, sound
from bench.storm.crew import Crew
from bench.storm.full_disks import Denied, Disk, PageLimit, StatementLimit
from bench.storm.outcome import Outcome, Size
from workflow import Actor, StorageUnavailable, Workflow
from workflow.storage.database import Database

POINTS: dict[Size, int] = {"small": 4, "usual": 20, "release": 60}
STEP = {"sqlite": 14, "postgresql": 1}
"""Pages of 4 KiB more at each point: SQLite writes about 35 in a step, PostgreSQL makes a table longer now and then."""

CASES = 20
MEGABYTES = {"sqlite": 16, "postgresql": 96}
MOST_COMMANDS = 600
FIRST = office.BEGIN + sound.RUNGS[0]


class Room(Protocol):
    def leave(self, pages: int) -> None: ...
    def empty(self) -> None: ...


def run(place: Place, size: Size) -> Outcome:
    began = time.perf_counter()
    with TemporaryDirectory(dir=place.folder.parent) as folder, Crew() as crew:
        # PostgreSQL's own user must come through to the tables.
        Path(folder).chmod(0o755)
        office.library()
        told = Path(folder) / "told.json"
        # In a process of its own: what it mounts is gone with it.
        crew.start(lambda: told.write_text(json.dumps(_points(place, Path(folder), POINTS[size]))))
        ended = crew.rest(patience=600)
        counts, faults = json.loads(told.read_text()) if told.exists() else ({}, [])
    return Outcome(
        row="disk_full",
        database=place.name,
        counts=counts,
        faults=(*ended, *faults),
        seconds=time.perf_counter() - began,
    )


def _build(database: Database) -> None:
    office.open_cases(database, office.found(database), CASES)


def _points(place: Place, folder: Path, count: int) -> tuple[dict[str, Any], list[str]]:
    faults: list[str] = []
    before: list[int] = []
    with ExitStack() as stack:
        try:
            disk: Disk | None = Disk(folder / "disk", megabytes=MEGABYTES[place.name])
        except Denied:
            disk = None
        small = _on_disk(place, folder, disk) if disk else _limited(place)
        way = "on a disk that is full" if disk else "where the database says it is full"
        url, room = stack.enter_context(small)
        database = Database(url)
        if isinstance(room, PageLimit):
            room.watch(database)
        for point in range(count):
            room.empty()
            done, found = _point(database, room, point, STEP[place.name] * point)
            before.append(done)
            faults += [f"point {point}: {fault}" for fault in found]
        room.empty()
        end = FIRST + timedelta(hours=count)
        door = Workflow(database, office.library(), clock=lambda: end)
        while door.fire_due().timers:
            pass
        seen = sound.look(database, end=end)
        database.dispose()
    counts = {"points": count, way: count - sum(one >= MOST_COMMANDS for one in before)}
    return {**counts, "acknowledged": sum(before), **seen.counts()}, faults + seen.faults


def _point(database: Database, room: Room, point: int, pages: int) -> tuple[int, list[str]]:
    """Commands until the disk is full, then what is still possible, then room; how many were done before it was."""
    made = office.again(database)
    moment = FIRST + timedelta(hours=point)
    door = Workflow(database, office.library(), clock=lambda: moment)
    cases = office.case_ids(database)
    case, customer = cases[point % CASES]
    reader = Actor(made.manager(customer))
    faults: list[str] = []
    commands = _commands(door, made, point)
    next(commands)()
    room.leave(pages)
    done = 0
    stored = sound.everything(database)
    for click in commands:
        if (reason := _refused(click)) is not None:
            break
        done += 1
        stored = sound.everything(database)
    else:
        return done, ["the disk never became full"]
    if reason != "full":
        faults.append(f"refused as {reason}")
    for _ in range(2):
        if sound.everything(database) != stored:
            faults.append("something of what was refused is there")
        if door.case(case, reader).case.id != case or not door.inbox(reader).rows:
            faults.append("nothing can be read")
        _refused(click)
    _refused(door.fire_due)
    room.empty()
    if (reason := _refused(click)) is not None:
        faults.append(f"with room again it was refused as {reason}")
    if (reason := _refused(door.fire_due)) is not None:
        faults.append(f"with room again a sweep was refused as {reason}")
    return done, faults


def _commands(door: Workflow, made: office.Office, point: int) -> Iterator[desks.Click]:
    for n in range(MOST_COMMANDS // 4):
        for _, click in desks.story(door, made, made.customers[n % len(made.customers)], f"{point}-{n}"):
            yield click


def _refused(do: Any) -> str | None:
    """Why the database could not; None when it could. Anything else but this refusal ends the row."""
    try:
        do()
    except StorageUnavailable as unavailable:
        return unavailable.reason
    return None


@contextmanager
def _on_disk(place: Place, folder: Path, disk: Disk) -> Iterator[tuple[str, Room]]:
    if place.name == "sqlite":
        path = disk.path / "baton.db"
        with place.copy(place.template("full", _build)) as url:
            shutil.copyfile(url.removeprefix("sqlite:///"), path)
        yield f"sqlite:///{path}", disk
        return
    server = Server(folder / "server")
    try:
        template = server.template("full", _build)
        tables = disk.path / "tables"
        tables.mkdir()
        owner = (server.folder / "db").stat()
        os.chown(tables, owner.st_uid, owner.st_gid)
        server.tablespace("small", tables)
        with server.copy(template, tablespace="small") as url:
            yield url, disk
    finally:
        server.close()


@contextmanager
def _limited(place: Place) -> Iterator[tuple[str, Room]]:
    with place.copy(place.template("full", _build)) as url:
        if place.name == "sqlite":
            yield url, PageLimit()
            return
        limit = StatementLimit(url)
        try:
            yield url, limit
        finally:
            limit.close()
