"""Verifying and replaying histories: every hash over the stored columns, the fold, and the case compared."""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench import office
from bench.figures import Figure, Spread
from bench.places import Place
from workflow import Actor
from workflow.audit.log.keeper import PORTION
from workflow.service.verification import several
from workflow.storage.database import Database

CASE = 50
"""Steps of a case."""


def build(database: Database, steps: int) -> None:
    made = office.found(database)
    office.open_cases(database, made, steps // CASE)
    door = office.door(database, office.LATER)
    ids = office.case_ids(database)
    with door.batch() as batch:
        for case, customer in ids:
            for n in range(CASE - 1 - len(office.STORY)):
                actor = Actor(made.manager(customer))
                batch.perform(case, "record_progress", actor=actor, form={"progress": f"第{n}次跟进，已与现场联系。"})
            for one in office.commands(made, [(case, customer)]):
                one.do(batch)
            batch.rest()


def measure(place: Place, *, quick: bool) -> Iterator[Figure]:
    stored, wanted = (5_000, 50_000) if quick else (25_000, 1_000_000)
    template = place.template(f"history{stored}", lambda database: build(database, stored))
    rates = []
    done = 0
    with place.copy(template) as url:
        database = Database(url)
        ids = [case for case, _ in office.case_ids(database)]
        while done < wanted:
            began, steps = time.perf_counter(), 0
            for begin in range(0, len(ids), PORTION):
                for verdict in several(database, ids[begin : begin + PORTION]):
                    assert verdict.holds, f"case {verdict.case} does not hold"
                    steps += verdict.steps
            rates.append(steps / (time.perf_counter() - began))
            done += steps
        database.dispose()
    yield Figure(
        "verify and replay steps", place.name, "/s", Spread.of(rates), rounds=len(rates),
        facts={"steps": done, "of them stored": done // len(rates)},
    )  # fmt: skip
