"""The door's part that needs no person: whatever has come due happens, once, in due order.

The sweep has no memory. What is due is a row; ten sweeps at once are the same as one, and one that dies
loses nothing: its transaction is undone and the rows are there for the next.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from workflow.core.case import is_id
from workflow.core.directory import OVERSEERS
from workflow.core.errors import HistoryFault, IncidentNotFound
from workflow.core.step import SYSTEM, Actor
from workflow.core.work import Decision
from workflow.service.recounts import KIND, Recounts
from workflow.service.tally import Happened
from workflow.service.unit import Due, Unit
from workflow.storage import dispatches
from workflow.storage import due as rows
from workflow.storage.due import DueTimer, OpenIncident
from workflow.storage.errors import StorageError
from workflow.storage.incidents import DAMAGE
from workflow.storage.store import Loaded

log = logging.getLogger(__name__)

BATCH = 100
AT_ONCE = 20
"""Cases loaded, and on PostgreSQL locked, at once: after an outage most of a batch's cases would be loaded in vain."""


@dataclass(frozen=True, slots=True)
class Fired:
    """What a sweep did. `failed`: cases with a timer that would not work; `next_due`: when to come again."""

    timers: int
    cases: int
    failed: int
    next_due: datetime | None


class Sweep(Recounts):
    def fire_due(self, at: datetime | None = None, *, limit: int = BATCH, most: int = 0) -> Fired:
        """Fire up to about `limit` due timers in one transaction, whole cases at a time.

        As long as nobody else waits to write it goes on, up to about `most`. Raises StorageUnavailable; anything wrong
        with a single case becomes an incident instead.
        """
        now = at or self.clock()
        fired = self.sweep(now, limit=limit, most=most, live=at is None)
        self.recount(now)
        with self.database.reading() as connection:
            next_due, over = rows.next_due(connection), rows.over(connection)
        if over:
            # Somebody moved the case on, and the timer that would not work is gone.
            with self.database.writing() as connection:
                rows.recovered(connection, rows.over(connection), now)
        return Fired(fired.timers, fired.cases, fired.failed, next_due)

    def sweep(
        self,
        at: datetime,
        *,
        cases: Sequence[int] | None = None,
        limit: int = BATCH,
        most: int = 0,
        live: bool = False,
    ) -> Fired:
        """One batch, of these cases or of all, and of the cases that hear from them.

        `live`: `at` is what the clock says, so how late it all was is a figure of the running system.
        """
        with self.database.reading() as connection:
            waiting = rows.due(connection, at, limit=max(limit, most), cases=cases)
        ids = list(dict.fromkeys(timer.case for timer in waiting))
        if not ids:
            return Fired(0, 0, 0, None)
        try:
            fired, told = self._batch(ids, at, limit=limit, most=most, live=live)
        except StorageError:
            raise
        except Exception:
            # One case must not hold up the others: each gets a transaction of its own.
            log.exception("A batch of %s cases failed; trying them one by one", len(ids))
            fired, told = self._singly(ids, at, live=live)
        if told:
            more = self.sweep(at, cases=tuple(told), limit=limit, live=live)
            fired = Fired(fired.timers + more.timers, fired.cases + more.cases, fired.failed + more.failed, None)
        return fired

    def retry(self, incident: int, *, actor: Actor = SYSTEM, at: datetime | None = None) -> Fired:
        """Try again at once what an incident is about: the timers of a case, or messages that were given up. Damage
        cannot be tried again.

        Raises `IncidentNotFound` when there is no open one the actor answers for, `Refused`.
        """
        now = at or self.clock()
        with self._refusing(actor, None, "retry", now), self._unit() as work:
            self._check_actor(work, actor, now)
            found = rows.open_incident(work.connection, incident) if is_id(incident) else None
            if found is None or found.kind == DAMAGE or not self._answers_for(work, found, actor, now):
                raise IncidentNotFound(incident=incident)
            if found.kind == "message":
                dispatches.retry(work.connection, incident, now)
                return Fired(0, 0, 0, None)
            case = rows.retry_now(work.connection, incident, now)
        if found.kind == KIND and case is not None:
            self.recount_again(case, now)
        return self.sweep(now, cases=() if case is None else (case,))

    def _answers_for(self, work: Unit, incident: OpenIncident, actor: Actor, at: datetime) -> bool:
        """Overseers of the case's unit; what is about no case is for any overseer, and for administrators."""
        if actor.person is None:
            return True
        if incident.case is not None:
            return work.directory.oversees(actor.principal, incident.unit, at)
        return bool(work.directory.role_names(actor.principal, at) & (OVERSEERS | {"administrator"}))

    def _batch(
        self, ids: Sequence[int], at: datetime, *, limit: int, live: bool, most: int = 0
    ) -> tuple[Fired, set[int]]:
        failures: list[tuple[int, Exception]] = []
        happened: list[Happened] = []
        timers, done = 0, []
        with self._unit() as work:
            broken = rows.open_incidents(work.connection, ids)
            for loaded, words in _taken(work, ids, at):
                began = self.clock()
                try:
                    due = self._decide(work, loaded, words, at)
                except StorageError:
                    raise
                except Exception as failure:  # noqa: BLE001 - whatever is wrong with this case becomes its incident
                    failures.append((loaded.case.id, failure))
                    continue
                work.take_due(loaded, due)
                for word in words:
                    work.store.drop_timer(word.case, word.no)
                timers += due.timers
                done.append(loaded.case.id)
                happened.extend(
                    Happened(kind, moment, began, failed=loaded.case.id in broken) for kind, moment in due.moments
                )
                # After an outage a case has several timers due; people wait for the end of this transaction.
                if timers >= limit and (timers >= most or self.database.wanted()):
                    break
            work.flush()
            if recovered := broken.intersection(done):
                rows.recovered(work.connection, tuple(recovered), at)
            for case, fault in failures:
                log.error("A timer of case %s failed", case, exc_info=fault)
                rows.failed(work.connection, case, at, kind="timer", detail=repr(fault))
        if live:
            self.tally.add(happened, committed=self.clock())
        return Fired(timers, len(done), len(failures), None), work.told

    def _singly(self, ids: Sequence[int], at: datetime, *, live: bool) -> tuple[Fired, set[int]]:
        timers = cases = failed = 0
        told: set[int] = set()
        for case in ids:
            try:
                fired, heard = self._batch([case], at, limit=1, live=live)
            except StorageError:
                raise
            except Exception as failure:  # noqa: BLE001 - the batch showed that something is wrong with one of them
                with self.database.writing() as connection:
                    rows.failed(connection, case, at, kind="timer", detail=repr(failure))
                failed += 1
                continue
            timers, cases, failed = timers + fired.timers, cases + fired.cases, failed + fired.failed
            told |= heard
        return Fired(timers, cases, failed, None), told

    def _decide(self, work: Unit, loaded: Loaded, words: Sequence[DueTimer], at: datetime) -> Due:
        """Everything due on one case, word from linked cases among it, in due order."""
        recorded = max(at, loaded.case.written or at)
        decisions: list[Decision] = []
        case = loaded.case
        world = work.world(loaded)
        moments: list[tuple[str, datetime]] = []
        for word in words:
            before = work.due(loaded, word.due, case=case, world=world, recorded=recorded)
            decisions.extend(before.decisions)
            moments.extend((*before.moments, (word.kind, word.due)))
            decision = work.heard(before.case, world, word, recorded=recorded)
            case = before.case
            if decision is not None:
                decisions.append(decision)
                if decision.case is None:
                    raise HistoryFault(case=case.id, seq=case.seq)
                case = decision.case
        rest = work.due(loaded, at, case=case, world=world, recorded=recorded)
        decisions.extend(rest.decisions)
        return Due(tuple(decisions), rest.case, len(decisions), (*moments, *rest.moments))


def _taken(work: Unit, ids: Sequence[int], at: datetime) -> Iterator[tuple[Loaded, list[DueTimer]]]:
    """Those of the cases nobody else has locked, in the order given, each with word from linked cases."""
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        free = {loaded.case.id: loaded for loaded in work.store.load_free(some)}
        # Read under the lock: somebody may have taken them in between.
        left = rows.words(work.connection, at, list(free))
        for case in some:
            if case in free:
                yield free[case], [word for word in left if word.case == case]
