"""What happened by itself and is not in the figures yet: a moment after the commit cannot be written with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from workflow.storage.lateness import Measured


class Happened(NamedTuple):
    """A timer: when it was due, and when it began to be decided. `failed`: it had not worked before."""

    kind: str
    due: datetime
    fired: datetime
    failed: bool = False


class Tally:
    """Gathered by every thread of a program, written by whichever writes next.

    A program that is killed takes with it what it had not written: counts of a few seconds. The steps themselves
    hold when each was due and when it was recorded.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: list[tuple[datetime, Sequence[Happened]]] = []

    def add(self, happened: Sequence[Happened], *, committed: datetime) -> None:
        """What one transaction kept."""
        if happened:
            with self._lock:
                self._waiting.append((committed, happened))

    def oldest(self) -> datetime | None:
        """When the first of those that wait was kept; None when nothing waits."""
        with self._lock:
            return self._waiting[0][0] if self._waiting else None

    @contextmanager
    def taken(self) -> Iterator[list[Measured]]:
        """What has gathered, to be written inside; it is put back when that does not work."""
        with self._lock:
            mine, self._waiting = self._waiting, []
        try:
            yield list(_measured(mine))
        except BaseException:
            with self._lock:
                self._waiting = mine + self._waiting
            raise


def _measured(batches: Iterable[tuple[datetime, Sequence[Happened]]]) -> Iterator[Measured]:
    for committed, happened in batches:
        for kind, due, fired, failed in happened:
            cause = "failed" if failed else None
            yield Measured("fired", kind, due, fired, cause)
            yield Measured("committed", kind, due, committed, cause)
