"""A form was done and its answer never came: sent again it is answered as the first time, and not done again.

Two servers; every form goes to one of them at random, and again to one at random. Of every four, one is cut off right
after it was sent, so that the second may meet the first still at work. Then the same key comes with another text.
"""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sqlalchemy import select

from bench import office
from bench.places import Place
from bench.storm.killing import proof
from bench.storm.killing.people import Asked, Group, Notebook, Person, by_customer
from bench.storm.killing.processes import Herd
from bench.storm.killing.servers import House
from bench.storm.killing.vigils import STAGGER, Clock, prepare
from bench.storm.killing.visitor import Visitor
from bench.storm.outcome import Outcome, Size
from workflow.storage import tables as t
from workflow.storage.database import Database

COMMANDS: dict[Size, int] = {"small": 16, "usual": 1000, "release": 10_000}
SERVERS = 2
GROUPS = 2
VIGILS = 40
CUT_OFF = 4
"""Of so many forms, one is cut off without waiting for anything."""

OTHER = "这是另一句话。"
SAID_IN = {
    "open": "f.text",
    "note": "f.remark",
    "dispatch": "f.question",
    "report": "f.findings",
    "answer": "f.reply",
    "comment": "comment",
}
"""Trigger → the field of its form that is changed for the same key with another payload."""

REUSED = 422


def run(place: Place, size: Size) -> Outcome:
    began = time.perf_counter()
    template = place.template(f"vigils{VIGILS}", lambda database: prepare(database, VIGILS))
    folder = Path(mkdtemp(dir=place.folder.parent))
    try:
        with place.copy(template) as url:
            doubts = asked_thrice(url, folder, COMMANDS[size])
            faults = [*judged(doubts), *proved(url, folder, doubts)]
    finally:
        shutil.rmtree(folder)
    counts: dict[str, int | float | str] = {
        "commands": len(doubts),
        "answers compared": sum(one.first is not None for one in doubts),
        "cut off in flight": sum(one.first is None for one in doubts),
        "other payloads refused": sum(one.third == REUSED for one in doubts),
    }
    seconds = time.perf_counter() - began
    return Outcome(row="lost_answers", database=place.name, counts=counts, faults=tuple(faults), seconds=seconds)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Status and place of both answers to a form sent twice, `first` None where it was cut off; then only a status."""

    key: str
    first: list[Any] | None
    second: list[Any]
    third: int


class Doubter(Person):
    """Sends everything three times: again because no answer came, and then with the same key and another text."""

    def __init__(self, visitor: Visitor, person: int, notebook: Notebook, *, doubts: list[Doubt]) -> None:
        super().__init__(visitor, person, notebook)
        self.doubts = doubts

    def repeat(self, path: str, fields: dict[str, str], *, trigger: str, case: int) -> int:
        key = self.key_of(fields)
        self.notebook.note(Asked(key, trigger, case))
        first = None
        if len(self.doubts) % CUT_OFF == 0:
            self.visitor.cut_off(path, fields)
        else:
            first = self.visitor.send(path, fields).told()
        second = self.visitor.send(path, fields)
        third = self.visitor.send(path, {**fields, SAID_IN[trigger]: OTHER})
        self.doubts.append(Doubt(key, first, second.told(), third.status))
        return self.answered(second, Asked(key, trigger, case, (second.status, second.location), tries=2))


def asked_thrice(url: str, folder: Path, wanted: int) -> list[Doubt]:
    """People at the pages of two servers until about so many forms were sent."""
    database = Database(url)
    made, vigils = office.again(database), by_customer(office.case_ids(database))
    database.dispose()
    house = House(url, folder, Clock(office.BEGIN + STAGGER, pace=1.0))
    house.warm("manager0", ["/cases/", f"/cases/new/{office.LIFECYCLE}?customer={made.customers[0]}"])
    ports = [house.reserve() for _ in range(SERVERS)]
    herd = Herd(folder / "processes.log")

    def live(group: int) -> None:
        doubts: list[Doubt] = []
        Group(
            number=group,
            of=GROUPS,
            made=made,
            vigils=vigils,
            notebook=Notebook(folder / f"asked-{group}.log"),
            over=lambda: len(doubts) >= wanted // GROUPS,
            person=partial(Doubter, doubts=doubts),
        ).live(ports)
        text = json.dumps([asdict(one) for one in doubts])
        (folder / f"doubts-{group}.json").write_text(text, encoding="utf-8")

    try:
        for port in ports:
            herd.keep(lambda port=port: house.serve(port))
        for group in range(GROUPS):
            herd.begin(f"group {group}", lambda group=group: live(group))
        while herd.passing:
            herd.insist()
            time.sleep(0.01)
    finally:
        herd.end()
        house.close()
    written = [json.loads((folder / f"doubts-{group}.json").read_text(encoding="utf-8")) for group in range(GROUPS)]
    return [Doubt(**one) for group in written for one in group]


def judged(doubts: Sequence[Doubt]) -> Iterator[str]:
    for one in doubts:
        if one.first not in (None, one.second):
            yield f"answered otherwise the second time: {one}"
        if one.third != REUSED:
            yield f"the same key with another text was answered with {one.third}: {one}"


def proved(url: str, folder: Path, doubts: Sequence[Doubt]) -> Iterator[str]:
    """Each once, and every other payload on record as refused, nothing else."""
    database = Database(url)
    asked: dict[str, Asked] = {}
    for group in range(GROUPS):
        asked |= Notebook(folder / f"asked-{group}.log").read()
    with database.reading() as connection:
        past = proof.Past.of(connection)
        there = {case for case, steps in past.steps.items() if steps[0].recorded < office.BEGIN + STAGGER}
        yield from proof.lost_or_doubled(connection, past, asked, there=there)
        yield from proof.rows_and_files(connection)
        found = Counter(connection.scalars(select(t.refusals.c.code)).all())
        if found != {"KeyReused": len(doubts)}:
            yield f"{len(doubts)} keys were used again, and on record are {dict(found)}"
    yield from proof.chains(database, list(past.steps))
    database.dispose()
