"""Calendars for people: their versions, what a change would move, and what one has moved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from workflow.core import unasked
from workflow.core.calendar import Calendar, CalendarFault
from workflow.core.calendar_changes import Changes, changes
from workflow.core.calendar_text import calendar_of
from workflow.core.codec import case_from
from workflow.core.errors import CalendarUnfit, CalendarUnknown
from workflow.core.moments import moment_of
from workflow.core.step import Actor
from workflow.definitions.calendar_imports import imported
from workflow.service.case_reads import CaseReads
from workflow.service.organisation import BOOK
from workflow.service.shown import Shown
from workflow.service.views.cases import CaseRow
from workflow.service.views.names import PersonName
from workflow.storage.queries import calendars

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST_TRIED = 1000
"""Cases computed again at most to tell what a change would move."""

ONE_DAY = timedelta(days=1)
MOST_MOVED = 100
"""Moved due times listed at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A version of a calendar. `changes`: from the version before, None for the first; `stored` None: it stands in a
    file and was never kept; `by` None: it came from a file or the command line; `moved`: due times it has moved.
    """

    calendar: Calendar
    stored: datetime | None
    by: PersonName | None
    changes: Changes | None
    moved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedRow:
    """A due time a version of a calendar has moved. `what`: clock, task, state or recurring; `name` its name."""

    case: CaseRow
    seq: int
    what: str
    name: str
    old: datetime | None
    new: datetime | None
    recorded: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarView:
    """A calendar with its versions, the newest first, and due times the asked-for one moved that the reader may see."""

    versions: tuple[VersionRow, ...]
    asked: VersionRow
    moved: tuple[MovedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What keeping a calendar would do. `moved`: open due times; `exact` False: not all cases were tried."""

    before: Calendar
    after: Calendar
    changes: Changes
    moved: int
    exact: bool


class CalendarReads(CaseReads):
    def calendars(self) -> Mapping[str, Calendar]:
        """The calendars as they are now, by name: those of the files, and what was brought in since."""
        with self.database.reading() as connection:
            self._directory(connection)
        return self.directories.calendars(self.library)

    def calendar(self, name: str, reader: Actor, *, version: int | None = None) -> CalendarView:
        """A calendar as it is now, or in an older version. Raises `CalendarUnknown`."""
        with self._read(reader) as (connection, shown):
            rows = self._versions(connection, shown, name)
            asked = next((row for row in rows if version in (None, row.calendar.version)), None)
            if asked is None:
                raise CalendarUnknown(calendar=name)
            found = calendars.moved(connection, name, asked.calendar.version, shown.reader, limit=MOST_MOVED)
            beside = self._beside(connection, {row.id for row in found})
            moved = tuple(_moved(row, shown.case(row, beside)) for row in found)
            return CalendarView(versions=rows, asked=asked, moved=moved)

    def read_calendar(self, name: str, content: bytes, *, known_through: int | None = None) -> Calendar:
        """The present calendar with the days of a file, not kept. Raises `CalendarUnknown`, `CalendarUnfit`."""
        return imported(self._present_calendar(name), content, known_through=known_through)

    def preview_calendar(self, calendar: Calendar, reader: Actor) -> Preview:
        """What keeping it would change, and how many open due times it would move.

        Computed by doing it to the open cases without keeping anything. Raises `CalendarUnfit`, `CalendarUnknown`.
        """
        if not calendar.usual():
            raise CalendarUnfit(why="no_window")
        with self._read(reader) as (connection, shown):
            self._directory(connection)
            present = self.directories.calendars(self.library).get(calendar.name)
            if present is None:
                raise CalendarUnknown(calendar=calendar.name)
            found = changes(present, calendar)
            if found == Changes() and calendar.title == present.title and calendar.names == present.names:
                raise CalendarUnfit(why="same")
            # A local day begins up to a day before the same date in UTC.
            since = None if found.since is None else datetime.combine(found.since - ONE_DAY, time(), tzinfo=UTC)
            tried = [] if found == Changes() else calendars.open_with_due(connection, since, limit=MOST_TRIED + 1)
            fresh = replace(calendar, version=present.version + 1)
            moved = sum(self._would_move(connection, shown, body, fresh) for _, body in tried[:MOST_TRIED])
            return Preview(before=present, after=calendar, changes=found, moved=moved, exact=len(tried) <= MOST_TRIED)

    def _would_move(self, connection: Connection, shown: Shown, body: str, fresh: Calendar) -> int:
        case = case_from(body)
        world = self._world(connection, shown, case)
        world.calendars = {**world.calendars, fresh.name: fresh}
        now = max(shown.reader.at, case.written or shown.reader.at)
        rules = self.library.get(case.definition, case.version)
        decision = unasked.recount(rules, case, world, at=now, recorded=now)
        return 0 if decision is None else len(decision.steps)

    def _present_calendar(self, name: str) -> Calendar:
        found = self.calendars().get(name)
        if found is None:
            raise CalendarUnknown(calendar=name)
        return found

    def _versions(self, connection: Connection, shown: Shown, name: str) -> tuple[VersionRow, ...]:
        self._directory(connection)
        present = self.directories.calendars(self.library).get(name)
        kept = {row.version: (calendar_of(row.text), row.stored) for row in calendars.versions(connection, name)}
        known: dict[int, tuple[Calendar, datetime | None]] = dict(kept)
        if present is not None:
            # As the file says it: what was kept before days had names has none.
            known[present.version] = (present, kept[present.version][1] if present.version in kept else None)
        by = {_version_noted(row, name): row.actor_id for row in calendars.noted(connection, BOOK, "add_calendar")}
        numbers = sorted(known, reverse=True)
        return tuple(
            VersionRow(
                calendar=known[number][0],
                stored=known[number][1],
                by=shown.person(by.get(number)),
                changes=changes(known[before[0]][0], known[number][0]) if (before := numbers[place + 1 :]) else None,
                moved=calendars.moved_by(connection, name, number),
            )
            for place, number in enumerate(numbers)
        )


def calendar_from_text(text: str) -> Calendar:
    """A calendar as a page kept it between two requests. Raises `CalendarUnfit`."""
    try:
        return calendar_of(text)
    except CalendarFault as fault:
        raise CalendarUnfit(why="format") from fault


def _version_noted(row: Any, name: str) -> int | None:
    form = json.loads(row.form)
    return int(form["version"]) if form.get("calendar") == name else None


def _moved(row: Any, case: CaseRow) -> MovedRow:
    form = json.loads(row.form)
    old, new = form["old"], form["new"]
    return MovedRow(
        case=case,
        seq=row.seq,
        what=form["what"],
        name=row.trigger,
        old=None if old is None else moment_of(old),
        new=None if new is None else moment_of(new),
        recorded=row.recorded,
    )
