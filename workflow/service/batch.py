"""Many commands in one transaction: the door for imports and simulations that play through years at once.

Every command decides, and is refused, as at the open door. Decisions are made before anything is kept, and a
command that fails is taken back from what was gathered, so it spoils none of the others. What is gathered is
written with the store's multi-row statements when the batch commits.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from workflow.core.case import Case
from workflow.core.definition.expressions import Text
from workflow.core.definition.figures import Draft
from workflow.core.directory import Membership, Person, Substitution
from workflow.core.errors import Refused
from workflow.core.step import Actor
from workflow.core.work import Decision
from workflow.core.world import Asking
from workflow.customers import divisions
from workflow.customers.names import normalised
from workflow.service.agenda import Agenda
from workflow.service.directories import Directories
from workflow.service.door import Workflow
from workflow.service.sweep import BATCH, Fired
from workflow.service.unit import Unit
from workflow.storage import due as timers
from workflow.storage import imports, refusals, registry
from workflow.storage.errors import StorageError
from workflow.storage.imports import Imported
from workflow.storage.store import Loaded, Mark

log = logging.getLogger(__name__)

LONGEST = 1.0
"""Seconds: others wait to write, too."""


class Gathering(Unit):
    """A unit that holds back what its commands write, and tells the agenda what comes next."""

    agenda: Agenda

    def flush(self) -> None:
        """Nothing yet: `write` does it for many commands at once."""

    def write(self) -> None:
        super().flush()

    def _figures(self, draft: Draft, asking: Asking) -> Mapping[str, Any]:
        # Figures are counted in the tables. Nothing was kept since a mark: what is being decided is not kept yet.
        self.write()
        return super()._figures(draft, asking)

    def forget(self, mark: Mark) -> None:
        for case in self.store.back(mark):
            if self.store.holds(case):
                self.agenda.put(case, next_due(self.store.load(case).case))
            else:
                self.agenda.drop(case)

    def take(self, loaded: Loaded, decision: Decision) -> Case:
        after = super().take(loaded, decision)
        # A case that has word to take is due already, and is put anew when it has taken it.
        if after.id not in self.agenda.words:
            self.agenda.put(after.id, next_due(after))
        return after


class Batch(Workflow):
    """One transaction of about `every` commands after another. A context: it commits at its end, and at `rest`.

    `before` is called before each commit. `longest`: seconds after which one is committed however little it
    holds; `LONGEST`, when None.
    An error that leaves the context undoes what was done since the last commit. Commands take no `key` here:
    who runs a batch keeps its own record of how far it has come.
    """

    def __init__(
        self, workflow: Workflow, *, every: int, longest: float | None = None, before: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(
            workflow.database,
            workflow.library,
            clock=workflow.clock,
            most_file_bytes=workflow.most_file_bytes,
            carrying=workflow.carrying,
        )
        # Its own: what it reads of an organisation changed here may still be undone.
        self.directories = Directories()
        self.every = every
        self.longest = LONGEST if longest is None else longest
        self._before = before
        self._agenda: Agenda | None = None
        self._open: tuple[Gathering, ExitStack] | None = None
        self._commands = 0
        self._since = 0.0
        self._reorganised = False
        self._noted: dict[tuple[str, str], Imported] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.commit()
        elif self._open is not None:
            _, stack = self._open
            self._open = None
            stack.__exit__(kind, error, trace)

    def rest(self) -> bool:
        """Between two things that may be kept apart: commits when enough has been gathered, and says so."""
        if self._open is None or (self._commands < self.every and time.monotonic() - self._since < self.longest):
            return False
        self.commit()
        return True

    def commit(self) -> None:
        """Keep everything so far."""
        if self._open is None:
            return
        self._before()
        work, stack = self._open
        with stack:
            self._open = None
            work.write()
            for source in {source for source, _ in self._noted}:
                imports.note(work.connection, source, [x for (s, _), x in self._noted.items() if s == source])
        self._noted.clear()
        self._commands = 0

    def current(self, case: int) -> Case:
        """A case as it is by now. Raises `CaseNotFound`."""
        return self._work().store.load(case).case

    def unit_of(self, code: str) -> int | None:
        """The id of the unit with this code."""
        return next((u.id for u in self._work().directory.units.values() if u.code == code), None)

    def person_of(self, login: str) -> int | None:
        """The id of the person with this login."""
        return next((p.id for p in self._work().directory.persons.values() if p.login == login), None)

    def holds(self, person: int, unit: int, role: str, at: datetime) -> bool:
        """Whether a person has a role in a unit at a moment."""
        return self._work().directory.holds(person, role, unit, at)

    def customer_of(self, *, number: str | None = None, name: str = "", division: str = "") -> int | None:
        """The id of the customer with this number, or with this name in this division."""
        work = self._work()
        work.write()
        key = normalised(name) if name else ""
        places = divisions.alike(division)
        twin = registry.twin(work.connection, key=key, divisions=places, credit_code=None, number=number)
        return None if twin is None else twin.id

    def imported(self, source: str) -> dict[str, Imported]:
        """How far each reference of a source has come."""
        return imports.known(self._work().connection, source)

    def note(self, source: str, done: Imported) -> None:
        """Keep, with the next commit, how far a reference has come."""
        self._noted[source, done.reference] = done

    def register_customer(
        self,
        values: Mapping[str, Any],
        *,
        actor: Actor,
        number: str | None = None,
        head: int | None = None,
        despite: bool = True,
        at: datetime | None = None,
        key: str | None = None,
    ) -> int:
        # A customer's twin is looked for in the table.
        self._work().write()
        return super().register_customer(values, actor=actor, number=number, head=head, despite=despite, at=at, key=key)

    def change_customer(
        self,
        customer: int,
        values: Mapping[str, Any],
        *,
        actor: Actor,
        reason: str = "",
        seen: int | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> None:
        # The customer's open cases hear of other managers; in a batch no sweep comes by to tell them.
        now = at or self.clock()
        super().change_customer(customer, values, actor=actor, reason=reason, seen=seen, at=now, key=key)
        self._follow(self._work(), max(now, self.current(customer).moment or now))

    def fire_due(self, at: datetime | None = None, *, limit: int = BATCH, most: int = 0) -> Fired:
        """Fire everything due by `at`, each when it is due and in due order over all cases; `limit` is a commit's."""
        now = at or self.clock()
        fired = cases = failed = 0
        self._work()
        while (found := self._agenda_now().take(now)) is not None:
            due, case = found
            done = self._fire(case, due)
            fired, cases, failed = fired + (done or 0), cases + 1, failed + (done is None)
            if cases % limit == 0:
                self.rest()
        return Fired(fired, cases, failed, self._agenda_now().first())

    def sweep(self, at: datetime, *, cases: Any = None, limit: int = BATCH, most: int = 0, live: bool = False) -> Fired:
        """As `fire_due`: in a batch there is one agenda for all cases."""
        return self.fire_due(at, limit=limit)

    def _fire(self, case: int, at: datetime) -> int | None:
        """What is due on one case; gives the number of timers, None when one would not work."""
        agenda = self._agenda_now()
        words: list[timers.DueTimer] = []
        if case in agenda.words:
            self._work().write()
            agenda.words.discard(case)
            words = timers.words(self._work().connection, at, (case,))
        try:
            with self._unit() as work:
                loaded = work.store.load(case)
                due = self._decide(work, loaded, words, at)
                work.take_due(loaded, due)
                for word in words:
                    work.store.drop_timer(word.case, word.no)
                agenda.put(case, next_due(loaded.case))
            self._follow(work, at)
        except StorageError:
            raise
        except Exception as failure:
            log.exception("A timer of case %s failed", case)
            work = self._work()
            work.write()
            timers.failed(work.connection, case, at, kind="timer", detail=repr(failure))
            agenda.put(case, None)
            return None
        return due.timers

    def _follow(self, work: Unit, at: datetime, *, live: bool = False) -> None:
        """Word from a linked case is due at once."""
        for parent in work.told:
            self._agenda_now().words.add(parent)
            self._agenda_now().put(parent, at)
        work.told.clear()

    @contextmanager
    def _unit(self) -> Iterator[Unit]:
        work = self._work()
        mark = work.store.mark()
        try:
            yield work
        except BaseException:
            work.forget(mark)
            work.told.clear()
            raise
        self._commands += 1

    @contextmanager
    def _refusing(self, actor: Actor, case: int | None, attempt: str, at: datetime) -> Iterator[None]:
        try:
            yield
        except Refused as refused:
            refusals.record(self._work().connection, refused, actor=actor, case=case, attempt=attempt, at=at)
            raise

    def _work(self) -> Gathering:
        """The unit at hand, with the organisation as it is by now."""
        if self._open is None:
            stack = ExitStack()
            connection = stack.enter_context(self.database.writing())
            work = Gathering(connection, self.library, self.directories, self.carrying)
            self._open = work, stack
            self._since = time.monotonic()
            if self._agenda is None:
                self._agenda = Agenda(timers.waiting(connection))
            work.agenda = self._agenda
        work, _ = self._open
        if self._reorganised:
            work.directory = self.directories.current(work.connection, work.store.directory_version())
            self._reorganised = False
        return work

    def _note(self, work: Unit, trigger: str, values: dict[str, Any], actor: Actor, now: datetime) -> int:
        seq = super()._note(work, trigger, values, actor, now)
        # Reading a large organisation again for each of very many persons would be most of the work.
        version, v = work.store.directory_version(), values
        if trigger == "add_person":
            person = Person(v["id"], v["login"], Text(v["name_zh"], v["name_en"]), language=v["language"])
            work.directory = self.directories.kept = work.directory.joined(version, person)
        elif trigger == "add_membership":
            held = Membership(v["person_id"], v["unit_id"], v["role"], v["since"], v["until"])
            work.directory = self.directories.kept = work.directory.granted(version, held)
        elif trigger == "add_substitution":
            stands = Substitution(v["id"], v["absent_id"], v["substitute_id"], v["since"], v["until"], v["reason"])
            work.directory = self.directories.kept = work.directory.stood_in(version, stands)
        else:
            self._reorganised = True
        return seq

    def _agenda_now(self) -> Agenda:
        assert self._agenda is not None  # noqa: S101 - `_work` comes before it
        return self._agenda


def next_due(case: Case) -> datetime | None:
    return min((timer.due for timer in case.timers), default=None)
