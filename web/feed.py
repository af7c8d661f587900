"""A calendar as other programs read it: RFC 5545, written by the icalendar package."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from workflow.service.days import Entry

REFRESH = timedelta(hours=1)
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
"""The stamp of every event: the feed has no method, and what did not change must stay the same to the byte."""


def written(entries: Iterable[tuple[Entry, str, str]], *, title: str, brand: str) -> bytes:
    """The feed. Each entry comes with what it is called and the address of its case; nothing else goes out."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{brand}//EN")
    calendar.add("version", "2.0")
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for entry, name, address in entries:
        event = Event()
        event.add("uid", uid(entry))
        event.add("dtstamp", WRITTEN)
        event.add("summary", f"{name} {entry.number}")
        event.add("url", address)
        if entry.at is not None:
            event.add("dtstart", entry.at.astimezone(UTC).replace(microsecond=0))
        elif entry.on is not None:
            event.add("dtstart", entry.on)
            event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return calendar.to_ical()


def uid(entry: Entry) -> str:
    """The same for the same thing, whenever it is moved to."""
    what = f"task-{entry.no}" if entry.no is not None else f"field-{entry.name}"
    return f"case-{entry.case}-{what}@baton"
