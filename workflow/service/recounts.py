"""The door's part that computes due times again after a change, a portion at a time."""

from __future__ import annotations

import logging
from datetime import datetime

from workflow.core import unasked
from workflow.core.amendments import Cause
from workflow.service.base import Base
from workflow.storage import due as timers
from workflow.storage import recounts
from workflow.storage.errors import StorageError

log = logging.getLogger(__name__)

KIND = "recount"
"""Of the incident when a case will not be computed again."""

PORTION = 100
"""Cases looked at in one go: the sweep must not keep timers waiting for it."""


class Recounts(Base):
    def recount(self, at: datetime | None = None, *, limit: int = PORTION) -> int:
        """Look at the next open cases whose due times may have changed; gives how many changed.

        A case at a time, each in a transaction of its own, so that nobody waits for all of them. Who dies in
        between is followed by one who does the last portion again, which then changes nothing.
        """
        now = at or self.clock()
        with self.database.reading() as connection:
            asked = recounts.first(connection)
            ids = [] if asked is None else recounts.next_cases(connection, asked, limit=limit)
        if asked is None:
            return 0
        cause: Cause = "calendar" if asked.customer is None else "customer"
        changed = sum(bool(self._recounted(case, now, cause)) for case in ids)
        with self.database.writing() as connection:
            recounts.advance(connection, asked, ids[-1] if len(ids) == limit else None)
        return changed

    def recount_again(self, case: int, at: datetime) -> None:
        """Try a case that would not be computed once more; when it works, its incident is settled."""
        if self._recounted(case, at) is not None:
            with self.database.writing() as connection:
                timers.recovered(connection, (case,), at, kind=KIND)

    def _recounted(self, case: int, at: datetime, cause: Cause = "calendar") -> bool | None:
        """Whether anything changed on a case; None when it would not be computed, which becomes an incident."""
        try:
            with self._unit() as work:
                loaded = work.store.load(case)
                if loaded.case.closed is not None:
                    return False
                now = max(at, loaded.case.written or at)
                work.catch_up(loaded, now)
                rules, world = work.definition(loaded.case), work.world(loaded)
                decision = unasked.recount(rules, loaded.case, world, at=now, recorded=now, cause=cause)
                if decision is not None:
                    work.take(loaded, decision)
                work.flush()
                return decision is not None
        except StorageError:
            raise
        except Exception as failure:
            log.exception("The due times of case %s could not be computed again", case)
            with self.database.writing() as connection:
                timers.failed(connection, case, at, kind=KIND, detail=repr(failure))
            return None
