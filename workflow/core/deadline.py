"""When something is due, and how long is left: arithmetic over natural and working time.

Pure: moments go in, moments come out, aware and in UTC. A `calendar` of None is natural
time, in which every second counts. `working` is the calendar of `wm`, `wh`, `wd` and `eod`,
and its zone is the one in which months are counted.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Literal

from workflow.core.calendar import Calendar, CalendarExhausted, Windows
from workflow.core.definition.clocks import Rung
from workflow.core.definition.targets import Target
from workflow.core.moments import micros, moment_of

NATURAL = "natural"
SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800, "wm": 60, "wh": 3600}
ALWAYS_WORKING = frozenset({"wm", "wh", "wd"})
SECOND = 1_000_000
ONE_DAY = timedelta(days=1)
REACH = 36_525
"""Days a search looks ahead or back before it gives up: a hundred years."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a target runs out. `calendar`: what it is counted in, `natural` or a name. `provisional`: the days off of
    that year were not announced when this was computed.
    """

    at: datetime
    provisional: bool = False
    calendar: str = NATURAL


@dataclass(frozen=True, slots=True)
class Due(Moment):
    """A due moment with its length: `seconds` as counted in `calendar`, in which percentages and pauses count too."""

    seconds: int = 0


def due(start: datetime, target: Target, calendar: Calendar | None, working: Calendar) -> Due:
    """When a target that starts now runs out, and how long that is. Raises as `reach` does."""
    start = _utc(start)
    reached = reach(start, target, calendar, working)
    seconds = elapsed(start, reached.at, counts_in(target, calendar, working))
    return Due(reached.at, reached.provisional, reached.calendar, seconds)


def reach(start: datetime, target: Target, calendar: Calendar | None, working: Calendar) -> Moment:
    """When a target that starts now runs out.

    In working time a target that exactly fills a window is due at its closing. Working days keep the
    time of day and count from the next opening when the start lies outside; where that time is no working
    time on the last day, the closing before it holds. `mo` keeps day and time of day in the zone of
    `working`, clamped to the month's end; `w` and `mo` pass over days off whichever calendar counts. `eod` is
    the last closing of the day reached, or of the next working day when that day has none after the start.
    A date (`on`) or a moment (`at`) that has passed when it is asked for is reached at once.
    Raises `CalendarExhausted`, and ValueError for a naive start.
    """
    start = _utc(start)
    if target.unit == "at":
        return Moment(max(start, moment_of(target.amount)))
    counted = counts_in(target, calendar, working)
    try:
        if counted is None and not target.end_of_day and target.unit in SECONDS:
            return Moment(start + timedelta(seconds=target.amount * SECONDS[target.unit]))
        at = _counted(start, target, counted, working, sign=1)
        if target.end_of_day:
            at = _closing(at, counted or working, after=start)
    except OverflowError as error:
        raise CalendarExhausted(f"{target} from {start} leads beyond the calendar") from error
    known = counted or (working if target.end_of_day else None)
    return Moment(
        at=at,
        provisional=known is not None and not known.is_known(known.local_day(at)),
        calendar=NATURAL if counted is None else counted.name,
    )


def counts_in(target: Target, calendar: Calendar | None, working: Calendar) -> Calendar | None:
    """The calendar a target's length is counted in, given the calendar of its clock."""
    return working if target.unit in ALWAYS_WORKING else calendar


def shift(moment: datetime, seconds: float, calendar: Calendar | None) -> datetime:
    """Go forward by counted seconds, or back when negative. Zero stays where it is.

    A shift that exactly fills a window ends at its closing, going back at its opening.
    """
    return _shift(_utc(moment), round(seconds * SECOND), calendar)


def resumed(due_at: datetime, since: datetime, until: datetime, calendar: Calendar | None) -> datetime:
    """The due moment after a pause, moved by exactly what the pause held of counted time."""
    return _shift(_utc(due_at), _between(micros(since), micros(until), calendar), calendar)


def elapsed(since: datetime, until: datetime, calendar: Calendar | None) -> int:
    """Counted whole seconds from one moment to the other; negative when they are the other way round."""
    counted = _between(micros(since), micros(until), calendar)
    return counted // SECOND if counted >= 0 else -(-counted // SECOND)


def rung_at(due_at: datetime, seconds: int, rung: Rung, calendar: Calendar | None, working: Calendar) -> datetime:
    """When a step of a ladder is reached. `seconds` and `calendar` are those of `Due`.

    An offset is counted like a target: its plain minutes, hours and days in the clock's calendar, and its
    `eod` is a closing on the same side of due.
    Raises ValueError for a rung with neither a percentage nor an offset.
    """
    due_at = _utc(due_at)
    try:
        if rung.percent is not None:
            return _shift(due_at, int(seconds * (rung.percent - 100) * (SECOND // 100)), calendar)
        if rung.offset is None:
            raise ValueError("a rung with neither a percentage nor an offset")
        counted = counts_in(rung.offset, calendar, working)
        at = _counted(due_at, rung.offset, counted, working, sign=-1 if rung.before else 1)
    except OverflowError as error:
        raise CalendarExhausted(f"a rung from {due_at} leads beyond the calendar") from error
    if rung.offset.end_of_day:
        days = counted or working
        return _closing_before(at, days, until=due_at) if rung.before else _closing(at, days, after=due_at)
    return at


def next_nominal(anchor: date, every: Target, after: date) -> date:
    """The first date of a series later than `after`, counted from the anchor itself so that it never drifts:
    monthly from 31 January gives 28 February, then 31 March. The anchor is not part of the series.

    Raises ValueError for a unit other than `d`, `w` or `mo`, and for nothing at all.
    """
    if every.amount < 1:
        raise ValueError(f"nothing comes back every {every}")
    if every.unit == "mo":
        apart = (after.year - anchor.year) * 12 + after.month - anchor.month
        times = max(1, apart // every.amount)
        while (nominal := add_months(anchor, times * every.amount)) <= after:
            times += 1
        return nominal
    days = {"d": 1, "w": 7}.get(every.unit)
    if days is None:
        raise ValueError(f"work comes back every so many days, weeks or months, not every {every}")
    times = max(1, (after - anchor).days // (every.amount * days) + 1)
    return anchor + ONE_DAY * (times * every.amount * days)


def shift_day(day: date, rule: Literal["before", "after", "none"], calendar: Calendar) -> date:
    """Where a date on a day off goes: the working day before or after, or nowhere."""
    if rule == "none":
        return day
    days = _days(day, calendar, sign=-1 if rule == "before" else 1)
    return next(reached for reached, _ in days if calendar.is_working_day(reached))


def add_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("beyond the calendar")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(UTC)


def _counted(start: datetime, target: Target, counted: Calendar | None, working: Calendar, *, sign: int) -> datetime:
    if target.unit == "on":
        return max(start, working.wall(date.fromordinal(target.amount), time()))
    if target.unit == "mo":
        local = working.local(start)
        return working.wall(add_months(local.date(), sign * target.amount), local.time())
    if target.unit == "w" or counted is None:
        return start + timedelta(seconds=sign * target.amount * SECONDS[target.unit])
    if target.unit in ("d", "wd"):
        return _working_days(start, target.amount, counted, sign=sign)
    return _shift(start, sign * target.amount * SECONDS[target.unit] * SECOND, counted)


def _shift(moment: datetime, need: int, calendar: Calendar | None) -> datetime:
    if calendar is None or need == 0:
        return moment + timedelta(microseconds=need)
    position, day = micros(moment), calendar.local_day(moment)
    return moment_of(_ahead(position, need, day, calendar) if need > 0 else _back(position, -need, day, calendar))


def _ahead(position: int, need: int, day: date, calendar: Calendar) -> int:
    days = _days(day, calendar, sign=1)
    while True:
        for opening, closing in next(days)[1]:
            if closing > position:
                begin = max(opening, position)
                if closing - begin >= need:
                    return begin + need
                need -= closing - begin


def _back(position: int, need: int, day: date, calendar: Calendar) -> int:
    days = _days(day, calendar, sign=-1)
    while True:
        for opening, closing in reversed(next(days)[1]):
            if opening < position:
                end = min(closing, position)
                if end - opening >= need:
                    return end - need
                need -= end - opening


def _between(since: int, until: int, calendar: Calendar | None) -> int:
    if calendar is None:
        return until - since
    if until < since:
        return -_between(until, since, calendar)
    total, day = 0, calendar.local_day(moment_of(since))
    last = calendar.local_day(moment_of(until))
    while day <= last:
        for opening, closing in calendar.spans(day):
            total += max(0, min(closing, until) - max(opening, since))
        day += ONE_DAY
    return total


def _working_days(start: datetime, amount: int, calendar: Calendar, *, sign: int) -> datetime:
    local = calendar.local(_into_window(start, calendar, sign=sign))
    working = ((day, spans) for day, spans in _days(local.date(), calendar, sign=sign) if spans)
    day, spans = next(islice(working, amount, None))
    return _placed(micros(calendar.wall(day, local.time())), spans)


def _into_window(moment: datetime, calendar: Calendar, *, sign: int) -> datetime:
    """The moment itself inside a window; else the next opening, or going back the closing before."""
    position = micros(moment)
    spans = (s for _, day in _days(calendar.local_day(moment), calendar, sign=sign) for s in day[::sign])
    if sign > 0:
        return moment_of(next(max(opening, position) for opening, closing in spans if closing > position))
    return moment_of(next(min(closing, position) for opening, closing in spans if opening < position))


def _placed(at: int, spans: Windows) -> datetime:
    """Inside a window, or at the closing before, or at the day's first opening."""
    earlier = [min(closing, at) for opening, closing in spans if opening <= at]
    return moment_of(earlier[-1] if earlier else spans[0][0])


def _closing(at: datetime, calendar: Calendar, *, after: datetime) -> datetime:
    """The day's last closing, or the next working day's where it has none after that moment."""
    days = _days(calendar.local_day(at), calendar, sign=1)
    return moment_of(next(spans[-1][1] for _, spans in days if spans and spans[-1][1] > micros(after)))


def _closing_before(at: datetime, calendar: Calendar, *, until: datetime) -> datetime:
    """The day's last closing, or the working day's before where it has none up to that moment."""
    days = _days(calendar.local_day(at), calendar, sign=-1)
    return moment_of(next(spans[-1][1] for _, spans in days if spans and spans[-1][1] <= micros(until)))


def _days(day: date, calendar: Calendar, *, sign: int) -> Iterator[tuple[date, Windows]]:
    """Days onwards or backwards with their windows in UTC. Ends only by raising `CalendarExhausted`."""
    for _ in range(REACH):
        if not 1000 < day.year < 9999:
            break
        yield day, calendar.spans(day)
        day += sign * ONE_DAY
    raise CalendarExhausted(f"no working time in calendar {calendar.name!r} within {REACH} days")
