"""A calendar's year as a page draws it: twelve months of weeks, and the days that are not like their weekday."""

from __future__ import annotations

from calendar import Calendar as Weeks
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date, get_day_names

from web.language import current
from workflow.core.calendar import Calendar, Windows
from workflow.core.calendar_text import window_texts
from workflow.core.definition.expressions import Text

FIRST, LAST = 1987, 2100
"""Years there is something to see of."""

MARKED = ("holiday", "make_up", "hours")
"""Kinds of days that are not like their weekday."""


@dataclass(frozen=True, slots=True)
class Day:
    """`kind`: work, rest (as every week), holiday, make_up, or hours (worked at other hours than its weekday).

    `known`: the days off around it are announced.
    """

    date: date
    kind: str
    windows: Windows
    name: Text | None
    known: bool


@dataclass(frozen=True, slots=True)
class Month:
    """`weeks`: seven places each, Monday first; None outside the month."""

    first: date
    title: str
    weeks: tuple[tuple[Day | None, ...], ...]


def year(calendar: Calendar, number: int) -> list[Month]:
    return [month(calendar, number, place) for place in range(1, 13)]


def month(calendar: Calendar, number: int, place: int) -> Month:
    first = date(number, place, 1)
    weeks = Weeks().monthdatescalendar(number, place)
    return Month(
        first=first,
        title=format_date(first, "LLLL", locale=current()),
        weeks=tuple(tuple(day(calendar, one) if one.month == place else None for one in week) for week in weeks),
    )


def day(calendar: Calendar, of: date) -> Day:
    windows, weekly = calendar.windows_on(of), calendar.windows.get(of.weekday(), ())
    if not windows:
        kind = "holiday" if of in calendar.off else "rest"
    elif not weekly:
        kind = "make_up"
    else:
        kind = "work" if windows == weekly else "hours"
    return Day(of, kind, windows, calendar.names.get(of), calendar.is_known(of))


def marked(calendar: Calendar, number: int) -> list[list[Day]]:
    """The days of a year that are not like their weekday, in order; those in a row that are alike together."""
    runs: list[list[Day]] = []
    for one in _days(calendar, number):
        if one.kind not in MARKED:
            continue
        before = runs[-1][-1] if runs else None
        if before is not None and _continues(before, one):
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def counts(calendar: Calendar, number: int) -> dict[str, int]:
    """How many days of each kind a year has; `work` counts every working day."""
    kinds = [one.kind for one in _days(calendar, number)]
    return {
        "work": sum(kind in ("work", "make_up", "hours") for kind in kinds),
        **{kind: kinds.count(kind) for kind in MARKED},
    }


def weekdays(width: str = "narrow") -> list[str]:
    """The weekdays, Monday first."""
    names = get_day_names(width, context="stand-alone", locale=current())
    return [names[place] for place in range(7)]


def hours(windows: Windows) -> str:
    """Windows as people read them; empty for a day off."""
    return "  ".join(text.replace("-", "–") for text in window_texts(windows))


def _continues(before: Day, after: Day) -> bool:
    alike = (before.kind, before.windows, before.name) == (after.kind, after.windows, after.name)
    return alike and after.date - before.date == timedelta(days=1)


def _days(calendar: Calendar, number: int) -> Iterator[Day]:
    at = date(number, 1, 1)
    while at.year == number:
        yield day(calendar, at)
        at += timedelta(days=1)
