"""What would follow, as the door shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflow.core import authority, foresight
from workflow.core.case import Case, Task
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import Transition
from workflow.core.step import Actor
from workflow.core.work import Decision
from workflow.core.world import World
from workflow.service.views.actions import Foreseen


def by_way(
    definition: Definition,
    case: Case,
    world: World,
    way: Transition,
    form: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    task: int,
) -> tuple[Foreseen, ...]:
    """What a way would lead to; empty for one that what is filled in rules out."""
    found = foresight.of_trigger(definition, case, world, way, form=form, actor=actor, at=at, task=task)
    missing = frozenset(one.name for one in way.form if form.get(one.name) in (None, "", []))
    return told(definition, case, found, missing)


def by_task(
    definition: Definition, case: Case, world: World, task: Task, form: Mapping[str, Any], actor: Actor, at: datetime
) -> tuple[Foreseen, ...]:
    """What finishing one of several tasks would lead to."""
    rule = authority.task_rule(definition, case, task)
    found = foresight.of_task(definition, case, world, task, form=form, actor=actor, at=at)
    missing = frozenset(one.name for one in rule.done or () if form.get(one.name) in (None, "", []))
    return told(definition, case, found, missing)


def told(definition: Definition, case: Case, found: Decision | None, missing: frozenset[str]) -> tuple[Foreseen, ...]:
    if found is None or found.case is None:
        return ()
    after = found.case
    tasks = {rule.name: rule.role for rule in definition.states[after.state].tasks}
    return (
        Foreseen(
            before=case,
            target=None if after.state == case.state else after.state,
            ops=tuple(op for step in found.steps for op in step.ops),
            open=frozenset(name for name, role in tasks.items() if foresight.depends(definition, role, missing)),
        ),
    )
