"""Two people, and eight, complete one task at the same moment: one of them did it, the others are told who and when."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from bench import office
from bench.places import Place
from bench.storm.killing.processes import Herd
from bench.storm.killing.vigils import Clock
from bench.storm.outcome import Outcome, Size, tell
from workflow import Actor, Workflow, messages
from workflow.core.errors import Refused, TaskClosed
from workflow.core.moments import micros
from workflow.core.step import SYSTEM
from workflow.storage import tables as t
from workflow.storage.database import Database
from workflow.storage.queries import history

TASKS: dict[Size, int] = {"small": 12, "usual": 1000, "release": 5000}
CROWDS = (2, 8)
"""How many people want the same task."""

TRIGGER = "report"
TASK = "investigate"
ZONE = ZoneInfo("Asia/Shanghai")
PATIENCE = 120.0
"""Seconds one of them may keep the others waiting."""


def run(place: Place, size: Size) -> Outcome:
    began = time.perf_counter()
    tasks = TASKS[size]
    template = place.template(f"tasks{tasks}", lambda database: prepare(database, tasks))
    counts: dict[str, int | float | str] = {}
    faults: list[str] = []
    for crowd in CROWDS:
        with place.copy(template) as url:
            folder = Path(mkdtemp(dir=place.folder.parent))
            try:
                seen = race(url, folder, crowd)
                faults += judged(url, seen, crowd)
            finally:
                shutil.rmtree(folder)
        counts[f"tasks wanted by {crowd}"] = len(seen)
        counts[f"winners of {crowd}"] = sum(said[0] == "won" for each in seen.values() for said in each.values())
        counts[f"told who and when of {crowd}"] = sum(
            said[0] == "closed" for each in seen.values() for said in each.values()
        )
        tell(f"one_winner: {len(seen)} tasks, {crowd} people each")
    return Outcome(
        row="one_winner",
        database=place.name,
        counts=counts,
        faults=tuple(faults),
        seconds=time.perf_counter() - began,
    )


def prepare(database: Database, tasks: int) -> None:
    """That many cases with a department, whose eight people share one queue."""
    made = office.found(database)
    door = office.door(database)
    for n in range(max(CROWDS) - 1):
        person = door.add_person(f"clerk{n}", name_zh=f"{n}号科员", name_en=f"Clerk {n}", actor=SYSTEM)
        door.grant(person, made.bureau, "department", actor=SYSTEM)
    office.open_cases(database, made, tasks)
    with office.door(database, office.LATER).batch() as batch:
        for command in office.commands(made, office.case_ids(database)):
            if command.trigger == "dispatch":
                command.do(batch)
                batch.rest()


def race(url: str, folder: Path, crowd: int) -> dict[int, dict[int, Any]]:
    """Case → person → what that one was told. Everybody is a process, and all start for a task together."""
    database = Database(url)
    people = clerks(database)[:crowd]
    wanted = tasks(database)
    database.dispose()
    office.library()
    clock = Clock(office.LATER, pace=1.0)
    clock.begin()
    barrier = get_context("fork").Barrier(crowd, timeout=PATIENCE)
    herd = Herd(folder / "processes.log")
    try:
        for person in people:
            herd.begin(f"person {person}", lambda person=person: compete(url, person, wanted, barrier, clock, folder))
        while herd.passing:
            herd.insist()
            time.sleep(0.01)
    finally:
        herd.end()
    seen: dict[int, dict[int, Any]] = {case: {} for case, _ in wanted}
    for person in people:
        for line in (folder / f"{person}.log").read_text(encoding="utf-8").splitlines():
            case, *said = json.loads(line)
            seen[case][person] = said
    return seen


def compete(url: str, person: int, wanted: Sequence[tuple[int, int]], barrier: Any, clock: Clock, folder: Path) -> None:
    """One person, task after task."""
    door = Workflow(Database(url), office.library(), clock=clock)
    with (folder / f"{person}.log").open("w", encoding="utf-8") as log:
        for case, task in wanted:
            barrier.wait()
            try:
                form = {"findings": f"{person}查明", "cause": "sorting"}
                after = door.perform(case, TRIGGER, task=task, actor=Actor(person), form=form)
            except TaskClosed as closed:
                names = messages.Names(directory=door.directory(), zone=ZONE)
                words = [messages.sentence(closed, language, names=names) for language in ("zh", "en")]
                said: list[Any] = ["closed", closed.facts["who"], micros(closed.facts["at"]), words]
            except Refused as refused:
                said = ["refused", repr(refused)]
            else:
                said = ["won", after.seq]
            log.write(json.dumps([case, *said], ensure_ascii=False) + "\n")


def judged(url: str, seen: dict[int, dict[int, Any]], crowd: int) -> Iterator[str]:
    """What is wrong: with the number of winners, with what the others were told, with the history."""
    database = Database(url)
    directory = office.door(database).directory()
    with database.reading() as connection:
        for case, each in seen.items():
            steps = [history.step(row) for row in history.rows(connection, case)]
            done = [step for step in steps if step.trigger == TRIGGER]
            winners = [person for person, said in each.items() if said[0] == "won"]
            if len(each) != crowd or len(winners) != 1 or [step.actor.person for step in done] != winners:
                yield f"case {case}: {len(done)} steps, won by {winners} of {crowd}: {each}"
                continue
            name = directory.persons[winners[0]].name
            for person, said in each.items():
                if person == winners[0]:
                    continue
                told = [winners[0], micros(done[0].recorded)]
                if said[0] != "closed" or said[1:3] != told or name.zh not in said[3][0] or name.en not in said[3][1]:
                    yield f"case {case}: {person} was told {said} instead of {told}"
        yield from unrecorded(connection, len(seen) * (crowd - 1))
    database.dispose()


def unrecorded(connection: Connection, wanted: int) -> Iterator[str]:
    found = Counter(connection.scalars(select(t.refusals.c.code)).all())
    if found != {"TaskClosed": wanted}:
        yield f"{wanted} were refused, and on record are {dict(found)}"


def clerks(database: Database) -> list[int]:
    """Everybody in the department."""
    with database.reading() as connection:
        found = select(t.persons.c.id).where(t.persons.c.login.like("clerk%") | (t.persons.c.login == "department"))
        return list(connection.scalars(found.order_by(t.persons.c.id)))


def tasks(database: Database) -> list[tuple[int, int]]:
    """Case and number of every task of the department."""
    with database.reading() as connection:
        found = select(t.tasks.c.case_id, t.tasks.c.no).where(t.tasks.c.name == TASK).order_by(t.tasks.c.case_id)
        return [(int(case), int(no)) for case, no in connection.execute(found)]
