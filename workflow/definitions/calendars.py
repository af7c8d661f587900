"""Working calendars from their files, with a country's holidays filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import holidays

from workflow.core.calendar import Calendar, CalendarFault, calendar_from
from workflow.core.definition.expressions import Text
from workflow.definitions.faults import DefinitionErrors, Fault, unknown
from workflow.definitions.source import Source, read
from workflow.messages import derivations
from workflow.messages.catalogue import LANGUAGES, find

FIRST_YEAR = 2000
"""Holidays are filled in from here: no case of ours, nor one that is imported, is older."""

LAST_YEAR = 2100

KEYS = ("name", "version", "title", "zone", "windows", "holidays", "known_through", "add", "remove", "names")

ZH, EN = "zh_CN", "en_US"


def load_calendars(folder: Path) -> Mapping[str, Calendar]:
    """All calendars of a folder by name. Raises DefinitionErrors with every fault of every file."""
    faults: list[Fault] = []
    made: dict[str, Calendar] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            calendar = load_calendar(path)
        except DefinitionErrors as errors:
            faults += errors.faults
            continue
        made[calendar.name] = calendar
    if faults:
        raise DefinitionErrors(faults)
    return MappingProxyType(made)


def load_calendar(path: Path) -> Calendar:
    """One calendar; its name is the file's. Raises DefinitionErrors."""
    source = read(path)
    spec = source.value
    for key in spec:
        if key not in KEYS:
            source.fault((key,), unknown("key", key, KEYS), "shape", at=source.key((key,)))
    if spec.get("name") != path.stem:
        source.fault(("name",), f"a calendar is named like its file, '{path.stem}'", "calendar")
    calendar = _made(source, spec)
    if calendar is None or source.faults:
        raise DefinitionErrors(source.faults)
    return calendar


def _made(source: Source, spec: Mapping[str, Any]) -> Calendar | None:
    off, added, names = frozenset[date](), frozenset[date](), dict[date, Text]()
    country, known = spec.get("holidays"), spec.get("known_through")
    if country is not None and not isinstance(known, int):
        source.fault(("holidays",), "holidays need `known_through`, the last year announced", "calendar")
    elif country is not None and isinstance(known, int):
        try:
            off, added = public_holidays(str(country), known)
            names = holiday_names(str(country), known)
        except NotImplementedError:
            source.fault(("holidays",), f"no holidays are known of a country '{country}'", "calendar")
    try:
        return calendar_from(spec, off=off, added=added, names=names)
    except CalendarFault as fault:
        source.fault(fault.path, str(fault), "calendar")
        return None


@cache
def public_holidays(country: str, known_through: int) -> tuple[frozenset[date], frozenset[date]]:
    """A country's days off and its make-up working days. Raises NotImplementedError for an unknown country."""
    days = _holidays(country, known_through, None)
    return frozenset(days), frozenset(getattr(days, "weekend_workdays", ()))


@cache
def holiday_names(country: str, known_through: int) -> dict[date, Text]:
    """What a country's days off and make-up working days are called, in both languages.

    Where the package has no Chinese for a country, its English stands for both.
    """
    en = _holidays(country, known_through, EN)
    zh = _holidays(country, known_through, ZH) if ZH in en.supported_languages else en
    names = {day: Text(zh=zh.get(day) or name, en=name) for day, name in en.items()}
    instead = {worked: day for day, name in names.items() for worked in _dates(name.zh)}
    names |= {off: _said("off_instead", worked) for worked, off in instead.items()}
    names |= {day: _said("make_up", instead.get(day)) for day in getattr(en, "weekend_workdays", ())}
    return names


@cache
def english_names(country: str) -> dict[str, str]:
    """What a country's holidays are called in English, by their Chinese names."""
    return {name.zh: name.en for name in holiday_names(country, FIRST_YEAR + 30).values()}


def _said(key: str, other: date | None) -> Text:
    """The name of a day that is exchanged for another, where that is known."""
    said = {one: find(one, "calendar", key, {"day": derivations.day(other, one)}) or "" for one in LANGUAGES}
    return Text(zh=said["zh"], en=said["en"])


def _holidays(country: str, known_through: int, language: str | None) -> holidays.HolidayBase:
    years = range(FIRST_YEAR, min(known_through, LAST_YEAR) + 1)
    return holidays.country_holidays(country, years=years, language=language)


def _dates(name: str) -> list[date]:
    """The dates a name holds, like that of a day off which is worked for on another."""
    return [date.fromisoformat(found) for found in re.findall(r"\d{4}-\d\d-\d\d", name)]
