"""A person's transition with several writers at once, as threads of one process and as processes."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench import limit, office
from bench.figures import Figure, compared
from bench.places import Place, bare
from bench.transition import prepare
from workflow import Workflow
from workflow.storage.database import Database

WRITERS = (2, 4, 8)
PATIENCE = 60.0
"""Seconds a writer waits for the others: here nobody gives up."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one writer does: commands through the door, or the same by hand."""

    url: str
    commands: Sequence[office.Command] = ()
    transactions: Sequence[limit.Transaction] = ()


def told(door: Workflow, commands: Sequence[office.Command]) -> list[float]:
    """Seconds each command took."""
    taken = []
    for one in commands:
        began = time.perf_counter()
        one.do(door)
        taken.append(time.perf_counter() - began)
    return taken


def process(share: Share, together: Any, answers: Any) -> None:
    """One writer as a process of its own."""
    if share.commands:
        database = Database(share.url, lock_timeout=PATIENCE)
        door = office.door(database, office.LATER)
        door.directory()
        together.wait()
        began = time.monotonic()
        taken = told(door, share.commands)
        answers.put((began, time.monotonic(), taken))
        database.dispose()
    else:
        connection = bare(share.url)
        together.wait()
        began = time.monotonic()
        limit.replayed(connection, list(share.transactions))
        answers.put((began, time.monotonic(), []))
        connection.close()


def by_processes(shares: Sequence[Share]) -> tuple[float, list[float]]:
    """Seconds from the first beginning to the last end, and of each command."""
    context = multiprocessing.get_context("spawn")
    together, answers = context.Barrier(len(shares)), context.Queue()
    started = [context.Process(target=process, args=(share, together, answers)) for share in shares]
    for one in started:
        one.start()
    got = [answers.get(timeout=600) for _ in started]
    for one in started:
        one.join()
    return max(end for _, end, _ in got) - min(begin for begin, _, _ in got), [t for _, _, ts in got for t in ts]


def by_threads(shares: Sequence[Share]) -> tuple[float, list[float]]:
    """As `by_processes`; the door is one for all of them."""
    database = Database(shares[0].url, lock_timeout=PATIENCE)
    door = office.door(database, office.LATER)
    together = threading.Barrier(len(shares))
    got: list[tuple[float, float, list[float]]] = []

    def work(share: Share) -> None:
        connection = None if share.commands else bare(share.url)
        together.wait()
        began = time.monotonic()
        taken = [] if connection is not None else told(door, share.commands)
        if connection is not None:
            limit.replayed(connection, list(share.transactions))
        got.append((began, time.monotonic(), taken))
        if connection is not None:
            connection.close()

    threads = [threading.Thread(target=work, args=(share,)) for share in shares]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    database.dispose()
    assert len(got) == len(shares), "a writer failed"
    return max(end for _, end, _ in got) - min(begin for begin, _, _ in got), [t for _, _, ts in got for t in ts]


def measure(place: Place, *, quick: bool) -> Iterator[Figure]:
    material = prepare(place, 40 if quick else 240)
    story = len(office.STORY)
    for kind, run in (("threads", by_threads), ("processes", by_processes)):
        for writers in (2,) if quick else WRITERS:
            rounds, taken = [], []
            cuts = [slice(n * story, (n + 1) * story) for n in range(len(material.commands) // story)]
            for _ in range(1 if quick else 3):
                with place.copy(material.template) as url:
                    hand, _ = run(
                        [
                            Share(url, transactions=[t for cut in cuts[n::writers] for t in material.transactions[cut]])
                            for n in range(writers)
                        ]
                    )
                with place.copy(material.template) as url:
                    seconds, each = run(
                        [
                            Share(url, commands=[c for cut in cuts[n::writers] for c in material.commands[cut]])
                            for n in range(writers)
                        ]
                    )
                rounds.append((seconds, hand))
                taken.extend(each)
            p99 = 1000 * sorted(taken)[int(len(taken) * 0.99)]
            yield compared(
                f"transition, {writers} {kind}", place.name, rounds, count=len(material.commands), facts={"p99 ms": p99}
            )
