"""What was known at a moment: values in the order in which they began to hold."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")

WAITED = timedelta(seconds=10)
"""A command's moment is read before it waits for its lock: so much later may what it then found have been written."""


class Timeline(Generic[T]):
    """Values with the moment each was written at, in the order in which they were written."""

    def __init__(self) -> None:
        self._moments: list[datetime] = []
        self._values: list[T] = []

    def add(self, moment: datetime, value: T) -> None:
        """Moments never fall."""
        self._moments.append(moment)
        self._values.append(value)

    def at(self, moment: datetime) -> T | None:
        """The value that held at a moment, those written at it among them; the first one before there was any."""
        if not self._values:
            return None
        return self._values[max(bisect_right(self._moments, moment) - 1, 0)]

    def until(self, moment: datetime) -> T | None:
        """The same; None before there was any."""
        place = bisect_right(self._moments, moment)
        return self._values[place - 1] if place else None

    def before(self, moment: datetime) -> T | None:
        """What held before anything was written at that moment."""
        place = bisect_left(self._moments, moment)
        return self._values[place - 1] if place else None

    def else_at(self, moment: datetime) -> Iterator[T]:
        """What may have held instead, nearest first: moments are as fine as microseconds, and no finer."""
        here = bisect_right(self._moments, moment) - 1
        for place in range(here - 1, max(bisect_left(self._moments, moment) - 2, -1), -1):
            yield self._values[place]
        for place in range(max(here + 1, 1), bisect_right(self._moments, moment + WAITED)):
            yield self._values[place]

    def last(self) -> T | None:
        return self._values[-1] if self._values else None
