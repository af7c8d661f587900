"""Every history judged: each night those with new steps, once a week all of them again, and whenever somebody asks."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workflow.audit.archive import StoredArchive
from workflow.audit.judge import Judge
from workflow.audit.known import Known
from workflow.audit.verdict import Verdict
from workflow.core.definition import Definition
from workflow.core.errors import CaseNotFound
from workflow.definitions.library import Library
from workflow.service.organisation import BOOK
from workflow.storage import verdicts
from workflow.storage.database import Database
from workflow.storage.queries import past
from workflow.storage.verdicts import Kept, Totals

NIGHT = time(2, 0)
"""When the day's histories are judged, in the zone of the house."""

WEEK = timedelta(days=7)
PORTION = 200
"""Histories read, judged and written at a time."""

Told = Callable[[str, int], None]
Each = Callable[[Verdict], None]


def nightly(database: Database, library: Library, *, now: Callable[[], datetime], zone: ZoneInfo,
            stopping: threading.Event | None = None) -> Totals | None:  # fmt: skip
    """Judge what is to be judged, once a night however many schedulers ask; None when it was done or is not time."""
    at = now()
    since = last_night(at, zone)
    with database.writing() as connection:
        begun = verdicts.begin(connection, at=at, since=since, whole=at - WEEK + timedelta(hours=1))
    if begun is None:
        return None
    run, scope = begun
    rounds = Rounds(database, library)
    looked = rounds.judge(scope=scope, at=at, stopping=stopping)
    if stopping is not None and stopping.is_set():
        return None
    with database.writing() as connection:
        return verdicts.end(connection, run, at=now(), looked=looked)


def at_once(
    database: Database, library: Library, *, now: Callable[[], datetime], each: Each | None = None,
    told: Told | None = None,
) -> Totals:  # fmt: skip
    """Judge every history now. `each` is called with each verdict."""
    at = now()
    with database.writing() as connection:
        begun = verdicts.begin(connection, at=at, since=None, whole=at + WEEK)
    assert begun is not None  # noqa: S101 - without `since` a run always begins
    with without_pauses():
        looked = Rounds(database, library).judge(scope="all", at=at, each=each, told=told)
    with database.writing() as connection:
        return verdicts.end(connection, begun[0], at=now(), looked=looked)


def last_night(at: datetime, zone: ZoneInfo) -> datetime:
    """The moment after which the last night's run may begin."""
    local = at.astimezone(zone)
    tonight = datetime.combine(local.date(), NIGHT, tzinfo=zone)
    return (tonight if tonight <= local else tonight - timedelta(days=1)).astimezone(UTC)


class Rounds:
    """One run over histories. Readings are short, and so are writings: nobody waits for an auditor."""

    def __init__(self, database: Database, library: Library) -> None:
        self.database = database
        self.archive = StoredArchive(database, library)
        self.judge_ = Judge(Known(self.archive, book=BOOK), library.get)

    def judge(
        self, *, scope: str, at: datetime, each: Each | None = None, told: Told | None = None,
        stopping: threading.Event | None = None,
    ) -> int:  # fmt: skip
        """Judge and keep; gives the number of steps looked at."""
        last = looked = done = 0
        while stopping is None or not stopping.is_set():
            found = self._portion(scope, after=last)
            if not found:
                break
            with self.database.writing() as connection:
                verdicts.keep(connection, (kept(one, at) for one in found))
            if each is not None:
                for one in found:
                    each(one)
            last = found[-1].case
            looked, done = looked + sum(one.steps for one in found), done + len(found)
            if told is not None:
                told("Histories decided again:", done)
        return looked

    def one(self, case: int) -> Verdict:
        """The verdict on one history. Raises `CaseNotFound`."""
        found = self._portion("all", after=case - 1, limit=1)
        if not found or found[0].case != case:
            raise CaseNotFound(case=case)
        return found[0]

    def definition(self, case: int) -> Definition | None:
        """The version of the lifecycle a case began on; None for a record, and where that cannot be read."""
        step = self.archive.first(case)
        if step is None or not step.ops or not isinstance(step.ops[0][1], dict):
            return None
        return self.archive.library.versions.get((step.ops[0][1].get("definition", ""), step.version))

    def _portion(self, scope: str, *, after: int, limit: int = PORTION) -> list[Verdict]:
        with self.database.reading() as connection:
            choose = past.kept if scope == "all" else past.behind
            heads = list(choose(connection, after=after, limit=limit))
            ids = [head[0] for head in heads]
            histories = past.many(connection, ids) if ids else {}
            secrets = past.secrets(connection, ids) if ids else {}
        for case, steps in histories.items():
            self.archive.hold(case, steps)
        return [
            self.judge_.verdict(case, number, kind, histories[case], secrets[case]) for case, number, kind, _ in heads
        ]


def kept(verdict: Verdict, at: datetime) -> Kept:
    """A verdict as it is stored."""
    return Kept(
        case=verdict.case,
        at=at,
        steps=verdict.steps,
        reproduced=verdict.reproduced,
        erased=len(verdict.erased),
        unchecked=len(verdict.unchecked),
        differs=verdict.differs,
        detail={
            "differences": [asdict(one) for one in verdict.differences],
            "unchecked": [asdict(one) for one in verdict.unchecked],
            "erased": list(verdict.erased),
        },
    )


@contextmanager
def without_pauses() -> Iterator[None]:
    """The garbage collector would walk through all that is held again and again, and find nothing."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
