"""Figures that take long to count and may be a moment old."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Value = TypeVar("Value")
MOST = 1000


class Remembered(Generic[Value]):
    """What was counted for a key, for so long. Of threads that share it two may count at once, which does no harm."""

    def __init__(self, *, lasts: timedelta) -> None:
        self.lasts = lasts
        self._known: dict[object, tuple[datetime, Value]] = {}

    def get(self, key: object, at: datetime, count: Callable[[], Value]) -> Value:
        """The value of a key as it was counted at `at` or less than `lasts` before."""
        known = self._known.get(key)
        if known is not None and timedelta() <= at - known[0] < self.lasts:
            return known[1]
        value = count()
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[key] = (at, value)
        return value
