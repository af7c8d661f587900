"""Every history judged: each night those with new steps, once a week all of them again, and whenever somebody asks."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Sequence
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
from workflow.storage.queries.past import Head
from workflow.storage.verdicts import Kept, Totals

NIGHT = time(2, 0)
"""When the day's histories are judged, in the zone of the house."""

WEEK = timedelta(days=7)
PORTION = 200
"""Histories read, judged and written at a time, or a few more."""

MOST_AT_ONCE = 400

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
        looked = done = 0
        with self.database.reading() as connection:
            heads = past.heads(connection, behind=scope != "all")
        for portion in portions(heads):
            if stopping is not None and stopping.is_set():
                break
            found = self.portion(portion)
            with self.database.writing() as connection:
                verdicts.keep(connection, (kept(one, at) for one in found))
            if each is not None:
                for one in found:
                    each(one)
            looked, done = looked + sum(one.steps for one in found), done + len(found)
            if told is not None:
                told("Histories decided again:", done)
        return looked

    def one(self, case: int) -> Verdict:
        """The verdict on one history. Raises `CaseNotFound`."""
        with self.database.reading() as connection:
            head = past.head(connection, case)
        if head is None:
            raise CaseNotFound(case=case)
        return self.portion([head])[0]

    def definition(self, case: int) -> Definition | None:
        """The version of the lifecycle a case began on; None for a record, and where that cannot be read."""
        step = self.archive.first(case)
        if step is None or not step.ops or not isinstance(step.ops[0][1], dict):
            return None
        return self.archive.library.versions.get((step.ops[0][1].get("definition", ""), step.version))

    def portion(self, heads: Sequence[Head]) -> list[Verdict]:
        """The verdicts on some histories, which are read at once."""
        ids = [head.case for head in heads]
        with self.database.reading() as connection:
            histories = past.many(connection, ids)
            secrets = past.secrets(connection, ids)
        for case, steps in histories.items():
            self.archive.hold(case, steps)
        return [
            self.judge_.verdict(one.case, one.number, one.kind, histories[one.case], secrets[one.case]) for one in heads
        ]


def portions(heads: Sequence[Head]) -> Iterator[Sequence[Head]]:
    """A portion at a time, a customer's histories in one where they fit: they ask for each other."""
    begin = 0
    while begin < len(heads):
        end = min(begin + PORTION, len(heads))
        while begin < end < len(heads) and heads[end].about == heads[end - 1].about and end < begin + MOST_AT_ONCE:
            end += 1
        yield heads[begin:end]
        begin = end


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
