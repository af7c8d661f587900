"""What differs between two calendars: day by day, week by week, and in what is said about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from workflow.core.calendar import Calendar, Windows
from workflow.core.definition.expressions import Text

Kind = Literal["off", "working", "hours"]


@dataclass(frozen=True, slots=True)
class DayChange:
    """A day that becomes `off` or `working`, or keeps being worked at other `hours`."""

    day: date
    before: Windows
    after: Windows

    @property
    def kind(self) -> Kind:
        if not self.after:
            return "off"
        return "working" if not self.before else "hours"


@dataclass(frozen=True, slots=True)
class Changes:
    """`days`: single days in order, beside what the week says of them; `weekdays`: weekday → windows before and after.

    `known`: the last day announced, before and after, where that differs; `zone` likewise.
    """

    days: tuple[DayChange, ...] = ()
    weekdays: tuple[tuple[int, Windows, Windows], ...] = ()
    known: tuple[date | None, date | None] | None = None
    zone: tuple[str, str] | None = None

    def count(self, kind: Kind) -> int:
        return sum(one.kind == kind for one in self.days)

    @property
    def since(self) -> date | None:
        """No day before this one is counted otherwise; None: any day may be."""
        if self.weekdays or self.zone is not None or (self.known is not None and None in self.known):
            return None
        first = [self.days[0].day] if self.days else []
        known = [min(one for one in self.known if one is not None) + timedelta(days=1)] if self.known else []
        return min([*first, *known], default=date.max)


def changes(before: Calendar, after: Calendar) -> Changes:
    """What is different in `after`."""
    week = [(day, before.windows.get(day, ()), after.windows.get(day, ())) for day in range(7)]
    told = before.off | before.extra.keys() | after.off | after.extra.keys()
    days = [DayChange(day, before.windows_on(day), after.windows_on(day)) for day in sorted(told)]
    weekdays = tuple(one for one in week if one[1] != one[2])
    return Changes(
        days=tuple(one for one in days if one.before != one.after and not _by_the_week(one, before, after)),
        weekdays=weekdays,
        known=None if before.known_through == after.known_through else (before.known_through, after.known_through),
        zone=None if before.zone == after.zone else (before.zone, after.zone),
    )


def with_days(
    calendar: Calendar, days: Mapping[date, Windows | None], names: Mapping[date, Text] | None = None
) -> Calendar:
    """The calendar with these days, called so: without windows a day off, with some a working day, None: as its
    weekday says. Raises `CalendarFault`.
    """
    named = {day: name for day, name in calendar.names.items() if day not in days}
    return replace(
        calendar,
        off=(calendar.off - days.keys()) | {day for day, windows in days.items() if windows == ()},
        extra={
            **{day: windows for day, windows in calendar.extra.items() if day not in days},
            **{day: windows for day, windows in days.items() if windows},
        },
        names={**named, **(names or {})},
    )


def _by_the_week(change: DayChange, before: Calendar, after: Calendar) -> bool:
    """Whether a day changes only because its weekday does."""
    day = change.day.weekday()
    return change.before == before.windows.get(day, ()) and change.after == after.windows.get(day, ())
