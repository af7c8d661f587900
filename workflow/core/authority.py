"""Who may do what to a case now, and what stands against it."""

from __future__ import annotations

from datetime import datetime

from workflow.core import roles
from workflow.core.case import Case, Task
from workflow.core.definition.expressions import Condition
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import TaskRule, Transition
from workflow.core.errors import ConditionNotMet, FourEyes, NotInThisState, NotYourTask, TaskNotFound
from workflow.core.step import Actor
from workflow.core.world import Situation, World


def possible(
    definition: Definition, case: Case, world: World, *, actor: Actor, at: datetime, task: int | None = None
) -> list[tuple[Transition, ConditionNotMet | FourEyes | None]]:
    """The transitions this person may pull now, each with what still stands against it.

    With `task`, only those that finish it. Conditions are judged with empty forms, so one that looks at the
    form is left to the moment of pulling.
    """
    held = case.task(task) if task is not None else None
    found: list[tuple[Transition, ConditionNotMet | FourEyes | None]] = []
    for way in definition.transitions:
        if case.state not in way.sources or not way.by:
            continue
        if held is not None and way.trigger not in task_rule(definition, case, held).triggers:
            continue
        own = held if held is not None else mine(definition, case, world, way.trigger, actor, at)
        if not may(definition, case, world, way, actor, at, own):
            continue
        asked = {f"data.{f.name}" for f in way.form} | {f"has.{f.name}" for f in way.form}
        facts = Situation(definition, case, world, actor, at, finishing=own.no if own else None)
        against: ConditionNotMet | FourEyes | None = four_eyes(case, way, actor)
        for condition in way.when:
            if against is None and not condition.names & asked and not condition.holds(facts):
                against = unmet(condition)
        found.append((way, against))
    return found


def holds(case: Case, world: World, task: Task, actor: Actor, at: datetime) -> bool:
    """Whether the task is the actor's to work on: assigned, or waiting in a queue of theirs."""
    if task.assignee is not None:
        return task.assignee == actor.principal
    return world.directory.holds(actor.principal, task.role, task.unit, at)


def task_rule(definition: Definition, case: Case, task: Task) -> TaskRule:
    return next(rule for rule in definition.states[case.state].tasks if rule.name == task.name)


def held_for(
    definition: Definition, case: Case, world: World, trigger: str, actor: Actor, at: datetime, no: int | None
) -> Task | None:
    """The task a trigger is pulled from: the one named, else one of the actor's that it finishes."""
    if no is None:
        return mine(definition, case, world, trigger, actor, at)
    task = case.task(no)
    if task is None:
        raise TaskNotFound(case=case.number, task=no)
    if trigger not in task_rule(definition, case, task).triggers:
        raise NotInThisState(trigger=trigger, state=case.state)
    if not holds(case, world, task, actor, at):
        raise NotYourTask(who=task.assignee)
    return task


def mine(definition: Definition, case: Case, world: World, trigger: str, actor: Actor, at: datetime) -> Task | None:
    for task in case.tasks:
        if trigger in task_rule(definition, case, task).triggers and holds(case, world, task, actor, at):
            return task
    return None


def may(
    definition: Definition,
    case: Case,
    world: World,
    way: Transition,
    actor: Actor,
    at: datetime,
    held: Task | None,
) -> bool:
    """Holding the task that a transition finishes is enough; else one of its roles must lead to the person.

    A task that is open in somebody else's hands keeps its triggers to itself.
    """
    if not way.by:
        return False
    if held is not None:
        return True
    claimed = any(way.trigger in task_rule(definition, case, t).triggers for t in case.tasks)
    persons = roles.resolve_all(way.by, definition, case, world, at=at)
    return actor.principal in persons and not (claimed and way.target is not None)


def looks_beside(definition: Definition, case: Case) -> bool:
    """Whether what may happen to the case now depends on other cases of its customer."""
    ways = (way for way in definition.transitions if case.state in way.sources)
    return any("customer.open" in condition.names for way in ways for condition in way.when)


def four_eyes(case: Case, way: Transition, actor: Actor) -> FourEyes | None:
    """Four eyes: neither the person nor the one acted for may have done the other trigger last, in either part."""
    both = {actor.person, actor.behalf} - {None}
    for earlier in way.not_by:
        if both & set(case.did.get(earlier, ())):
            return FourEyes(trigger=way.trigger, earlier=earlier)
    return None


def unmet(condition: Condition) -> ConditionNotMet:
    said = condition.otherwise
    return ConditionNotMet(zh=said.zh if said else "", en=said.en if said else "", condition=condition.source)
