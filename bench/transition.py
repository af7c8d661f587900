"""A person's transition, one writer: authorisation, guard, form, chain, tasks, timers, clocks, outbox."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from bench import limit, office
from bench.figures import Figure, compared
from bench.places import Place, bare
from workflow.storage.database import Database

AIM = {"sqlite": 0.35, "postgresql": 0.5}
WARM = 10
"""Cases told before the clock is started: statements are prepared, caches are filled."""


@dataclass(frozen=True, slots=True)
class Material:
    """A template of open cases, what is to happen to them, and what that writes."""

    template: str
    commands: list[office.Command]
    transactions: list[limit.Transaction]


def prepare(place: Place, cases: int) -> Material:
    def build(database: Database) -> None:
        office.open_cases(database, office.found(database), cases + WARM)

    template = place.template(f"story{cases}", build)
    with place.copy(template) as url:
        database = Database(url)
        commands = office.commands(office.again(database), office.case_ids(database))
        door = office.door(database, office.LATER)
        transactions = limit.recorded((one.case, lambda one=one: one.do(door)) for one in commands)
        database.dispose()
    return Material(template, commands, transactions)


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds in all, CPU seconds in all, and the seconds of each transition in order."""

    seconds: float
    busy: float
    each: list[float]

    @property
    def typical(self) -> float:
        """A story of median transitions: what it takes when nobody else uses the machine in between."""
        story = len(office.STORY)
        return sum(median(self.each[place::story]) for place in range(story))


def ours(place: Place, material: Material, *, keys: bool = False) -> Round:
    """The commands after the warm-up, through the door."""
    warm = WARM * len(office.STORY)
    with place.copy(material.template) as url:
        database = Database(url)
        door = office.door(database, office.LATER)

        def told(commands: list[office.Command]) -> list[float]:
            taken = []
            for one in commands:
                began = time.perf_counter()
                one.do(door, key=f"{one.case}-{one.trigger}" if keys else None)
                taken.append(time.perf_counter() - began)
            return taken

        told(material.commands[:warm])
        gc.collect()
        busy, began = time.process_time(), time.perf_counter()
        each = told(material.commands[warm:])
        spent = Round(time.perf_counter() - began, time.process_time() - busy, each)
        database.dispose()
    return spent


def theirs(place: Place, material: Material) -> Round:
    """The same by hand."""
    warm = WARM * len(office.STORY)
    with place.copy(material.template) as url:
        connection = bare(url)
        limit.replayed(connection, material.transactions[:warm])
        gc.collect()
        busy, began = time.process_time(), time.perf_counter()
        each = limit.replayed(connection, material.transactions[warm:])
        spent = Round(time.perf_counter() - began, time.process_time() - busy, each)
        connection.close()
    return spent


def measure(place: Place, *, quick: bool) -> Iterator[Figure]:
    material = prepare(place, 100 if quick else 300)
    count = len(material.commands) - WARM * len(office.STORY)
    mine, hands, keyed = [], [], []
    for turn in range(3 if quick else 7):
        order = (ours, theirs) if turn % 2 else (theirs, ours)
        done = {run: run(place, material) for run in order}
        mine.append(done[ours])
        hands.append(done[theirs])
        keyed.append(ours(place, material, keys=True))
    rounds = [(one.seconds, hand.seconds) for one, hand in zip(mine, hands, strict=True)]
    yield compared(
        "transition, one writer", place.name, rounds, count=count, aim=AIM[place.name],
        facts={
            "ratio of typical ones": min(one.typical for one in hands) / min(one.typical for one in mine),
            "typical ms": 1000 * min(one.typical for one in mine) / len(office.STORY),
            "CPU ms": 1000 * min(one.busy for one in mine) / count,
            "with a key typical ms": 1000 * min(one.typical for one in keyed) / len(office.STORY),
        },
    )  # fmt: skip
