"""What happened by itself and is not in the figures yet: a moment after the commit cannot be written with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from workflow.core.moments import EPOCH
from workflow.storage.lateness import Measured


@dataclass(frozen=True, slots=True)
class Happened:
    """A timer: when it was due, began to be decided, and was kept. `failed`: it had not worked before."""

    kind: str
    due: datetime
    fired: datetime
    committed: datetime = EPOCH
    failed: bool = False

    def measured(self) -> tuple[Measured, Measured]:
        cause = "failed" if self.failed else None
        return (
            Measured("fired", self.kind, self.due, self.fired, cause),
            Measured("committed", self.kind, self.due, self.committed, cause),
        )


class Tally:
    """Gathered by every thread of a program, written by whichever writes next.

    A program that is killed takes with it what it had not written: counts of a few seconds. The steps themselves
    hold when each was due and when it was recorded.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: list[Happened] = []

    def add(self, happened: Sequence[Happened], *, committed: datetime) -> None:
        if happened:
            with self._lock:
                self._waiting.extend(replace(one, committed=committed) for one in happened)

    def oldest(self) -> datetime | None:
        """When the first of those that wait was kept; None when nothing waits."""
        with self._lock:
            return self._waiting[0].committed if self._waiting else None

    @contextmanager
    def taken(self) -> Iterator[list[Measured]]:
        """What has gathered, to be written inside; it is put back when that does not work."""
        with self._lock:
            mine, self._waiting = self._waiting, []
        try:
            yield [length for one in mine for length in one.measured()]
        except BaseException:
            with self._lock:
                self._waiting = mine + self._waiting
            raise
