"""Working calendars from their files, with a country's holidays filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import holidays

from workflow.core.calendar import Calendar, CalendarFault, calendar_from
from workflow.definitions.faults import DefinitionErrors, Fault, unknown
from workflow.definitions.source import Source, read

FIRST_YEAR = 2000
"""Holidays are filled in from here: no case of ours, nor one that is imported, is older."""

LAST_YEAR = 2100

KEYS = ("name", "version", "title", "zone", "windows", "holidays", "known_through", "add", "remove")


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
    off, added = frozenset[date](), frozenset[date]()
    country, known = spec.get("holidays"), spec.get("known_through")
    if country is not None and not isinstance(known, int):
        source.fault(("holidays",), "holidays need `known_through`, the last year announced", "calendar")
    elif country is not None and isinstance(known, int):
        try:
            off, added = public_holidays(str(country), known)
        except NotImplementedError:
            source.fault(("holidays",), f"no holidays are known of a country '{country}'", "calendar")
    try:
        return calendar_from(spec, off=off, added=added)
    except CalendarFault as fault:
        source.fault(fault.path, str(fault), "calendar")
        return None


@cache
def public_holidays(country: str, known_through: int) -> tuple[frozenset[date], frozenset[date]]:
    """A country's days off and its make-up working days. Raises NotImplementedError for an unknown country."""
    days = holidays.country_holidays(country, years=range(FIRST_YEAR, min(known_through, LAST_YEAR) + 1))
    return frozenset(days), frozenset(getattr(days, "weekend_workdays", ()))
