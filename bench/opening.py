"""Opening a case: a person's form, personal values in the vault, the first task, the clock and its timer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from bench import limit, office
from bench.figures import Figure, compared
from bench.places import Place, bare
from workflow import Actor, Workflow
from workflow.storage.database import Database

WARM = 20


def openings(door: Workflow, made: office.Office, count: int) -> list[Callable[[], object]]:
    def one(customer: int) -> Callable[[], object]:
        actor = Actor(made.manager(customer))
        return lambda: door.open(office.LIFECYCLE, customer=customer, actor=actor, data=office.FORM)

    return [one(made.customers[n % len(made.customers)]) for n in range(count)]


def measure(place: Place, *, quick: bool) -> Iterator[Figure]:
    count = WARM + (100 if quick else 600)

    def build(database: Database) -> None:
        office.found(database)

    template = place.template("office", build)
    with place.copy(template) as url:
        database = Database(url)
        made = office.again(database)
        todo = openings(office.door(database), made, count)
        # What is locked is the customer's record.
        locked = [made.customers[n % len(made.customers)] for n in range(count)]
        transactions = limit.recorded(zip(locked, todo, strict=True))
        database.dispose()
    rounds = []
    for _ in range(3 if quick else 5):
        with place.copy(template) as url:
            connection = bare(url)
            limit.replayed(connection, transactions[:WARM])
            began = time.perf_counter()
            limit.replayed(connection, transactions[WARM:])
            hand = time.perf_counter() - began
            connection.close()
        with place.copy(template) as url:
            database = Database(url)
            todo = openings(office.door(database), made, count)
            for do in todo[:WARM]:
                do()
            began = time.perf_counter()
            for do in todo[WARM:]:
                do()
            rounds.append((time.perf_counter() - began, hand))
            database.dispose()
    yield compared("opening a case", place.name, rounds, count=count - WARM)
