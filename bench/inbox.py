"""The inbox of a person who has far too many tasks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Connection, insert

from bench import office
from bench.figures import Figure, Spread
from bench.places import Place
from workflow import Actor
from workflow.storage.database import Database
from workflow.storage.tables import cases, tasks

MOST = 5.0
PORTION = 10_000


def fill(connection: Connection, made: office.Office, count: int) -> None:
    """Open tasks of one person, as rows alone: the reads look at nothing else."""
    at, person = office.BEGIN, made.managers[0]
    case = {
        "kind": "case", "definition": office.LIFECYCLE, "version": 1, "unit_id": made.city, "state": "received",
        "phase": "intake", "marks": "", "opened": at, "seq": 1, "head": b"h", "body": "{}",
        "customer_id": made.customers[0],
    }  # fmt: skip
    task = {
        "no": 1, "name": "triage", "definition": office.LIFECYCLE, "unit_id": made.city, "role": "account_manager",
        "opened": at, "assignee_id": person, "customer_id": made.customers[0],
    }  # fmt: skip
    for first in range(1_000_000, 1_000_000 + count, PORTION):
        numbers = range(first, min(first + PORTION, 1_000_000 + count))
        rows = [{**case, "id": n, "number": f"N{n}", "updated": at - timedelta(seconds=n % 9999)} for n in numbers]
        connection.execute(insert(cases), rows)
        due = [{**task, "case_id": n, "due": at + timedelta(seconds=(n * 7919) % count - count // 2)} for n in numbers]
        connection.execute(insert(tasks), due)


def measure(place: Place, *, quick: bool) -> Iterator[Figure]:
    count = 100_000

    def build(database: Database) -> None:
        made = office.found(database)
        with database.writing() as connection:
            fill(connection, made, count)

    with place.copy(place.template("inbox", build)) as url:
        database = Database(url)
        made = office.again(database)
        door, reader = office.door(database), Actor(made.managers[0])
        page = door.inbox(reader)
        assert page.rows, "the inbox is empty"
        busy, wall = [], []
        for _ in range(20 if quick else 100):
            cpu, began = time.process_time(), time.perf_counter()
            door.inbox(reader)
            wall.append(1000 * (time.perf_counter() - began))
            busy.append(1000 * (time.process_time() - cpu))
        database.dispose()
    yield Figure(
        "inbox with 100,000 open tasks", place.name, "CPU ms", Spread.of(busy), most=MOST, rounds=len(busy),
        facts={"on the clock ms": Spread.of(wall).middle, "rows shown": len(page.rows)},
    )  # fmt: skip
