"""Lengths of time: how they are written, and how a table or a date of the case picks one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, cast

from workflow.core.definition.expressions import Facts
from workflow.core.moments import EPOCH, micros, moment_of

TargetUnit = Literal["m", "h", "d", "w", "mo", "wm", "wh", "wd", "on", "at"]


@dataclass(frozen=True, slots=True)
class Target:
    """A length of time: `30m 48h 2d 1w 2mo`, in working time `30wm 4wh 3wd`.

    A plain unit is counted in the calendar of its clock (natural unless named);
    `wm`, `wh`, `wd` always in the working calendar. `end_of_day` (`3wd eod`): due when
    the last working window of that day closes. `on` ends with a date (`amount` is its ordinal), `at` with a
    moment (`amount` are its microseconds), however long that is.
    """

    amount: int
    unit: TargetUnit
    end_of_day: bool = False

    def __str__(self) -> str:
        if self.unit == "at":
            return f"at {moment_of(self.amount).isoformat()}"
        written = f"on {date.fromordinal(self.amount)}" if self.unit == "on" else f"{self.amount}{self.unit}"
        return written + (" eod" if self.end_of_day else "")


def target_from(text: str) -> Target:
    """The target that is written so (`str` of it). Raises ValueError."""
    word, _, rest = text.strip().partition(" ")
    if word == "at":
        return Target(micros(datetime.fromisoformat(rest)), "at")
    if word == "on":
        return Target(date.fromisoformat(rest.removesuffix(" eod")).toordinal(), "on", rest.endswith(" eod"))
    found = re.fullmatch(r"(\d{1,6})(wm|wh|wd|mo|m|h|d|w)( eod)?", text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a length of time like 48h, 3wd or 2mo")
    amount, unit, end = found.groups()
    return Target(int(amount), cast(TargetUnit, unit), end is not None)


@dataclass(frozen=True, slots=True)
class TargetTable:
    """A target chosen by a fact: `{by: customer.tier, diamond: 1mo, …}`; `None`: does not apply."""

    by: str
    values: Mapping[str, Target]
    otherwise: Target | None = None

    def pick(self, facts: Facts) -> Target | None:
        return self.values.get(str(facts.get(self.by, "")), self.otherwise)


@dataclass(frozen=True, slots=True)
class TargetDate:
    """A length that ends with a date or moment of the case: `{until: data.ends}`, `{on: data.ends, less: 30d}`.

    `until` ends with the last working window of the day, `on` with its beginning; a moment is meant to the second.
    `less`: so many days before. `yearly`: the next return of the day, today included; 29 February returns on
    the 28th. While the field is empty, the rule does not apply.
    """

    by: str
    end_of_day: bool
    less: int = 0
    yearly: bool = False

    def pick(self, facts: Facts) -> Target | None:
        value = facts.get(self.by)
        if isinstance(value, datetime):
            return None if value == EPOCH else Target(micros(value - timedelta(days=self.less)), "at")
        if not value:
            return None
        day = date.fromisoformat(str(value))
        if self.yearly:
            day = _next_return(day, since=facts["now"].date())
        return Target((day - timedelta(days=self.less)).toordinal(), "on", self.end_of_day)


def _next_return(day: date, *, since: date) -> date:
    """The first time from a date on that the day of the year comes back."""
    returns = (_in_year(day, year) for year in (since.year, since.year + 1))
    return next(one for one in returns if one >= since)


def _in_year(day: date, year: int) -> date:
    return date(year, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=year)


AnyTarget = Target | TargetTable | TargetDate
