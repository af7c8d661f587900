"""People at work while things go wrong: complaint after complaint, every command under its own key."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select

from bench import office
from bench.storm.crew import Log
from bench.storm.sound import Seen
from workflow import Actor, StorageUnavailable, Workflow
from workflow.core.case import Case
from workflow.storage import tables as t
from workflow.storage.database import Database

T = TypeVar("T")

Click = Callable[[], Case]


@dataclass(frozen=True, slots=True)
class Desk:
    """One person's place. `number`: of `people` who share the customers out among them."""

    door: Workflow
    made: office.Office
    log: Log
    number: int = 0
    people: int = 2

    def work(self, working: Callable[[], bool], *, pause: float = 0.0) -> None:
        """Complaint after complaint, noting of each command its key, case, seq and how long it took (seconds)."""
        for n in range(1_000_000):
            customer = self.made.customers[(self.people * n + self.number) % len(self.made.customers)]
            for key, click in story(self.door, self.made, customer, f"{self.number}-{n}"):
                if not working():
                    return
                began = time.perf_counter()
                after = patient(click)
                self.log.note(key, after.id, after.seq, time.perf_counter() - began)
                time.sleep(pause)


def story(door: Workflow, made: office.Office, customer: int, prefix: str) -> Iterator[tuple[str, Click]]:
    """Each command of one complaint with its key. The case is that of the first, so they are done in turn."""
    case = 0

    def opening() -> Case:
        nonlocal case
        actor = Actor(made.manager(customer))
        opened = door.open(office.LIFECYCLE, customer=customer, actor=actor, data=office.FORM, key=f"{prefix}-open")
        case = opened.id
        return opened

    yield f"{prefix}-open", opening
    for place, (trigger, _, _) in enumerate(office.STORY):
        command = office.commands(made, [(case, customer)])[place]
        key = f"{prefix}-{trigger}"
        yield key, lambda command=command, key=key: command.do(door, key=key)


def patient(do: Callable[[], T]) -> T:
    """Again as long as others hold the database, as a person would press the button again."""
    while True:
        try:
            return do()
        except StorageUnavailable as unavailable:
            if unavailable.reason != "busy":
                raise


def faults(database: Database, seen: Seen, logs: list[Log]) -> list[str]:
    """What was acknowledged is there, where it was said to be; each command is in its history once."""
    acknowledged = {key: (case, seq) for log in logs for key, case, seq, *_ in log.lines()}
    with database.reading() as connection:
        kept = {row.key: (row.case_id, row.seq) for row in connection.execute(select(t.idempotency))}
    found = [f"lost: {key}" for key, where in acknowledged.items() if kept.get(key) != where]
    pulled: dict[int, Counter[str]] = {}
    for key, (case, _) in kept.items():
        pulled.setdefault(case, Counter())[key.rpartition("-")[2]] += 1
    for case, wanted in pulled.items():
        own = [step for step in seen.steps[case] if step.actor.person is not None and step.kind in ("open", "trigger")]
        if (done := Counter(step.trigger for step in own)) != wanted:
            found.append(f"case {case}: {dict(done)} for the commands {dict(wanted)}")
    return found


def spent(logs: list[Log]) -> list[float]:
    """How long each acknowledged command took, in seconds."""
    return [line[3] for log in logs for line in log.lines()]


def p99(seconds: list[float]) -> float:
    """The 99th percentile; without an end when there is none."""
    return sorted(seconds)[max(0, -(-len(seconds) * 99 // 100) - 1)] if seconds else float("inf")
