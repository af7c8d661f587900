"""Controls run over all histories: each night, and for a period when somebody asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from workflow.audit.archive import StoredArchive
from workflow.audit.controls.course import Course, Subject
from workflow.audit.controls.record import Record
from workflow.audit.known import Known
from workflow.audit.rounds import last_night, without_pauses
from workflow.core.errors import ConditionFault
from workflow.core.step import Step
from workflow.definitions.controls import Control
from workflow.definitions.library import Library
from workflow.service.organisation import BOOK
from workflow.storage import controls as kept
from workflow.storage.controls import ControlRun, Deviation
from workflow.storage.database import Database
from workflow.storage.queries import past

PORTION = 200
"""Histories read at a time."""

MOST_KEPT = 2000
"""Exceptions of a run that are kept to be looked at; all of them are counted."""

OF_RECORDS = ("record", "month")
Told = Callable[[str, int], None]


@dataclass(slots=True)
class Outcome:
    """What a control found."""

    looked: int = 0
    exceptions: int = 0
    undecided: int = 0
    kept: list[Deviation] = field(default_factory=list)
    _before: Deviation | None = None

    def look(self, control: Control, subject: Subject) -> None:
        """Ask the condition of a subject. One it cannot be asked of is an exception that says so."""
        fault = ""
        try:
            if control.where is not None and not control.where.holds(subject.facts):
                self._before = None
                return
            holds = control.holds.holds(subject.facts)
        except ConditionFault as cannot:
            holds, fault = False, str(cannot.facts["fault"])
            self.undecided += 1
        self.looked += 1
        if holds:
            self._before = None
            return
        detail = {**subject.detail, **({"fault": fault} if fault else {})}
        made = Deviation(case=subject.case, seq=subject.seq, at=subject.at, detail=detail)
        if self._goes_on(control, made):
            return
        self._before = made
        self.exceptions += 1
        if len(self.kept) < MOST_KEPT:
            self.kept.append(made)

    def _goes_on(self, control: Control, made: Deviation) -> bool:
        """Whether it is the record's same gap, which goes on over a change of something else."""
        before = self._before
        if control.each != "record" or before is None or before.case != made.case:
            return False
        if before.detail["until"] != made.detail["since"]:
            return False
        longer = {**before.detail, "until": made.detail["until"], "open": made.detail["open"]}
        self._before = Deviation(case=before.case, seq=before.seq, at=before.at, detail=longer)
        if self.kept and self.kept[-1] is before:
            self.kept[-1] = self._before
        return True


class Controls:
    """One look at all histories. Readings are short: nobody waits for an auditor."""

    def __init__(self, database: Database, library: Library, *, zone: ZoneInfo) -> None:
        self.database = database
        self.library = library
        self.zone = zone

    def look(
        self, controls: Sequence[Control], *, since: datetime | None, until: datetime,
        stopping: threading.Event | None = None, told: Told | None = None,
    ) -> dict[str, Outcome]:  # fmt: skip
        """What each of the controls finds among what was recorded before `until`, of the period from `since`."""
        archive = StoredArchive(self.database, self.library)
        known = Known(archive, book=BOOK)
        found = {control.name: Outcome() for control in controls}
        last = done = 0
        while stopping is None or not stopping.is_set():
            portion = self._portion(archive, after=last)
            if not portion:
                break
            for case, kind, steps in portion:
                last = case
                then = [step for step in steps if step.recorded < until]
                if not then or kind == "organisation":
                    continue
                for control, subject in self._subjects(controls, kind, then, since, until, known):
                    if _within(subject, since, until):
                        found[control.name].look(control, subject)
            done += len(portion)
            if told is not None:
                told("Histories looked at:", done)
        return found

    def _subjects(
        self, controls: Sequence[Control], kind: str, steps: list[Step], since: datetime | None, until: datetime,
        known: Known,
    ) -> Iterator[tuple[Control, Subject]]:  # fmt: skip
        if kind == "customer":
            record = Record(steps, until=until, zone=self.zone, known=known)
            for control in controls:
                if control.each in OF_RECORDS:
                    yield from ((control, subject) for subject in record.subjects(control, since))
            return
        course = Course(steps, until=until, library=self.library, known=known)
        for control in controls:
            if control.each not in OF_RECORDS:
                yield from ((control, subject) for subject in course.subjects(control))

    def _portion(self, archive: StoredArchive, *, after: int) -> list[tuple[int, str, Sequence[Step]]]:
        with self.database.reading() as connection:
            heads = list(past.kept(connection, after=after, limit=PORTION))
            stored = past.rows(connection, [head[0] for head in heads]) if heads else {}
        histories = {case: archive.hold(case, rows) for case, rows in stored.items()}
        return [(case, kind, histories[case].steps) for case, _, kind, _ in heads]


def nightly(
    database: Database, library: Library, *, now: Callable[[], datetime], zone: ZoneInfo,
    stopping: threading.Event | None = None,
) -> dict[str, Outcome] | None:  # fmt: skip
    """Run every control over everything, once a night however many schedulers ask; None when it was done."""
    at = now()
    night = last_night(at, zone)
    with database.reading() as connection:
        if not library.controls or kept.done(connection, night):
            return None
    begun = time.monotonic()
    found = Controls(database, library, zone=zone).look(library.controls, since=None, until=at, stopping=stopping)
    if stopping is not None and stopping.is_set():
        return None
    took = int((time.monotonic() - begun) * 1000)
    with database.writing() as connection:
        kept.lock(connection)
        if kept.done(connection, night):
            return None
        for control in library.controls:
            run = made(control, found[control.name], at=at, since=None, until=at, night=night, person=None, took=took)
            kept.keep(connection, run, found[control.name].kept)
        kept.forget(connection, before=night)
    return found


def at_once(
    database: Database, library: Library, controls: Sequence[Control], *, now: Callable[[], datetime], zone: ZoneInfo,
    since: datetime | None = None, until: datetime | None = None, person: int | None = None, told: Told | None = None,
) -> dict[str, int]:  # fmt: skip
    """Run some controls now, for a period; gives the id of each one's run, which is kept."""
    at = now()
    end = min(until or at, at)
    begun = time.monotonic()
    with without_pauses():
        found = Controls(database, library, zone=zone).look(controls, since=since, until=end, told=told)
    took = int((time.monotonic() - begun) * 1000)
    with database.writing() as connection:
        return {
            control.name: kept.keep(
                connection,
                made(control, found[control.name], at=at, since=since, until=end, night=None, person=person, took=took),
                found[control.name].kept,
            )
            for control in controls
        }


def made(
    control: Control, outcome: Outcome, *, at: datetime, since: datetime | None, until: datetime,
    night: datetime | None, person: int | None, took: int,
) -> ControlRun:  # fmt: skip
    """A run as it is stored."""
    return ControlRun(
        control=control.name, hash=control.hash, night=night, person=person, at=at, since=since, until=until,
        looked=outcome.looked, exceptions=outcome.exceptions, undecided=outcome.undecided, milliseconds=took,
    )  # fmt: skip


def _within(subject: Subject, since: datetime | None, until: datetime) -> bool:
    if subject.within is None:
        return True
    return (since is None or since <= subject.within) and subject.within < until
