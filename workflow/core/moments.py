"""Moments as they are stored and counted with: whole microseconds since 1970 in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Whole microseconds since 1970 of an aware moment; a naive one raises ValueError."""
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    return (moment - EPOCH) // MICRO


@lru_cache(maxsize=4096)
def moment_of(value: int) -> datetime:
    """The aware moment, in UTC, of microseconds since 1970. A step says the same moments again and again."""
    return EPOCH + timedelta(0, 0, value)


def exact(moment: datetime) -> str:
    """A moment as text, to the microsecond, in UTC: texts of moments sort as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
