"""What comes due next, over all cases, for those who keep it in memory."""

from __future__ import annotations

from datetime import datetime
from heapq import heapify, heappop, heappush

from workflow.storage.due import WORDS


class Agenda:
    """The next due moment of every case with a timer, kept in memory from commit to commit."""

    def __init__(self, waiting: list[tuple[datetime, int, str]]) -> None:
        self.words = {case for _, case, kind in waiting if kind in WORDS}
        """Cases that hear from a linked one."""
        self._next: dict[int, datetime] = {}
        for due, case, _ in waiting:
            self._next[case] = min(due, self._next.get(case, due))
        self._heap = [(due, case) for case, due in self._next.items()]
        heapify(self._heap)

    def put(self, case: int, due: datetime | None) -> None:
        """A case's next due moment is this now; None: it has no timer."""
        if due is None:
            self._next.pop(case, None)
        elif self._next.get(case) != due:
            self._next[case] = due
            heappush(self._heap, (due, case))

    def drop(self, case: int) -> None:
        """A case that was about to be opened is not."""
        self._next.pop(case, None)
        self.words.discard(case)

    def take(self, at: datetime) -> tuple[datetime, int] | None:
        """The earliest case that is due by `at`, taken off; None when nothing is."""
        while self._heap and self._heap[0][0] <= at:
            due, case = heappop(self._heap)
            if self._next.get(case) == due:
                del self._next[case]
                return due, case
        return None

    def first(self) -> datetime | None:
        """The next moment at which anything is due."""
        while self._heap and self._next.get(self._heap[0][1]) != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None
