"""Timers fired from a backlog, in batches, against one commit for each timer by hand."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

from bench import limit, office
from bench.figures import Figure, Spread
from bench.places import Place, bare
from workflow.storage.database import Database

AIM = {"sqlite": 0.75, "postgresql": 1.2}
BATCH = 100


def swept(url: str, *, limit: int, count: int) -> float:
    """Seconds to fire so many timers."""
    database = Database(url)
    door = office.door(database, office.DUE)
    door.fire_due(limit=limit)
    gc.collect()
    fired, began = 0, time.perf_counter()
    while fired < count:
        now = door.fire_due(limit=limit).timers
        assert now, "the backlog is smaller than it should be"
        fired += now
    spent = (time.perf_counter() - began) * count / fired
    database.dispose()
    return spent


def measure(place: Place, *, quick: bool) -> Iterator[Figure]:
    backlog = 1_000 if quick else 10_000
    singles = 200 if quick else 1_000

    def build(database: Database) -> None:
        office.open_cases(database, office.found(database), backlog + BATCH)

    template = place.template(f"backlog{backlog}", build)
    with place.copy(template) as url:
        database = Database(url)
        door = office.door(database, office.DUE)
        ids = [case for case, _ in office.case_ids(database)][:singles]
        transactions = limit.recorded((case, lambda: door.fire_due(limit=1)) for case in ids)
        database.dispose()
    ours, single, hand = [], [], []
    for _ in range(3 if quick else 5):
        with place.copy(template) as url:
            connection = bare(url)
            began = time.perf_counter()
            limit.replayed(connection, transactions)
            hand.append(singles / (time.perf_counter() - began))
            connection.close()
        with place.copy(template) as url:
            ours.append(backlog / swept(url, limit=BATCH, count=backlog))
        with place.copy(template) as url:
            single.append(singles / swept(url, limit=1, count=singles))
    for name, rates, aim in (
        (f"timers, batches of {BATCH}", ours, AIM[place.name]),
        ("timers, one by one", single, None),
    ):
        ratio = Spread.of([mine / other for mine, other in zip(rates, hand, strict=True)])
        yield Figure(
            name, place.name, "/s", Spread.of(rates), Spread.of(hand), ratio, aim=aim, rounds=len(rates),
            facts={"backlog": backlog},
        )  # fmt: skip
