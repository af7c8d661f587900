"""What would follow if a person did something now: decided as it would be, from what is filled in so far, and kept
nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from workflow.core import authority, decide, forms
from workflow.core.case import Case, Task
from workflow.core.definition.fields import FormField
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import Transition
from workflow.core.errors import ConditionFault, Refused
from workflow.core.step import Actor
from workflow.core.work import Decision
from workflow.core.world import Situation, World

FIRST_ID = 2**52
"""Cases that would be opened are numbered from here while one looks ahead."""


def of_trigger(
    definition: Definition,
    case: Case,
    world: World,
    way: Transition,
    *,
    form: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    task: int | None,
) -> Decision | None:
    """What a way of a trigger would lead to; None for one that what is filled in rules out, or that cannot be told
    before more is."""
    answers = forms.right(definition, way.form, form)
    missing = {one.name for one in way.form if answers.get(one.name) is None}
    if _ruled_out(definition, case, world, way, answers=answers, missing=missing, actor=actor, at=at, task=task):
        return None
    held = None if task is None else case.task(task)
    try:
        return decide.take(definition, case, _apart(world), way, answers=answers, held=held, actor=actor, at=at)
    except (Refused, ConditionFault):
        return None


def of_task(
    definition: Definition, case: Case, world: World, task: Task, *, form: Mapping[str, Any], actor: Actor, at: datetime
) -> Decision | None:
    """What finishing one of several tasks would lead to."""
    rule = authority.task_rule(definition, case, task)
    optional = tuple(FormField(one.name) for one in rule.done or ())
    answers = forms.right(definition, optional, form)
    try:
        return decide.finish(definition, case, _apart(world), task, rule, answers=answers, actor=actor, at=at)
    except (Refused, ConditionFault):
        return None


def depends(definition: Definition, role: str, missing: frozenset[str]) -> bool:
    """Whether who a role leads to is still to be said in the form."""
    head, _, rest = definition.roles[role].of.partition(".")
    return head == "data" and rest.partition(".")[0] in missing


def _ruled_out(
    definition: Definition,
    case: Case,
    world: World,
    way: Transition,
    *,
    answers: Mapping[str, Any],
    missing: set[str],
    actor: Actor,
    at: datetime,
    task: int | None,
) -> bool:
    unknown = {f"{part}.{name}" for name in missing for part in ("data", "has")}
    facts = Situation(definition, case, world, actor, at, finishing=task, form=answers)
    return any(not one.names & unknown and not one.holds(facts) for one in way.when)


def _apart(world: World) -> World:
    """The same world, in which a decision may change the customer and number cases without anybody else seeing it."""
    numbers = count(FIRST_ID)
    return replace(world, new_id=lambda: next(numbers))
