"""Days off and working days from elsewhere: iCalendar files, and the JSON form of holiday-cn."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar as Feed
from icalendar import Event

from workflow.core.calendar import Calendar, CalendarFault, Windows
from workflow.core.errors import CalendarUnfit

ONE_DAY = timedelta(days=1)
WORKING_WORDS = ("班", "workday", "working day", "make-up")
MARKED = "X-APPLE-SPECIAL-DAY"
DAYS_AT_MOST = 3700
"""No list of days off reaches further than ten years."""


def imported(calendar: Calendar, content: bytes, *, known_through: int | None = None) -> Calendar:
    """The calendar with the days a file brings; those it does not name stay as they are.

    A file of holiday-cn settles its whole year. `known_through`: the last year announced by an iCalendar file,
    which does not say so itself; None: as before. Raises `CalendarUnfit`.
    """
    text = content.decode("utf-8-sig", errors="replace").strip()
    if text.startswith("{"):
        return _from_holiday_cn(calendar, text)
    if not text.upper().startswith("BEGIN:VCALENDAR"):
        raise CalendarUnfit(why="format")
    return _known(_from_feed(calendar, text), known_through)


def _from_holiday_cn(calendar: Calendar, text: str) -> Calendar:
    try:
        spec = json.loads(text)
        year = int(spec["year"])
        days = {date.fromisoformat(day["date"]): bool(day["isOffDay"]) for day in spec["days"]}
    except (ValueError, KeyError, TypeError) as error:
        raise CalendarUnfit(why="format") from error
    if not days:
        raise CalendarUnfit(why="empty")
    cleared = replace(
        calendar,
        off=frozenset(day for day in calendar.off if day.year != year),
        extra={day: windows for day, windows in calendar.extra.items() if day.year != year},
    )
    usual = _usual(calendar)
    found: dict[date, Windows] = {day: () if off else usual for day, off in days.items()}
    return _known(_with(cleared, found), year)


def _from_feed(calendar: Calendar, text: str) -> Calendar:
    try:
        events = [part for part in Feed.from_ical(text).walk("VEVENT") if isinstance(part, Event)]
    except (ValueError, KeyError, IndexError) as error:
        raise CalendarUnfit(why="format") from error
    days: dict[date, Windows] = {}
    hours: dict[date, list[tuple[int, int]]] = {}
    zone = ZoneInfo(calendar.zone)
    for event in events:
        if event.get("RRULE") is not None or event.get("RDATE") is not None:
            raise CalendarUnfit(why="repeats")
        begin, end = _span(event)
        if isinstance(begin, datetime) and isinstance(end, datetime):
            day, window = _hours(begin, end, zone)
            hours.setdefault(day, []).append(window)
        else:
            for day in _days(begin, end):
                days[day] = _usual(calendar) if _is_working(event) else ()
    days |= {day: tuple(sorted(windows)) for day, windows in hours.items()}
    if not days:
        raise CalendarUnfit(why="empty")
    return _with(calendar, days)


def _span(event: Event) -> tuple[Any, Any]:
    """The beginning and the end of an event. Raises `CalendarUnfit` where it has none."""
    try:
        begin, end = event.start, event.end
    except Exception as error:
        raise CalendarUnfit(why="format") from error
    return begin, end


def _days(begin: date, end: date) -> Iterable[date]:
    """The days of an all-day event; its end is the day after the last."""
    last = max(end - ONE_DAY, begin)
    if (last - begin).days > DAYS_AT_MOST:
        raise CalendarUnfit(why="format")
    return [begin + ONE_DAY * number for number in range((last - begin).days + 1)]


def _hours(begin: datetime, end: datetime, zone: ZoneInfo) -> tuple[date, tuple[int, int]]:
    first, last = (at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone) for at in (begin, end))
    closing = 1440 if last.date() == first.date() + ONE_DAY and not last.hour + last.minute else None
    if closing is None and last.date() != first.date():
        raise CalendarUnfit(why="window")
    return first.date(), (first.hour * 60 + first.minute, closing or last.hour * 60 + last.minute)


def _is_working(event: Event) -> bool:
    marked = str(event.get(MARKED, "")).upper()
    if marked:
        return marked == "ALTERNATE-WORKDAY"
    summary = str(event.get("SUMMARY", "")).lower()
    return any(word in summary for word in WORKING_WORDS)


def _with(calendar: Calendar, days: Mapping[date, Windows]) -> Calendar:
    """The calendar with these days: without windows a day off, with some a working day."""
    off = (calendar.off - days.keys()) | {day for day, windows in days.items() if not windows}
    extra = {day: windows for day, windows in calendar.extra.items() if day not in days}
    extra |= {day: windows for day, windows in days.items() if windows}
    try:
        return replace(calendar, off=frozenset(off), extra=extra)
    except CalendarFault as fault:
        raise CalendarUnfit(why="window") from fault


def _known(calendar: Calendar, year: int | None) -> Calendar:
    """Known through this year as well; a year further on does not settle those between."""
    if year is None or calendar.known_through is None or year <= calendar.known_through.year:
        return calendar
    return replace(calendar, known_through=date(year, 12, 31))


def _usual(calendar: Calendar) -> Windows:
    """The windows of the first working weekday."""
    return next((calendar.windows[day] for day in sorted(calendar.windows) if calendar.windows[day]), ())
