"""The door. Every change of state comes through here, leaves a step, or leaves the record of a refusal."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workflow.core import decide, mentions, standing
from workflow.core.authority import looks_beside
from workflow.core.case import Case, is_id
from workflow.core.definition.lifecycle import Definition
from workflow.core.desk import Desk
from workflow.core.errors import (
    CaseMovedOn,
    CaseNotFound,
    NotPermitted,
    TaskClosed,
    TaskNotFound,
    UnitNotFound,
)
from workflow.core.replay import replay
from workflow.core.step import Actor
from workflow.core.work import Decision, StartForm
from workflow.core.world import World
from workflow.service import written
from workflow.service.beginning import Beginnings
from workflow.service.birthdays import BirthdaysOnFile
from workflow.service.board import Board
from workflow.service.calendars import Calendars
from workflow.service.courses import Courses
from workflow.service.days import Days
from workflow.service.dossiers import Dossiers
from workflow.service.erasure import Erasure
from workflow.service.grading import Gradings
from workflow.service.groups import Groups
from workflow.service.load import Loads
from workflow.service.matching import Matching
from workflow.service.measures import Measured
from workflow.service.merges import Merges
from workflow.service.organisation_reads import OrganisationReads
from workflow.service.progress import Progress
from workflow.service.punctuality import Punctuality
from workflow.service.received import Receiving
from workflow.service.scores import Scores
from workflow.service.serving import Serving
from workflow.service.staff import Staff
from workflow.service.sweep import Sweep
from workflow.service.tally import Happened
from workflow.service.telling import Telling
from workflow.service.unit import Unit
from workflow.service.verifying import Verifications
from workflow.service.withdrawing import Withdrawing
from workflow.service.wording import Worded
from workflow.service.workplace import Workplace
from workflow.storage import files, keys
from workflow.storage.errors import StorageUnavailable
from workflow.storage.queries import history
from workflow.storage.store import Loaded

if TYPE_CHECKING:
    from workflow.service.batch import Batch

log = logging.getLogger(__name__)

Rule = Callable[[Definition, Case, World, datetime], Decision]


class Workflow(
    Days,
    OrganisationReads,
    Workplace,
    Board,
    Loads,
    Scores,
    Serving,
    Receiving,
    Measured,
    Progress,
    Courses,
    Dossiers,
    Telling,
    Beginnings,
    Punctuality,
    Calendars,
    Staff,
    Groups,
    Gradings,
    BirthdaysOnFile,
    Matching,
    Withdrawing,
    Merges,
    Verifications,
    Worded,
    Erasure,
    Sweep,
):
    """All that can be done, by whom it is asked.

    `clock` gives the moment of a command that is not told one; only imports and simulations pass `at`.
    `carrying`: by what rule of spend managers carry customers, where the deployment has one.
    """

    def open(
        self,
        definition: str,
        *,
        customer: int | None,
        actor: Actor,
        unit: int | None = None,
        data: Mapping[str, Any] | None = None,
        at: datetime | None = None,
        key: str | None = None,
        origin: Mapping[str, Any] | None = None,
    ) -> Case:
        """Open a case on the newest version. `unit` None: the customer's own or the actor's, as the lifecycle says.

        The customer's file must be open to the actor, unless the lifecycle says otherwise by a mark or the case was
        opened elsewhere (`origin`). Raises `Refused`.
        """
        attempt = f"open:{definition}"
        payload = [attempt, customer, unit, dict(data or {}), actor.person, actor.behalf]
        now = at or self.clock()
        with self._refusing(actor, None, attempt, now):
            with self._unit() as work:
                known = keys.claim(work.connection, key, payload, now)
                if known is not None:
                    return self._as_answered(work, known)
                rules = self.library.get(definition)
                self._check_actor(work, actor, now)
                found = None if customer is None else work.subject(customer)
                if found is not None and origin is None:
                    work.insist_on_file(rules, found.id, actor=actor, at=now)
                customer = None if found is None else found.id
                place = unit
                if place is None:
                    theirs = None if found is None else found.unit
                    place = standing.usual_unit(rules, work.directory, theirs, actor, now)
                if place is not None and work.directory.unit(place) is None:
                    raise UnitNotFound(unit=place)
                if unit is not None and not standing.works_in(work.directory, unit, actor, now):
                    raise NotPermitted(action="open")
                case_id = work.store.new_id()
                decision = decide.open_case(
                    rules,
                    work.new_world(case_id, found, place),
                    case_id=case_id,
                    number=rules.number(case_id),
                    customer=customer,
                    unit=place,
                    form=data or {},
                    actor=actor,
                    at=now,
                    recorded=now,
                    origin=origin,
                )
                case = work.begin(case_id, found, decision).case
                keys.answer(work.connection, key, case.id, case.seq)
                work.flush()
            self._follow(work, now, live=at is None)
            return case

    def perform(
        self,
        case: int,
        trigger: str,
        *,
        actor: Actor,
        form: Mapping[str, Any] | None = None,
        task: int | None = None,
        start: StartForm | None = None,
        at: datetime | None = None,
        key: str | None = None,
        seen: int | None = None,
    ) -> Case:
        """Pull a trigger, finishing a task if it was pulled from one (`task`) or finishes one of the actor's.

        `start`: what was filled in for the case this opens, where a person is asked. `seen`: the seq the person looked
        at; if the case has moved since, `CaseMovedOn`. Raises `Refused`.
        """

        def rule(rules: Definition, now_case: Case, world: World, now: datetime) -> Decision:
            decision = decide.perform(
                rules, now_case, world, trigger=trigger, form=form or {}, actor=actor, at=now, recorded=now, task=task
            )
            decision.openings = [replace(one, start=start) if one.asks else one for one in decision.openings]
            return decision

        payload = [trigger, task, dict(form or {})]
        if start is not None:
            payload += [start.customer, dict(start.answers)]
        return self._command(case, f"perform:{trigger}", rule, payload, actor, at=at, key=key, seen=seen, task=task)

    def done(
        self,
        case: int,
        task: int,
        *,
        actor: Actor,
        form: Mapping[str, Any] | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> Case:
        """Finish one of several tasks of a state. Raises `Refused`."""

        def rule(rules: Definition, now_case: Case, world: World, now: datetime) -> Decision:
            return decide.done(rules, now_case, world, task=task, form=form or {}, actor=actor, at=now, recorded=now)

        return self._command(case, "done", rule, [task, dict(form or {})], actor, at=at, key=key, task=task)

    def claim(self, case: int, task: int, *, actor: Actor, at: datetime | None = None, key: str | None = None) -> Case:
        """A task of my queue becomes mine."""
        return self._at_desk(case, "claim", [task], actor, lambda d: d.claim(task), at=at, key=key, task=task)

    def release(
        self, case: int, task: int, *, actor: Actor, at: datetime | None = None, key: str | None = None
    ) -> Case:
        """My task goes back: to its queue, or to the one who delegated it."""
        return self._at_desk(case, "release", [task], actor, lambda d: d.release(task), at=at, key=key, task=task)

    def delegate(
        self,
        case: int,
        task: int,
        *,
        to: int,
        actor: Actor,
        note: str = "",
        at: datetime | None = None,
        key: str | None = None,
    ) -> Case:
        """Somebody else does this one task for me; putting it back returns it."""

        def give(desk: Desk) -> Decision:
            return desk.delegate(task, to, written.text("note", note, needed=False))

        return self._at_desk(case, "delegate", [task, to, note], actor, give, at=at, key=key, task=task)

    def reassign(
        self,
        case: int,
        task: int,
        *,
        to: int,
        actor: Actor,
        reason: str,
        at: datetime | None = None,
        key: str | None = None,
    ) -> Case:
        """A task becomes somebody else's for good."""

        def give(desk: Desk) -> Decision:
            return desk.reassign(task, to, written.text("reason", reason))

        return self._at_desk(case, "reassign", [task, to, reason], actor, give, at=at, key=key, task=task)

    def comment(
        self, case: int, text: str, *, actor: Actor, at: datetime | None = None, key: str | None = None
    ) -> Case:
        """Write beside a case; `@login` and `@name` tell that person. Raises `MentionUnfit`, `Refused`."""

        def write(desk: Desk) -> Decision:
            fit = written.text("comment", text)
            return desk.comment(fit, mentions.of(fit, desk.case, desk.world.directory, desk.at))

        return self._at_desk(case, "comment", [text], actor, write, at=at, key=key)

    def remind(self, case: int, text: str, *, actor: Actor, at: datetime | None = None, key: str | None = None) -> Case:
        """Write beside a case to those who have its open tasks. Raises `NobodyToRemind`, `Refused`."""

        def write(desk: Desk) -> Decision:
            return desk.remind(written.text("comment", text))

        return self._at_desk(case, "remind", [text], actor, write, at=at, key=key)

    def acknowledge(
        self,
        case: int,
        escalation: int,
        *,
        actor: Actor,
        note: str = "",
        at: datetime | None = None,
        key: str | None = None,
    ) -> Case:
        """Say that an escalation was seen."""

        def say(desk: Desk) -> Decision:
            return desk.acknowledge(escalation, written.text("note", note, needed=False))

        return self._at_desk(case, "acknowledge", [escalation, note], actor, say, at=at, key=key)

    def pause(
        self,
        case: int,
        clock: str,
        *,
        actor: Actor,
        reason: str = "",
        at: datetime | None = None,
        key: str | None = None,
    ) -> Case:
        """Let a clock stand still, if the lifecycle allows it. Raises `ClockNotRunning`, `PauseUsedUp`, `Refused`."""

        def stop(desk: Desk) -> Decision:
            return desk.pause(clock, written.text("reason", reason, needed=desk.asks_reason(clock)))

        return self._at_desk(case, "pause", [clock, reason], actor, stop, at=at, key=key)

    def resume(
        self, case: int, clock: str, *, actor: Actor, note: str = "", at: datetime | None = None, key: str | None = None
    ) -> Case:
        """Let a clock that was paused by hand go on. Raises `ClockNotHeld`, `Refused`."""

        def go(desk: Desk) -> Decision:
            return desk.resume(clock, written.text("note", note, needed=False))

        return self._at_desk(case, "resume", [clock, note], actor, go, at=at, key=key)

    def attach(
        self,
        case: int,
        name: str,
        content: bytes,
        *,
        actor: Actor,
        type: str = "application/octet-stream",  # noqa: A002 - the word of the field
        at: datetime | None = None,
        key: str | None = None,
    ) -> int:
        """Add a file to a case; gives its id. The history holds its hash. Raises `FileTooLarge`, `Refused`."""
        kept: list[int] = []

        def add(work: Unit, loaded: Loaded, now: datetime) -> Decision:
            fit = written.file(name, content, self.most_file_bytes)
            kind = written.text("type", type, most=written.MOST_NAME)
            file = files.add(work.connection, loaded.case.id, fit, kind, content, by=actor.person, at=now)
            kept.append(file["id"])
            return self._desk(work, loaded, actor, now).attach(file)

        after = self._run(case, "attach", [name, written.digest(content)], actor, add, at=at, key=key)
        return kept[0] if kept else self._attached(after)

    def batch(self, *, every: int = 200, before: Callable[[], None] = lambda: None) -> Batch:
        """The same door for very many commands: a context in which one transaction holds about `every` of them.

        `before` is called before each commit.
        """
        from workflow.service.batch import Batch

        return Batch(self, every=every, before=before)

    def _at_desk(
        self,
        case: int,
        attempt: str,
        payload: list[Any],
        actor: Actor,
        act: Callable[[Desk], Decision],
        *,
        at: datetime | None,
        key: str | None,
        task: int | None = None,
    ) -> Case:
        def decided(work: Unit, loaded: Loaded, now: datetime) -> Decision:
            return act(self._desk(work, loaded, actor, now))

        return self._run(case, attempt, payload, actor, decided, at=at, key=key, task=task)

    def _desk(self, work: Unit, loaded: Loaded, actor: Actor, now: datetime) -> Desk:
        return Desk(work.definition(loaded.case), loaded.case, work.world(loaded), actor=actor, at=now, recorded=now)

    def _command(
        self,
        case: int,
        attempt: str,
        rule: Rule,
        payload: list[Any],
        actor: Actor,
        *,
        at: datetime | None,
        key: str | None,
        seen: int | None = None,
        task: int | None = None,
    ) -> Case:
        def decided(work: Unit, loaded: Loaded, now: datetime) -> Decision:
            return rule(work.definition(loaded.case), loaded.case, work.world(loaded), now)

        return self._run(case, attempt, payload, actor, decided, at=at, key=key, seen=seen, task=task)

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

    def _attached(self, case: Case) -> int:
        with self.database.reading() as connection:
            return files.last(connection, case.id, case.seq)
