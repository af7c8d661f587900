"""What people may do to a case, and what follows when they do; what happens without them is in `unasked`.

Every function is pure: definition, case, world and moment go in; a `Decision` comes out, or `Refused` is
raised and nothing has happened. A decision is one step, and one more for each move the case then makes by
itself (`auto`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflow.core import authority, effects, forms, limits, moving, stations
from workflow.core.case import Case, Task
from workflow.core.definition.fields import FormField
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import TaskRule, Transition
from workflow.core.errors import (
    CustomerRequired,
    NotInThisState,
    NotPermitted,
    NotYourTask,
    TaskNotFound,
)
from workflow.core.step import Actor
from workflow.core.work import Decision, Work
from workflow.core.world import World


def open_case(
    definition: Definition,
    world: World,
    *,
    case_id: int,
    number: str,
    customer: int | None,
    unit: int | None,
    form: Mapping[str, Any] | None,
    actor: Actor,
    at: datetime,
    recorded: datetime,
    parent: Case | None = None,
    link: str | None = None,
    given: Mapping[str, Any] | None = None,
    origin: Mapping[str, Any] | None = None,
) -> Decision:
    """The first step of a case. `form`: a person's answers to the start form, None where nobody is asked; `given`:
    data computed by the case that opens it; `origin`: where an imported case came from. Raises `Refused`, also where
    the definition says when a case may not be opened.
    """
    if parent is None and actor.person is not None:
        held = world.directory.role_names(actor.principal, at)
        if not held & set(definition.opened_by):
            raise NotPermitted(action="open")
    if customer is None and form is not None and definition.subject == "customer":
        raise CustomerRequired()
    values = forms.defaults(definition)
    if form is not None:
        values |= _filled(forms.check(definition, definition.start_form, form))
    if parent is not None:
        fields = tuple(FormField(name) for name in given or {})
        values |= _filled(forms.check(definition, fields, given or {}))
    case = Case(
        id=case_id, kind="case", number=number, definition=definition.name, version=definition.version,
        state=definition.initial, seq=0, opened=at, customer=customer, unit=unit, opener=actor.principal,
    )  # fmt: skip
    decision = Decision(case=None)
    work = Work(definition, decision, case, world, actor=actor, at=at, recorded=recorded)
    body: dict[str, Any] = {"kind": "case", "number": number, "definition": definition.name}
    body |= {"customer": customer, "unit": unit, "opener": actor.principal}
    if parent is not None:
        body |= {"parent": parent.id, "parent_link": link}
    work.add("case", body)
    if origin is not None:
        work.add("imported", dict(origin))
    if values:
        work.add("set", values)
    if world.customer is not None:
        team = [p for p in (world.customer.a, world.customer.b) if p is not None]
        if team:
            work.add("people", team)
    effects.run(work, definition.opening)
    facts = work.situation()
    by_hand = definition.by_hand_when if actor.person is not None and parent is None else ()
    unmet = next((one for one in (*by_hand, *definition.open_when) if not one.holds(facts)), None)
    if unmet is not None:
        raise authority.unmet(unmet)
    limits.take(work, definition.open_limits)
    stations.enter(work, None, definition.initial)
    moving.mark(work)
    opened = work.finish("open", "open", to=definition.initial, form=dict(values))
    return moving.settle(definition, decision, opened, work.world, at=at, recorded=recorded)


def perform(
    definition: Definition,
    case: Case,
    world: World,
    *,
    trigger: str,
    form: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    recorded: datetime,
    task: int | None = None,
) -> Decision:
    """A person pulls a trigger, finishing the task it was pulled from. Raises `Refused`."""
    if task is not None and case.task(task) is None:
        raise TaskNotFound(case=case.number, task=task)
    ways = definition.moves(case.state, trigger)
    if not ways:
        raise NotInThisState(trigger=trigger, state=case.state)
    held = authority.held_for(definition, case, world, trigger, actor, at, task)
    allowed = tuple(w for w in ways if authority.may(definition, case, world, w, actor, at, held))
    if not allowed:
        raise NotPermitted(action=trigger)
    decision = Decision(case=case)
    work = Work(definition, decision, case, world, actor=actor, at=at, recorded=recorded)
    answers = forms.check(definition, allowed[0].form, form)
    taken = moving.choose(definition, work, trigger, allowed, answers, held.no if held else None)
    after = moving.carry_out(work, taken, kind="trigger", answers=answers, held=held)
    return moving.settle(definition, decision, after, work.world, at=at, recorded=recorded)


def done(
    definition: Definition,
    case: Case,
    world: World,
    *,
    task: int,
    form: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    recorded: datetime,
) -> Decision:
    """Finish one of several tasks of a state; the case stays, unless that lets it move by itself."""
    held = case.task(task)
    if held is None:
        raise TaskNotFound(case=case.number, task=task)
    rule = authority.task_rule(definition, case, held)
    if rule.done is None:
        raise NotInThisState(trigger="done", state=case.state)
    if not authority.holds(case, world, held, actor, at):
        raise NotYourTask(who=held.assignee)
    answers = forms.check(definition, rule.done, form)
    return finish(definition, case, world, held, rule, answers=answers, actor=actor, at=at, recorded=recorded)


def finish(
    definition: Definition,
    case: Case,
    world: World,
    task: Task,
    rule: TaskRule,
    *,
    answers: dict[str, Any],
    actor: Actor,
    at: datetime,
    recorded: datetime | None = None,
) -> Decision:
    """Finish a task that may be finished, with answers that are right. `recorded`: `at` when None."""
    written = recorded or at
    decision = Decision(case=case)
    work = Work(definition, decision, case, world, actor=actor, at=at, recorded=written)
    if answers:
        work.add("set", answers)
    work.add("task-", [task.no])
    work.add("done", rule.name)
    moving.mark(work)
    after = work.finish("done", rule.name, task=task.no, form=answers)
    return moving.settle(definition, decision, after, work.world, at=at, recorded=written)


def take(
    definition: Definition,
    case: Case,
    world: World,
    way: Transition,
    *,
    answers: dict[str, Any],
    held: Task | None,
    actor: Actor,
    at: datetime,
) -> Decision:
    """Go a way that may be gone, with answers that are right."""
    decision = Decision(case=case)
    work = Work(definition, decision, case, world, actor=actor, at=at, recorded=at)
    after = moving.carry_out(work, way, kind="trigger", answers=answers, held=held)
    return moving.settle(definition, decision, after, work.world, at=at, recorded=at)


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
