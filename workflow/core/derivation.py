"""How a due time came about, as data: what counted, what was passed over, what stood still.

The sentences are made elsewhere, in both languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from workflow.core.calendar import Calendar
from workflow.core.deadline import counts_in, due, elapsed, resumed, shift, shift_day
from workflow.core.definition.targets import Target
from workflow.core.moments import micros, moment_of

Kind = Literal[
    "start", "waits", "elapsed", "counted", "skipped", "added", "paused", "extended", "closing", "anchor", "nominal",
    "moved", "passed", "due",
]  # fmt: skip
Move = tuple[datetime, datetime] | int
"""What moved a due time: a pause as the moments it began and ended, an extension as its number of days."""

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a derivation.

    | kind | says | carries |
    |---|---|---|
    | start | when counting was asked for | `since`, `target` how long |
    | waits | the start lies outside working time | `since`, `until` the opening |
    | elapsed | natural time counted | `since`, `until`, `seconds` |
    | counted | (part of) a working window counted | `since`, `until`, `seconds` |
    | skipped | days without working time | `first`, `last` |
    | added | a make-up working day | `first` |
    | paused | the clock stood still; what it held is counted again after | `since`, `until`, `seconds` |
    | extended | so many days were added, in the clock's own kind of days | `days`, `until` the new due moment |
    | closing | the end of that day holds (`eod`) | `until` |
    | anchor | a series begins to count | `first`, `target` how often it comes back |
    | nominal | the date of the series that is meant | `first` |
    | moved | it lies on a day off; the rule moves it | `first`, `last` where to |
    | passed | that had passed already when it was computed | `since` |
    | due | the result | `since`, `provisional` |
    """

    kind: Kind
    since: datetime | None = None
    until: datetime | None = None
    seconds: int = 0
    first: date | None = None
    last: date | None = None
    provisional: bool = False
    days: int = 0
    target: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a clock stands at a moment, in counted seconds. `remaining` is negative once it has run out."""

    elapsed: int
    remaining: int


def explain(
    start: datetime,
    target: Target,
    pauses: Sequence[Move],
    calendar: Calendar | None,
    working: Calendar,
) -> tuple[Line, ...]:
    """The derivation of a due time; `pauses` are all that moved it, in order.

    Counted and elapsed seconds add up to the target's length and the pauses'. Raises as `due` does.
    """
    counted = counts_in(target, calendar, working)
    first = due(start, target, calendar, working)
    lines = [Line("start", since=start, target=str(target)), *_path(start, first.at, counted)]
    if target.end_of_day:
        lines.append(Line("closing", until=first.at))
    at = first.at
    for move in pauses:
        if isinstance(move, int):
            at = due(at, Target(move, "d"), counted, working).at
            lines.append(Line("extended", until=at, days=move))
            continue
        since, until = move
        later = resumed(at, since, until, counted)
        lines.append(Line("paused", since=since, until=until, seconds=elapsed(since, until, counted)))
        lines.extend(_path(at, later, counted))
        at = later
    provisional = first.provisional or (counted is not None and not counted.is_known(counted.local_day(at)))
    return (*lines, Line("due", since=at, provisional=provisional))


def nominal(
    anchor: date,
    every: Target,
    day: date,
    rule: Literal["before", "after", "none"],
    calendar: Calendar,
    working: Calendar,
    due_at: datetime,
) -> tuple[Line, ...]:
    """How a date of a series came to be due at a moment: the series, the date, and where days off have moved it.

    `calendar` says which days are off; in the zone of `working` the day begins.
    """
    lines = [Line("anchor", first=anchor, target=str(every)), Line("nominal", first=day)]
    opens = shift_day(day, rule, calendar)
    if opens != day:
        off = (day, opens - ONE_DAY) if opens > day else (opens + ONE_DAY, day)
        lines += [Line("skipped", first=off[0], last=off[1]), Line("moved", first=day, last=opens)]
    begins = working.wall(opens, time())
    if begins < due_at:
        lines.append(Line("passed", since=begins))
    return (*lines, Line("due", since=due_at, provisional=rule != "none" and not calendar.is_known(opens)))


def standing(
    start: datetime,
    seconds: int,
    pauses: Sequence[Move],
    *,
    at: datetime,
    calendar: Calendar | None,
    working: Calendar,
) -> Standing:
    """What has been counted by a moment, and what is left of `seconds`; a pause that goes on counts until then.

    `calendar` is the one the target is counted in. What an extension added is left as well.
    """
    stood = extra = 0
    due_at = shift(start, seconds, calendar)
    for move in pauses:
        if isinstance(move, int):
            later = due(due_at, Target(move, "d"), calendar, working).at
            extra, due_at = extra + elapsed(due_at, later, calendar), later
        else:
            since, until = move
            stood += max(0, elapsed(since, min(until, at), calendar))
            due_at = resumed(due_at, since, until, calendar)
    used = max(0, elapsed(start, at, calendar) - stood)
    return Standing(used, seconds + extra - used)


def _path(since: datetime, until: datetime, calendar: Calendar | None) -> Iterator[Line]:
    if until <= since:
        return
    if calendar is None:
        yield Line("elapsed", since=since, until=until, seconds=elapsed(since, until, None))
        return
    opening = min(until, shift(since, 0.000001, calendar) - timedelta(microseconds=1))
    if opening > since:
        yield Line("waits", since=since, until=opening)
    yield from _days(opening, until, calendar)


def _days(since: datetime, until: datetime, calendar: Calendar) -> Iterator[Line]:
    begin, end = micros(since), micros(until)
    day, last = calendar.local_day(since), calendar.local_day(until)
    skipped: date | None = None
    while day <= last:
        spans = calendar.spans(day)
        if not spans:
            skipped = skipped or day
        elif skipped is not None:
            yield Line("skipped", first=skipped, last=day - ONE_DAY)
            skipped = None
        if spans and day in calendar.extra and not calendar.windows.get(day.weekday()):
            yield Line("added", first=day)
        for opening, closing in spans:
            low, high = max(opening, begin), min(closing, end)
            if low < high:
                part = moment_of(low), moment_of(high)
                yield Line("counted", *part, seconds=(high - low) // 1_000_000)
        day += ONE_DAY
