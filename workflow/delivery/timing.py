"""When a message may go: at once, with the day's others, in somebody's hours, or later after a failure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from workflow.core.calendar import Calendar
from workflow.core.moments import micros, moment_of

LONGEST = timedelta(hours=1)
FURTHEST = 400
"""Days in which hours are looked for; a calendar without any holds nothing back."""


def first_try(
    created: datetime, at: datetime, *, gather: timedelta, digest: int | None, hours: Calendar | None, zone: ZoneInfo
) -> datetime:
    """When a message to a person goes out. `digest`: the hour of the day for one e-mail a day, None: soon."""
    due = max(created + gather, at) if digest is None else next_hour(at, digest, zone)
    return within_hours(due, hours)


def next_hour(at: datetime, hour: int, zone: ZoneInfo) -> datetime:
    """The next time the clocks of the zone show this hour; one skipped in spring is the moment it is skipped."""
    local = at.astimezone(zone)
    for days in (0, 1):
        then = datetime.combine(local.date() + timedelta(days=days), time(hour), tzinfo=zone).astimezone(UTC)
        if then > at:
            return then
    return at + timedelta(days=1)


def within_hours(at: datetime, hours: Calendar | None) -> datetime:
    """The moment itself when it lies in the hours, else their next opening; None: any hour will do."""
    if hours is None:
        return at
    position, day = micros(at), hours.local_day(at)
    for _ in range(FURTHEST):
        for opening, closing in hours.spans(day):
            if closing > position:
                return moment_of(max(opening, position))
        day += timedelta(days=1)
    return at


def next_try(at: datetime, attempts: int, *, backoff: timedelta, chance: Random) -> datetime:
    """Twice as long after each failure, an hour at most, and a little apart so that not all come at once."""
    wait: timedelta = min(backoff * 2 ** min(attempts, 20), LONGEST)
    return at + wait * chance.uniform(0.75, 1.25)
