"""The door. Every change of state comes through here, leaves a step, or leaves the record of a refusal."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workflow.core import decide, standing
from workflow.core.case import Case
from workflow.core.definition.lifecycle import Definition
from workflow.core.errors import NotPermitted, UnitNotFound
from workflow.core.step import Actor
from workflow.core.work import Decision, StartForm
from workflow.core.world import World
from workflow.service.at_desk import AtDesk
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
from workflow.service.received import Receiving
from workflow.service.scores import Scores
from workflow.service.serving import Serving
from workflow.service.staff import Staff
from workflow.service.telling import Telling
from workflow.service.unit import Unit
from workflow.service.verifying import Verifications
from workflow.service.withdrawing import Withdrawing
from workflow.service.wording import Worded
from workflow.service.workplace import Workplace
from workflow.storage import keys
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
    AtDesk,
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

    def batch(self, *, every: int = 200, before: Callable[[], None] = lambda: None) -> Batch:
        """The same door for very many commands: a context in which one transaction holds about `every` of them.

        `before` is called before each commit.
        """
        from workflow.service.batch import Batch

        return Batch(self, every=every, before=before)

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
