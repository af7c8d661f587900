"""Verdicts: every history of the demonstration decided again, all anew and as a night does it.

The limit of all anew is what no judge can do without: the histories read, parsed, folded, and their chains worked out.
By turns with it, since the speed of a shared processor wanders.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bench import office
from bench.figures import Figure, Spread
from bench.places import Place
from workflow import Workflow
from workflow.assembly import store_definitions, with_stored
from workflow.audit.archive import History
from workflow.audit.rounds import SHARES, Looked, Rounds, portions, without_pauses
from workflow.audit.verdict import Verdict
from workflow.core.replay import replay
from workflow.customers.scheme import scheme_of
from workflow.intake.demo.build import play
from workflow.settings import Settings
from workflow.storage.database import Database
from workflow.storage.queries import past

END = datetime(2026, 10, 30, 9, tzinfo=UTC)
DAYS = timedelta(days=120)
SECRET = bytes(32)


def build(database: Database, size: float) -> None:
    """What the demonstration plays, up to a fixed day: all lifecycles in the shares of a working organisation."""
    workflow = Workflow(database, office.library(), clock=lambda: END)
    store_definitions(database, office.library(), END)
    workflow.adopt_calendars()
    scheme = scheme_of(Settings().tiers)
    begin = (END - DAYS).replace(hour=0, minute=30)
    play(workflow, scheme=scheme, progress=lambda *_: None, seed=2026, begin=begin, now=END, size=size)


def measure(place: Place, *, quick: bool) -> Iterator[Figure]:
    """By the processor time of this process: on PostgreSQL the server's comes on top."""
    size, rounds = (0.1, 2) if quick else (1.0, 5)
    template = place.template(f"demonstration{size}", lambda database: build(database, size))
    with place.copy(template) as url:
        database = Database(url)
        anew, floor = [], []
        for _ in range(rounds):
            floor.append(_folded(database))
            anew.append(_run(database, END + timedelta(hours=3), anew=True))
        nights = [_run(database, END + timedelta(days=1 + n), anew=False) for n in range(SHARES * rounds)]
        database.dispose()
    yield _figure("verdicts, all found anew", place, anew, floor)
    yield _figure("verdicts of a night", place, nights)


def sampled(url: str, database: str, histories: int) -> Figure:
    """The verdicts of so many histories found anew, or a few more."""
    store, enough, count = Database(url), threading.Event(), 0

    def each(verdict: Verdict) -> None:
        nonlocal count
        assert not verdict.differences, verdict.differences[:3]
        count += 1
        if count >= histories:
            enough.set()

    with without_pauses():
        began = time.process_time()
        rounds = Rounds(store, with_stored(store, office.library()), secret=SECRET)
        looked = rounds.judge(scope="all", at=datetime.now(UTC), each=each, stopping=enough)
        took = time.process_time() - began
    store.dispose()
    rate = Spread.of([looked.anew / took])
    return Figure(
        "verdicts, all found anew", database, "/s", rate, rounds=1, facts={"steps": looked.anew, "histories": count}
    )


def _run(database: Database, at: datetime, *, anew: bool) -> tuple[Looked, float]:
    with without_pauses():
        began = time.process_time()
        looked = Rounds(database, office.library(), secret=SECRET).judge(scope="all", at=at, anew=anew)
        return looked, time.process_time() - began


def _folded(database: Database) -> float:
    """Seconds of the processor for all that is done with a history but deciding it."""
    with without_pauses():
        began = time.process_time()
        with database.reading() as connection:
            heads = past.heads(connection)
        for portion in portions(heads):
            with database.reading() as connection:
                histories = past.rows(connection, [head.case for head in portion])
            for rows in histories.values():
                history = History(rows)
                assert history.hashes is not None, "a chain is broken"
                assert replay(history.steps) is not None, "a history is empty"
        return time.process_time() - began


def _figure(name: str, place: Place, runs: list[tuple[Looked, float]], floor: list[float] | None = None) -> Figure:
    steps = [looked.anew + looked.stood for looked, _ in runs]
    facts = {
        "steps": steps[0],
        "decided again": round(sum(looked.anew for looked, _ in runs) / len(runs)),
        "seconds of the processor": round(sum(took for _, took in runs) / len(runs), 2),
    }
    rates = Spread.of([count / took for count, (_, took) in zip(steps, runs, strict=True)])
    if floor is None:
        return Figure(name, place.name, "/s", rates, rounds=len(runs), facts=facts)
    limit = Spread.of([count / least for count, least in zip(steps, floor, strict=True)])
    ratio = Spread.of([least / took for least, (_, took) in zip(floor, runs, strict=True)])
    return Figure(name, place.name, "/s", rates, limit, ratio, rounds=len(runs), facts=facts)
