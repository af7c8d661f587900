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


def ours(place: Place, material: Material, *, keys: bool = False) -> tuple[float, float]:
    """Seconds and CPU seconds of the commands after the warm-up."""
    warm = WARM * len(office.STORY)
    with place.copy(material.template) as url:
        database = Database(url)
        door = office.door(database, office.LATER)
        for one in material.commands[:warm]:
            one.do(door, key=f"{one.case}-{one.trigger}" if keys else None)
        gc.collect()
        cpu, began = time.process_time(), time.perf_counter()
        for one in material.commands[warm:]:
            one.do(door, key=f"{one.case}-{one.trigger}" if keys else None)
        spent = time.perf_counter() - began, time.process_time() - cpu
        database.dispose()
    return spent


def theirs(place: Place, material: Material) -> float:
    """Seconds of the same by hand."""
    warm = WARM * len(office.STORY)
    with place.copy(material.template) as url:
        connection = bare(url)
        limit.replayed(connection, material.transactions[:warm])
        gc.collect()
        began = time.perf_counter()
        limit.replayed(connection, material.transactions[warm:])
        spent = time.perf_counter() - began
        connection.close()
    return spent


def measure(place: Place, *, quick: bool) -> Iterator[Figure]:
    material = prepare(place, 100 if quick else 300)
    count = len(material.commands) - WARM * len(office.STORY)
    rounds, cpu, keyed = [], [], []
    for turn in range(3 if quick else 7):
        hand = theirs(place, material) if turn % 2 else None
        seconds, busy = ours(place, material)
        rounds.append((seconds, hand if hand is not None else theirs(place, material)))
        cpu.append(1000 * busy / count)
        keyed.append(1000 * ours(place, material, keys=True)[1] / count)
    yield compared(
        "transition, one writer", place.name, rounds, count=count, aim=AIM[place.name],
        facts={"CPU ms each": median(cpu), "with a key": median(keyed), "transitions a round": count},
    )  # fmt: skip
