"""One case and what can be done with it, as the door answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from workflow.core import authority, decide, foresight, forms, limits, mentions
from workflow.core.case import Case, Task, is_id
from workflow.core.codec import case_from
from workflow.core.definition.effects import Open
from workflow.core.definition.fields import FormField
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import Transition
from workflow.core.directory import Person
from workflow.core.errors import (
    CaseNotFound,
    FileNotFound,
    FormInvalid,
    Refused,
    TaskClosed,
    TaskNotFound,
)
from workflow.core.replay import replay
from workflow.core.step import Actor
from workflow.core.world import Customer, World, customer_of
from workflow.service import foreseen
from workflow.service.case_views import CasePage
from workflow.service.reading import Reading
from workflow.service.shown import Shown, unveiled
from workflow.service.vault import Vault, fresh_salt
from workflow.service.views.actions import Action, ActionField, Checked, TaskView
from workflow.service.views.cases import CaseView, FileView
from workflow.service.views.clocks import EscalationRow
from workflow.service.views.steps import StepRow
from workflow.storage import keys, workplace
from workflow.storage.queries import cases, customers, history, offers, tasks
from workflow.storage.queries.paging import AnyRow

if TYPE_CHECKING:
    from sqlalchemy import Connection


class CaseReads(Reading):
    """Reads of one case. A case the reader may not see is not there: CaseNotFound."""

    def case(self, case: int, reader: Actor) -> CaseView:
        """A case with its tasks, clocks, escalations, links, files and people. Raises CaseNotFound."""
        with self._read(reader) as (connection, shown):
            return self._view(connection, shown, self._seen(connection, shown, case))

    def case_page(self, case: int, reader: Actor) -> CasePage:
        """A case with everything about it, all of one moment. Raises CaseNotFound."""
        with self._read(reader) as (connection, shown):
            view = self._view(connection, shown, self._seen(connection, shown, case))
            vault = cases.secrets(connection, case) if view.involved else None
            about = view.row.customer
            customer = customers.one(connection, about.id, shown.reader) if about else None
            return CasePage(
                view=view,
                steps=tuple(shown.step(row, vault) for row in history.rows(connection, case)),
                actions=tuple(self._actions(connection, shown, view.case, reader, None)),
                managers=shown.managers(customer) if customer else None,
                watched=workplace.is_watched(connection, reader.person or 0, case),
            )

    def task(self, case: int, no: int, reader: Actor) -> TaskView:
        """An open task, its case, and what the reader can do with it.

        Raises CaseNotFound, TaskNotFound; TaskClosed when it had waited in a queue of the reader's, who with it lost
        sight of the case.
        """
        with self._read(reader) as (connection, shown):
            try:
                seen = self._seen(connection, shown, case)
            except CaseNotFound as missing:
                raise self._closed_for(connection, shown, case, no) or missing from None
            view = self._view(connection, shown, seen)
            row = next((one for one in view.tasks if one.no == no), None)
            task = view.case.task(no)
            if row is None or task is None:
                raise TaskNotFound(case=view.row.number, task=no)
            # A substitute is shown what can be done for the absent person.
            actor = Actor(reader.person, row.behalf.id) if row.behalf is not None else reader
            in_queue = (task.unit, task.role) in shown.reader.queues
            return TaskView(
                row=row,
                case=view,
                actions=tuple(self._actions(connection, shown, view.case, actor, task)),
                mine=task.assignee in shown.reader.persons,
                claimable=task.assignee is None and in_queue,
            )

    def actions(self, case: int, reader: Actor) -> list[Action]:
        """What the reader may do with a case now. Raises CaseNotFound."""
        with self._read(reader) as (connection, shown):
            found = case_from(self._seen(connection, shown, case).body)
            return self._actions(connection, shown, found, reader, None)

    def history(self, case: int, reader: Actor, *, since: int = 0) -> list[StepRow]:
        """Every step in order, or those after the step `since`. Raises CaseNotFound."""
        with self._read(reader) as (connection, shown):
            involved = shown.involved(case_from(self._seen(connection, shown, case).body))
            vault = cases.secrets(connection, case) if involved else None
            return [shown.step(row, vault) for row in history.rows(connection, case, since=since)]

    def mentionable(self, case: int, reader: Actor) -> list[Person]:
        """Who may be named in a comment: active persons who may see the case, those involved first. Raises
        CaseNotFound."""
        with self._read(reader) as (connection, shown):
            found = case_from(self._seen(connection, shown, case).body)
            directory, at = shown.reader.directory, shown.reader.at
            persons = [
                person
                for person in directory.persons.values()
                if person.active and person.id != reader.person and mentions.may_see(person.id, found, directory, at)
            ]
            return sorted(persons, key=lambda person: (person.id not in found.people, person.login))

    def as_of(self, case: int, at: datetime, reader: Actor) -> Case | None:
        """The case as it was known at a moment, folded from what was recorded by then; None before its first step.

        Personal values are commitments in it. Raises CaseNotFound, and ValueError for a naive moment.
        """
        if at.tzinfo is None:
            raise ValueError("A moment needs a time zone.")
        with self._read(reader) as (connection, shown):
            self._seen(connection, shown, case)
            return replay(history.step(row) for row in history.rows(connection, case, until=at))

    def file(self, case: int, file: int, reader: Actor) -> FileView:
        """An attachment. Raises CaseNotFound, and FileNotFound for those not involved as well."""
        with self._read(reader) as (connection, shown):
            involved = shown.involved(case_from(self._seen(connection, shown, case).body))
            found = cases.file(connection, case, file) if involved and is_id(file) else None
            if found is None:
                raise FileNotFound(file=file)
            return FileView(row=shown.file(found), content=None if found.content is None else bytes(found.content))

    def _case_at(self, connection: Connection, case: int, seq: int) -> Case:
        """The case as its step `seq` left it. Raises CaseNotFound."""
        found = replay(history.step(row) for row in history.rows(connection, case, last=seq))
        if found is None:
            raise CaseNotFound(case=case)
        return found

    def _seen(self, connection: Connection, shown: Shown, case: int) -> AnyRow:
        found = cases.one(connection, case, shown.reader) if is_id(case) else None
        if found is None:
            raise CaseNotFound(case=case)
        return found

    def _closed_for(self, connection: Connection, shown: Shown, case: int, no: int) -> TaskClosed | None:
        if not (is_id(case) and is_id(no)) or history.queue_of(connection, case, no) not in shown.reader.queues:
            return None
        moved = keys.last_move(connection, case, task=no) or keys.last_move(connection, case)
        return TaskClosed(who=moved.person, at=moved.at) if moved else None

    def _view(self, connection: Connection, shown: Shown, row: AnyRow) -> CaseView:
        case = case_from(row.body)
        beside = self._beside(connection, [case.id])
        involved = shown.involved(case)
        vault = cases.secrets(connection, case.id) if involved else None
        outcomes = {link.case: link.outcome for link in case.links}
        above = cases.parent(connection, case.id, shown.reader)
        return CaseView(
            row=shown.case(row, beside),
            case=case,
            data={name: unveiled(value, vault) for name, value in case.data.items()},
            tasks=tuple(shown.task(one) for one in tasks.of_case(connection, case.id)),
            clocks=tuple(shown.clock(one, row, beside) for one in cases.clocks_of(connection, case.id)),
            escalations=tuple(self._escalations(connection, shown, row)),
            links=tuple(
                shown.link(one, outcomes.get(one.id)) for one in cases.children(connection, case.id, shown.reader)
            ),
            parent=None if above is None else shown.link(above, above.state if above.closed else None),
            files=tuple(shown.file(one) for one in cases.files_of(connection, case.id)),
            people=shown.persons(case.people),
            opener=shown.person(case.opener),
            involved=involved,
        )

    def _escalations(self, connection: Connection, shown: Shown, row: AnyRow) -> list[EscalationRow]:
        found = cases.escalations_of(connection, row.id)
        return shown.escalations(found, row, history.of_cases(connection, [row.id])) if found else []

    def _actions(
        self, connection: Connection, shown: Shown, case: Case, actor: Actor, task: Task | None
    ) -> list[Action]:
        """What an actor may do: pull a trigger (several ways of one are one action), or finish one of several tasks.

        First finishing what is one of several tasks, then the triggers in the order in which the actor's tasks name
        them, then what is asked for without a task.
        """
        at = shown.reader.at
        directory = shown.reader.directory
        if case.kind != "case" or directory.role_names(actor.principal, at) <= {"auditor"}:
            return []
        definition = self.library.get(case.definition, case.version)
        world = self._world(connection, shown, case)
        vault = world.vault if shown.involved(case) else None
        held = [t for t in case.tasks if authority.holds(case, world, t, actor, at) and task in (None, t)]
        if task is not None and not held:
            return []

        def fields(form: Iterable[FormField]) -> tuple[ActionField, ...]:
            return tuple(asked(definition, case, one, lambda value: unveiled(value, vault)) for one in form)

        found: dict[str, Action] = {}
        for way, against in authority.possible(
            definition, case, world, actor=actor, at=at, task=task.no if task else None
        ):
            stands = against or limits.against(definition, case, world, way, actor=actor, at=at)
            first = found.get(way.trigger)
            targets = () if way.target is None else (way.target,)
            finished = [t.no for t in held if way.trigger in authority.task_rule(definition, case, t).triggers]
            ways = () if task is None else foreseen.by_way(definition, case, world, way, {}, actor, at, task.no)
            found[way.trigger] = Action(
                kind="trigger",
                trigger=way.trigger,
                title=first.title if first else way.title,
                about=first.about if first else way.about,
                task=finished[0] if finished else None,
                fields=first.fields if first else fields(way.form),
                targets=tuple(dict.fromkeys((first.targets if first else ()) + targets)),
                source=first.source if first else way.source,
                against=None if stands is None or (first and first.against is None) else stands,
                ways=(first.ways if first else ()) + ways,
                begins=None if (order := begins(way)) is None else definition.links[order.link].definition,
            )
        rules = [(t, authority.task_rule(definition, case, t)) for t in held]
        finishing = [
            Action(
                kind="done",
                trigger=rule.name,
                title=rule.title,
                about=rule.about,
                task=one.no,
                fields=fields(rule.done),
                targets=(),
                source=rule.source,
                ways=() if task is None else foreseen.by_task(definition, case, world, one, {}, actor, at),
            )
            for one, rule in rules
            if rule.done is not None
        ]
        named = list(dict.fromkeys(name for _, rule in rules for name in rule.triggers))
        pulled = sorted(
            found.values(), key=lambda one: named.index(one.trigger) if one.trigger in named else len(named)
        )
        return [*finishing, *pulled]

    def checked(self, case: int, task: int, trigger: str | None, *, form: Mapping[str, Any], actor: Actor) -> Checked:
        """A task's form as it stands, judged by the rules and sent nowhere. `trigger` None: the task's own form.

        Raises CaseNotFound, and TaskNotFound for one that is not the actor's to fill in as well.
        """
        with self._read(Actor(actor.person)) as (connection, shown):
            found = case_from(self._seen(connection, shown, case).body)
            definition = self.library.get(found.definition, found.version)
            world, at = self._world(connection, shown, found), shown.reader.at
            held = found.task(task)
            fillable = actor.principal in shown.reader.persons
            if held is None or not (fillable and authority.holds(found, world, held, actor, at)):
                raise TaskNotFound(case=found.number, task=task)
            if trigger is None:
                asked_for = authority.task_rule(definition, found, held).done or ()
                ways = foreseen.by_task(definition, found, world, held, form, actor, at)
            else:
                possible = authority.possible(definition, found, world, actor=actor, at=at, task=task)
                pulled = [way for way, _ in possible if way.trigger == trigger]
                asked_for = pulled[0].form if pulled else ()
                ways = tuple(
                    one
                    for way in pulled
                    for one in foreseen.by_way(definition, found, world, way, form, actor, at, task)
                )
            faults: Mapping[str, Any] = {}
            against = None
            try:
                forms.check(definition, asked_for, form)
                if trigger is not None:
                    decide.perform(
                        definition, found, replace(world, new_id=lambda: foresight.FIRST_ID), trigger=trigger,
                        form=form, actor=actor, at=at, recorded=at, task=task,
                    )  # fmt: skip
            except FormInvalid as fault:
                faults = fault.facts["fields"]  # type: ignore[assignment]
            except Refused as refusal:
                against = refusal
            return Checked(faults=faults, against=against, ways=ways)

    def _world(self, connection: Connection, shown: Shown, case: Case) -> World:
        """What the rules may know while nothing is decided."""
        customer = self._customer_of(connection, case)

        def open_cases() -> list[str]:
            return cases.open_about(connection, customer.id, but=case.id) if customer is not None else []

        return World(
            directory=shown.reader.directory,
            calendars=self.directories.calendars(self.library),
            vault=Vault(lambda: cases.secrets(connection, case.id)),
            customer=customer,
            open_cases=open_cases,
            new_id=nothing_is_opened,
            salt=fresh_salt,
            definition=self.library.get,
            own=shown.reader.directory.calendar_of(case.unit),
            other_cases=lambda: [] if customer is None else cases.others_about(connection, customer.id, but=case.id),
            taken=lambda limit, receiver, since: offers.taken(connection, limit, receiver, since),
            led=lambda person: offers.led(connection, person, but=case.customer),
        )

    def _customer_of(self, connection: Connection, case: Case) -> Customer | None:
        body = None if case.customer is None else cases.body(connection, case.customer)
        return None if body is None else customer_of(case_from(body))


def asked(definition: Definition, case: Case, one: FormField, show: Callable[[Any], Any]) -> ActionField:
    """A field of a form with what the case holds now."""
    field = definition.fields[one.name]
    return ActionField(
        field=field, required=one.required or field.required, value=show(case.data.get(one.name, field.default))
    )


def begins(way: Transition) -> Open | None:
    """The case whose start form is filled in by whoever takes a transition; None where nothing is asked."""
    return next((one for one in way.effects if isinstance(one, Open) and one.form is not None), None)


def nothing_is_opened() -> NoReturn:
    raise RuntimeError("A reading unit opens no case.")
