"""Every version of every calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from workflow.core.calendar import Calendar
from workflow.core.calendar_text import calendar_of, text_of
from workflow.storage.tables import calendars


def newest(connection: Connection) -> Mapping[str, Calendar]:
    """The last version of each calendar, by name."""
    c = calendars.c
    last = select(c.name, func.max(c.version).label("version")).group_by(c.name).subquery()
    query = select(c.text).join(last, (last.c.name == c.name) & (last.c.version == c.version))
    found = [calendar_of(text) for text in connection.scalars(query)]
    return {calendar.name: calendar for calendar in found}


def version(connection: Connection, name: str, number: int) -> Calendar | None:
    """One version; None when it was never kept."""
    c = calendars.c
    text = connection.scalar(select(c.text).where(c.name == name, c.version == number))
    return None if text is None else calendar_of(text)


def keep(connection: Connection, calendar: Calendar, at: datetime) -> str:
    """Add a version; gives the text that is kept of it."""
    text = text_of(calendar)
    values = {"name": calendar.name, "version": calendar.version, "text": text, "stored": at}
    connection.execute(insert(calendars).values(**values))
    return text
