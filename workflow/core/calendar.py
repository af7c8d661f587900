"""When work is done: windows of the day, days off and make-up days, in one zone.

A calendar is a value. It reads no clock and no table of holidays; whoever builds it
brings the dates.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workflow.core.definition.expressions import Text
from workflow.core.moments import MICRO, micros, moment_of

Windows = tuple[tuple[int, int], ...]
"""Opening and closing of each window, in minutes of the local day (0 to 1440), rising, apart."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = 60_000_000
DAY = 1440 * MINUTE
CACHED_DAYS = 8192


class CalendarFault(ValueError):
    """A calendar that cannot be. `path` leads to the fault in its file."""

    def __init__(self, message: str, *path: str) -> None:
        self.path = path
        super().__init__(message)


class CalendarEmpty(CalendarFault):
    """A calendar without a single window: nothing would ever be due."""


class CalendarExhausted(ValueError):
    """No working time within reach of a search."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working time. `zone` is an IANA name; `windows` by weekday, Monday 0.

    A day in `off` has no window, a day in `extra` has the windows given there, whatever else
    is said about it. After `known_through` the days off are not announced yet, so due
    times are provisional; None: the calendar needs no announcements. `names`: what days off and
    added days are called; they count for nothing, so two calendars that differ in them alone are equal.
    Raises `CalendarFault` and `CalendarEmpty`.
    """

    name: str
    version: int
    title: Text
    zone: str
    windows: Mapping[int, Windows] = field(hash=False)
    off: frozenset[date] = frozenset()
    extra: Mapping[date, Windows] = field(default_factory=dict, hash=False)
    known_through: date | None = None
    names: Mapping[date, Text] = field(default_factory=dict, compare=False)
    _zone: ZoneInfo = field(init=False, repr=False, compare=False)
    _days: dict[date, Windows] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        try:
            zone = ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise CalendarFault(f"unknown time zone {self.zone!r}", "zone") from error
        for weekday, windows in self.windows.items():
            if weekday not in range(7):
                raise CalendarFault(f"unknown weekday {weekday!r}", "windows")
            check_windows(windows, "windows", WEEKDAYS[weekday])
        for day, windows in self.extra.items():
            check_windows(windows, "add", day.isoformat())
        if not any(self.windows.values()) and not any(self.extra.values()):
            raise CalendarEmpty(f"calendar {self.name!r} has no window at all", "windows")
        object.__setattr__(self, "_zone", zone)
        object.__setattr__(self, "windows", MappingProxyType(dict(self.windows)))
        object.__setattr__(self, "extra", MappingProxyType(dict(self.extra)))
        object.__setattr__(self, "names", MappingProxyType(dict(self.names)))

    def windows_on(self, day: date) -> Windows:
        """The windows of a local day, in minutes; empty on a day off."""
        extra = self.extra.get(day)
        if extra is not None:
            return extra
        return () if day in self.off else self.windows.get(day.weekday(), ())

    def renamed(self, name: str) -> Calendar:
        """The same as the first version of another calendar. Raises `CalendarFault` for a name that cannot be."""
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) or name == "natural":
            raise CalendarFault(f"{name!r} is no name of a calendar", "name")
        return replace(self, name=name, version=1)

    def is_working_day(self, day: date) -> bool:
        return bool(self.windows_on(day))

    def spans(self, day: date) -> Windows:
        """The windows of a local day as UTC microseconds since 1970, rising.

        A moment counts when its local time lies in a window: a window over the hour that
        is skipped in spring is an hour short, one over the hour that comes twice counts both.
        """
        known = self._days.get(day)
        if known is None:
            if len(self._days) >= CACHED_DAYS:
                self._days.clear()
            known = self._days[day] = tuple(self._cut(day))
        return known

    def local_day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone)

    def wall(self, day: date, at: time) -> datetime:
        """The UTC moment of a local time. One that is skipped in spring lies an hour later by the wall."""
        return datetime.combine(day, at, tzinfo=self._zone).astimezone(UTC)

    def usual(self) -> Windows:
        """The windows of the first working weekday; empty where only single days are worked."""
        return next((self.windows[day] for day in sorted(self.windows) if self.windows[day]), ())

    def is_known(self, day: date) -> bool:
        """Whether the days off around this one have been announced."""
        return self.known_through is None or day <= self.known_through

    def _cut(self, day: date) -> Iterator[tuple[int, int]]:
        windows = self.windows_on(day)
        if not windows:
            return
        midnight = micros(datetime.combine(day, time(), tzinfo=UTC))
        for since, until, offset in self._offsets(midnight - DAY, midnight + 2 * DAY):
            for opening, closing in windows:
                begin = max(midnight + opening * MINUTE - offset, since)
                end = min(midnight + closing * MINUTE - offset, until)
                if begin < end:
                    yield begin, end

    def _offsets(self, since: int, until: int) -> Iterator[tuple[int, int, int]]:
        """Stretches of one UTC offset: from, until and the offset, in microseconds."""
        if self._offset(since) == self._offset(until):
            yield since, until, self._offset(since)
            return
        begin = since
        for hour in range(since, until, 60 * MINUTE):
            low, high = hour, hour + 60 * MINUTE
            if self._offset(low) == self._offset(high):
                continue
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if self._offset(middle) == self._offset(low) else (low, middle)
            yield begin, high, self._offset(begin)
            begin = high
        yield begin, until, self._offset(begin)

    def _offset(self, at: int) -> int:
        offset = moment_of(at).astimezone(self._zone).utcoffset()
        assert offset is not None  # noqa: S101 - a ZoneInfo always has one
        return offset // MICRO


def calendar_from(
    spec: Mapping[str, Any],
    *,
    off: Collection[date] = (),
    added: Collection[date] = (),
    names: Mapping[date, Text] = MappingProxyType({}),
) -> Calendar:
    """A calendar from its file, already parsed.

    `off` are a country's holidays, `added` its make-up working days, `names` what they are called; the file's
    own `remove` (days off), `add` (working days) and `names` win over these. An added day without windows of its own
    has those of the first working weekday. Raises `CalendarFault` with the path of the fault.
    """
    weekly = {d: w for key, texts in _mapping(spec, "windows").items() for d, w in _weekdays(key, texts)}
    usual = next((weekly[day] for day in sorted(weekly) if weekly[day]), ())
    removed = frozenset(_day(value, "remove") for value in _list(spec.get("remove") or (), "remove"))
    extra = {day: usual for day in added if day not in removed}
    for key, value in _mapping(spec, "add").items():
        day = _day(key, "add")
        extra[day] = usual if value is True else _windows(value, "add", str(key))
        if day in removed:
            raise CalendarFault(f"{day} is both added and removed", "add", str(key))
    known = spec.get("known_through")
    title = _mapping(spec, "title")
    return Calendar(
        name=str(_required(spec, "name")),
        version=_whole(_required(spec, "version"), "version"),
        title=Text(zh=str(_required(title, "zh", "title")), en=str(_required(title, "en", "title"))),
        zone=str(_required(spec, "zone")),
        windows=weekly,
        off=(frozenset(off) | removed) - extra.keys(),
        extra=extra,
        known_through=None if known is None else date(_whole(known, "known_through"), 12, 31),
        names={
            **names,
            **{_day(key, "names"): _text(value, str(key)) for key, value in _mapping(spec, "names").items()},
        },
    )


def windows_from(text: str) -> Windows:
    """Windows as people type them: `09:00-12:00 13:30-18:00`, apart by blanks or commas. Raises `CalendarFault`."""
    windows = tuple(_window(part, "windows") for part in re.split(r"[\s,;，；、]+", text.strip()) if part)
    check_windows(windows, "windows")
    return windows


def check_windows(windows: Windows, *path: str) -> None:
    """Raises `CalendarFault` unless the windows lie in the day, rise and do not meet."""
    end = -1
    for opening, closing in windows:
        if not 0 <= opening < closing <= 1440:
            raise CalendarFault("a window opens before it closes, within one day", *path)
        if opening <= end:
            raise CalendarFault("windows of a day rise and lie apart", *path)
        end = closing


def _required(spec: Mapping[str, Any], key: str, *path: str) -> Any:
    if spec.get(key) is None:
        raise CalendarFault(f"{key} is missing", *path, key)
    return spec[key]


def _whole(value: Any, *path: str) -> int:
    if not isinstance(value, int) or not 1 <= value <= 9999:
        raise CalendarFault(f"{value!r} is not a whole number from 1 to 9999", *path)
    return int(value)


def _mapping(spec: Mapping[str, Any], key: str) -> Mapping[Any, Any]:
    value = spec.get(key) or {}
    if not isinstance(value, Mapping):
        raise CalendarFault(f"{key} is a mapping", key)
    return value


def _text(value: Any, day: str) -> Text:
    if not isinstance(value, Mapping) or not all(isinstance(value.get(one), str) for one in ("zh", "en")):
        raise CalendarFault("a name is given in both languages, zh and en", "names", day)
    return Text(zh=value["zh"], en=value["en"])


def _weekdays(key: Any, texts: Any) -> Iterator[tuple[int, Windows]]:
    """`mon` or `mon-fri`."""
    first, _, last = str(key).lower().partition("-")
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
        raise CalendarFault(f"unknown weekday {key!r}", "windows", str(key))
    windows = _windows(texts, "windows", str(key))
    if WEEKDAYS.index(last or first) < WEEKDAYS.index(first):
        raise CalendarFault(f"{key} runs backwards; the week begins on Monday", "windows", str(key))
    for weekday in range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1):
        yield weekday, windows


def _windows(texts: Any, *path: str) -> Windows:
    return tuple(_window(str(text), *path) for text in _list(texts, *path))


def _list(values: Any, *path: str) -> Collection[Any]:
    if isinstance(values, (str, Mapping)) or not isinstance(values, Collection):
        raise CalendarFault(f"{values!r} is not a list", *path)
    return values


def _window(text: str, *path: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)", text)
    if match is None:
        raise CalendarFault(f"{text!r} is not a window like 09:00-12:00", *path)
    hour, minute, until_hour, until_minute = map(int, match.groups())
    return hour * 60 + minute, until_hour * 60 + until_minute


def _day(value: Any, *path: str) -> date:
    try:
        return value if type(value) is date else date.fromisoformat(str(value))
    except ValueError as error:
        raise CalendarFault(f"{value!r} is not a date like 2026-10-01", *path) from error
