"""One command at one case: lock it, catch up with the clock, decide, write, commit; once, however often it is sent."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from workflow.core import standing
from workflow.core.authority import looks_beside
from workflow.core.case import Case, is_id
from workflow.core.errors import CaseMovedOn, CaseNotFound, TaskClosed, TaskNotFound
from workflow.core.replay import replay
from workflow.core.step import Actor
from workflow.core.work import Decision
from workflow.service.punctuality import Punctuality
from workflow.service.sweep import Sweep
from workflow.service.tally import Happened
from workflow.service.unit import Unit
from workflow.storage import keys
from workflow.storage.errors import StorageUnavailable
from workflow.storage.queries import history
from workflow.storage.store import Loaded

log = logging.getLogger(__name__)


class Commands(Sweep, Punctuality):
    def _run(
        self,
        case: int,
        attempt: str,
        payload: list[Any],
        actor: Actor,
        decided: Callable[[Unit, Loaded, datetime], Decision],
        *,
        at: datetime | None,
        key: str | None,
        seen: int | None = None,
        task: int | None = None,
    ) -> Case:
        """One command at one case: lock, catch up with the clock, decide, write, commit."""
        now = at or self.clock()
        with self._refusing(actor, case, attempt, now):
            with self._unit() as work:
                known = keys.claim(work.connection, key, [attempt, case, *payload, actor.person, actor.behalf], now)
                if known is not None:
                    return self._as_answered(work, known)
                loaded = work.store.load(case)
                # A clock that jumped back does not let the moments of a case fall.
                now = max(now, loaded.case.written or now)
                self._check_actor(work, actor, now)
                if loaded.case.kind != "case":
                    raise CaseNotFound(case=case)
                if not standing.sees(work.directory, loaded.case, actor, now):
                    raise self._gone(work, loaded.case, task, actor, now) or CaseNotFound(case=case)
                work.catch_up(loaded, now)
                if seen is not None and seen < loaded.case.seq:
                    self._insist_unmoved(work, loaded.case, seen)
                if loaded.case.customer is not None and looks_beside(work.definition(loaded.case), loaded.case):
                    # Of two cases that must not both be so, the second decides on what the first has become.
                    work.customer_moved(loaded)
                try:
                    decision = decided(work, loaded, now)
                    if decision.customer and work.customer_moved(loaded):
                        decision = decided(work, loaded, now)
                except TaskNotFound as missing:
                    raise self._closed(work, loaded.case, task) or missing from None
                after = work.take(loaded, decision)
                keys.answer(work.connection, key, after.id, after.seq)
                work.flush()
            self._follow(work, now, live=at is None)
            return after

    def _insist_unmoved(self, work: Unit, case: Case, seen: int) -> None:
        moved = keys.last_move(work.connection, case.id, since=int(max(seen, 0)))
        if moved is not None:
            raise CaseMovedOn(who=moved.person, at=moved.at, state=case.state)

    def _closed(self, work: Unit, case: Case, task: int | None) -> TaskClosed | None:
        """Who finished the task that is gone, and when."""
        if task is None or not is_id(task) or task >= case.next_no:
            return None
        moved = keys.last_move(work.connection, case.id, task=task) or keys.last_move(work.connection, case.id)
        return TaskClosed(who=moved.person, at=moved.at) if moved else None

    def _gone(self, work: Unit, case: Case, task: int | None, actor: Actor, at: datetime) -> TaskClosed | None:
        """The same for somebody in whose queue it waited: with the task the case itself went out of their sight."""
        closed = self._closed(work, case, task)
        if closed is None or task is None:
            return None
        unit, role = history.queue_of(work.connection, case.id, task) or (None, "")
        held = work.directory.roles_of(actor.principal, at)
        return closed if unit is not None and role in held.get(unit, ()) else None

    def _as_answered(self, work: Unit, known: tuple[int, int]) -> Case:
        """The case as it was when the same command was answered before."""
        case_id, seq = known
        steps = [history.step(row) for row in history.rows(work.connection, case_id)]
        case = replay(step for step in steps if step.seq <= seq)
        if case is None:
            raise CaseNotFound(case=case_id)
        return case

    def _follow(self, work: Unit, at: datetime, *, live: bool = False) -> None:
        """Take word to the cases above at once; if we die here, the next sweep does it.

        `live`: `at` is what the clock said when the command came.
        """
        if live and work.fired:
            self.tally.add([Happened(kind, due, at) for kind, due in work.fired], committed=self.clock())
        if work.told:
            try:
                self.sweep(at, cases=tuple(work.told), live=live)
            except StorageUnavailable:
                # The command is kept; who hears that it failed would do it again.
                log.warning("Word to cases %s is left to the next sweep", sorted(work.told), exc_info=True)
        if live:
            self.keep_lateness(at)
