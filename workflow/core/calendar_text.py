"""A calendar as text and back, with its days off and make-up days written out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

from workflow.core.calendar import WEEKDAYS, Calendar, CalendarFault, Windows, calendar_from
from workflow.core.codec import dumps


def text_of(calendar: Calendar) -> str:
    """The calendar as JSON: the form of a calendar file without `holidays`."""
    known = calendar.known_through
    return dumps(
        {
            "name": calendar.name,
            "version": calendar.version,
            "title": {"zh": calendar.title.zh, "en": calendar.title.en},
            "zone": calendar.zone,
            "windows": {WEEKDAYS[day]: window_texts(windows) for day, windows in sorted(calendar.windows.items())},
            "known_through": None if known is None else known.year,
            "add": {day.isoformat(): window_texts(windows) for day, windows in sorted(calendar.extra.items())},
            "remove": _days(calendar.off),
            "names": {day.isoformat(): {"zh": n.zh, "en": n.en} for day, n in sorted(calendar.names.items())},
        }
    )


def calendar_of(text: str) -> Calendar:
    """The calendar a text was made from. Raises `CalendarFault`."""
    try:
        spec = json.loads(text)
    except ValueError as error:
        raise CalendarFault("a calendar as text is JSON") from error
    if not isinstance(spec, dict):
        raise CalendarFault("a calendar as text is a mapping")
    return calendar_from(spec)


def window_texts(windows: Windows) -> list[str]:
    """Each window like `09:00-12:00`."""
    return [f"{_time(opening)}-{_time(closing)}" for opening, closing in windows]


def _time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _days(days: Iterable[date]) -> list[str]:
    return [day.isoformat() for day in sorted(days)]
