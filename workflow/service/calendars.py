"""The door's part about calendars: brought in, kept in versions, given to units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from workflow.core.calendar import Calendar
from workflow.core.errors import CalendarUnfit, CalendarUnknown, CaseNotFound, UnitNotFound
from workflow.core.step import SYSTEM, Actor
from workflow.service.organisation import BOOK, Organisation
from workflow.service.unit import Unit
from workflow.storage import calendars, organisation, recounts


class Calendars(Organisation):
    def bring_calendar(
        self, calendar: Calendar, *, actor: Actor, at: datetime | None = None, seen: int | None = None
    ) -> Calendar:
        """Keep a calendar as the next version of the one of its name; it holds from now on.

        Every open due time is computed again by the sweep. `seen`: the version the person looked at, 0 for none; where
        it is not the present one any more, this is refused. Raises `CalendarUnfit`, `Refused`.
        """
        now = at or self.clock()
        with self._refusing(actor, None, "add_calendar", now), self._unit() as work:
            work.store.load(BOOK)
            self._administrator(work, actor, now)
            if not calendar.usual():
                # Single days alone come to an end, and nothing would be due after the last of them.
                raise CalendarUnfit(why="no_window")
            present = self._present(work).get(calendar.name)
            if seen is not None and seen != (present.version if present else 0):
                raise CalendarUnfit(why="moved" if seen else "taken")
            if present is not None and _same(calendar, present):
                raise CalendarUnfit(why="same")
            fresh = replace(calendar, version=present.version + 1 if present else calendar.version)
            self._keep(work, fresh, actor, now)
            return fresh

    def adopt_calendars(self) -> None:
        """Keep the calendars of the files: a first version as it is, a raised one as a change from now on.

        Raises `CalendarUnfit` for one that changed and kept its version.
        """
        now = self.clock()
        with self.database.reading() as connection:
            kept = calendars.newest(connection)
        fresh = [one for name, one in sorted(self.library.calendars.items()) if _differs(one, kept.get(name))]
        if not fresh:
            return
        with self._unit() as work:
            try:
                work.store.load(BOOK)
            except CaseNotFound:
                return
            kept = calendars.newest(work.connection)
            for one in fresh:
                if not _differs(one, kept.get(one.name)):
                    continue
                if one.name not in kept:
                    calendars.keep(work.connection, one, now)
                else:
                    self._keep(work, one, SYSTEM, now)

    def set_calendar(self, unit: int, calendar: str | None, *, actor: Actor, at: datetime | None = None) -> None:
        """Give a unit a working calendar of its own; None: that of the unit above. Raises `Refused`."""
        now = at or self.clock()
        with self._refusing(actor, None, "set_calendar", now), self._unit() as work:
            work.store.load(BOOK)
            self._administrator(work, actor, now)
            if work.directory.unit(unit) is None:
                raise UnitNotFound(unit=unit)
            if calendar is not None and calendar not in self._present(work):
                raise CalendarUnknown(calendar=calendar)
            organisation.change(work.connection, "unit", unit, {"calendar": calendar})
            recounts.ask(work.connection, now)
            self._note(work, "set_calendar", {"id": unit, "calendar": calendar}, actor, now)
            work.flush()

    def _present(self, work: Unit) -> Mapping[str, Calendar]:
        """The newest calendars, read under the lock of the record."""
        self.directories.current(work.connection, work.store.directory_version())
        return self.directories.calendars(self.library)

    def _keep(self, work: Unit, calendar: Calendar, actor: Actor, now: datetime) -> None:
        text = calendars.keep(work.connection, calendar, now)
        organisation.touch(work.connection)
        recounts.ask(work.connection, now)
        said = sha256(text.encode()).hexdigest()
        form = {"calendar": calendar.name, "version": calendar.version, "sha256": said}
        self._note(work, "add_calendar", form, actor, now)
        work.flush()


def _same(calendar: Calendar, present: Calendar) -> bool:
    """Whether a calendar says what the present one says, names of days included."""
    return replace(calendar, version=present.version) == present and calendar.names == present.names


def _differs(calendar: Calendar, kept: Calendar | None) -> bool:
    """Whether a file's calendar is to be kept. Raises `CalendarUnfit`."""
    if kept is None or calendar.version > kept.version:
        return True
    if calendar.version == kept.version and calendar != kept:
        raise CalendarUnfit(why="version")
    return False
