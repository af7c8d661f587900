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
from workflow.core.calendar_changes import with_days
from workflow.core.definition.expressions import Text
from workflow.core.errors import CalendarUnfit
from workflow.definitions.calendars import english_names
from workflow.messages.catalogue import LANGUAGES, find

ONE_DAY = timedelta(days=1)
WORKING_WORDS = ("班", "workday", "working day", "make-up")
MARKED = "X-APPLE-SPECIAL-DAY"
COUNTRY = "CN"
"""Whose lists holiday-cn are."""

DAYS_AT_MOST = 3700
"""No list of days off reaches further than ten years."""


def imported(calendar: Calendar, content: bytes, *, known_through: int | None = None) -> Calendar:
    """The calendar with the days a file brings; those it does not name stay as they are.

    A file of holiday-cn settles its whole year. `known_through`: the last year announced by an iCalendar file,
    which does not say so itself; None: as before. Raises `CalendarUnfit`.
    """
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise CalendarUnfit(why="encoding") from error
    if text.startswith("{"):
        return _from_holiday_cn(calendar, text)
    if not text.upper().startswith("BEGIN:VCALENDAR"):
        raise CalendarUnfit(why="format" if text else "empty")
    if not text.upper().endswith("END:VCALENDAR"):
        raise CalendarUnfit(why="half")
    return _known(_from_feed(calendar, text), known_through)


def _from_holiday_cn(calendar: Calendar, text: str) -> Calendar:
    try:
        spec = json.loads(text)
        year = int(spec["year"])
        days = {date.fromisoformat(day["date"]): bool(day["isOffDay"]) for day in spec["days"]}
        names = {date.fromisoformat(day["date"]): str(day.get("name") or "") for day in spec["days"]}
    except json.JSONDecodeError as error:
        raise CalendarUnfit(why="format" if text.endswith("}") else "half") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CalendarUnfit(why="format") from error
    if not days:
        raise CalendarUnfit(why="empty")
    cleared = replace(
        calendar,
        off=frozenset(day for day in calendar.off if day.year != year),
        extra={day: windows for day, windows in calendar.extra.items() if day.year != year},
        names={day: name for day, name in calendar.names.items() if day.year != year},
    )
    usual = calendar.usual()
    found: dict[date, Windows] = {day: () if off else usual for day, off in days.items()}
    called = {day: _made_up(name) if not days[day] else _named(name) for day, name in names.items() if name}
    return _known(_with(cleared, found, called), year)


def _from_feed(calendar: Calendar, text: str) -> Calendar:
    try:
        events = [part for part in Feed.from_ical(text).walk("VEVENT") if isinstance(part, Event)]
    except (ValueError, KeyError, IndexError) as error:
        raise CalendarUnfit(why="format") from error
    days: dict[date, Windows] = {}
    called: dict[date, Text] = {}
    hours: dict[date, list[tuple[int, int]]] = {}
    zone = ZoneInfo(calendar.zone)
    for event in events:
        if event.get("RRULE") is not None or event.get("RDATE") is not None:
            raise CalendarUnfit(why="repeats")
        begin, end = _span(event)
        if isinstance(begin, datetime) and isinstance(end, datetime):
            day, window = _hours(begin, end, zone)
            hours.setdefault(day, []).append(window)
            called[day] = _named(_summary(event))
        else:
            for day in _days(begin, end):
                days[day] = calendar.usual() if _is_working(event) else ()
                called[day] = _named(_summary(event))
    days |= {day: tuple(sorted(windows)) for day, windows in hours.items()}
    if not days:
        raise CalendarUnfit(why="empty")
    return _with(calendar, days, {day: name for day, name in called.items() if name.zh})


def _summary(event: Event) -> str:
    return str(event.get("SUMMARY", "")).strip()


def _named(name: str) -> Text:
    """A Chinese name with its English where the holidays package knows one, else the same in both languages."""
    english = english_names(COUNTRY)
    parts = [english.get(part, part) for part in name.split("、")]
    return Text(zh=name, en=", ".join(parts))


def _made_up(name: str) -> Text:
    """What a make-up working day is called: a list of holiday-cn gives it the name of the holiday it is worked for."""
    holiday = _named(name)
    said = {one: find(one, "calendar", "make_up_for", {"holiday": holiday[one]}) or "" for one in LANGUAGES}
    return Text(zh=said["zh"], en=said["en"])


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


def _with(calendar: Calendar, days: Mapping[date, Windows], names: Mapping[date, Text]) -> Calendar:
    """The calendar with these days, called so: without windows a day off, with some a working day."""
    try:
        return with_days(calendar, days, names)
    except CalendarFault as fault:
        raise CalendarUnfit(why="window") from fault


def _known(calendar: Calendar, year: int | None) -> Calendar:
    """Known through this year as well; a year further on does not settle those between."""
    if year is None or calendar.known_through is None or year <= calendar.known_through.year:
        return calendar
    return replace(calendar, known_through=date(year, 12, 31))
