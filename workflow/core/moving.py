"""How a case moves: the way it goes, what that changes, and the moves it then makes by itself (`auto`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflow.core import amendments, authority, effects, limits, stations
from workflow.core.case import Case, Task
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import Transition
from workflow.core.drafts import filled
from workflow.core.errors import ConditionNotMet, FourEyes, LoopFault, NotInThisState
from workflow.core.machine import move
from workflow.core.step import SYSTEM
from workflow.core.work import Decision, Work
from workflow.core.world import World

MOST_MOVES = 20
"""How many moves a case may make by itself after one step."""


def choose(
    definition: Definition,
    work: Work,
    trigger: str,
    allowed: tuple[Transition, ...],
    answers: Mapping[str, Any],
    finishing: int | None,
) -> Transition:
    """Ask the kernel for the way to go. Raises the reason of the first one refused."""
    reasons: list[ConditionNotMet | FourEyes] = []
    facts = work.situation(form=answers, finishing=finishing)

    def test(way: Transition) -> bool:
        if way not in allowed:
            return False
        against: ConditionNotMet | FourEyes | None = authority.four_eyes(work.case, way, work.actor)
        if against is None:
            unmet = next((c for c in way.when if not c.holds(facts)), None)
            against = authority.unmet(unmet) if unmet else None
        if against is not None:
            reasons.append(against)
        return against is None

    taken = move(definition, work.case.state, trigger, test)
    if taken is None:
        raise reasons[0] if reasons else NotInThisState(trigger=trigger, state=work.case.state)
    return taken


def carry_out(work: Work, way: Transition, *, kind: str, answers: dict[str, Any], held: Task | None = None) -> Case:
    """Carry a transition out: answers, effects, and the change of state with all that hangs on it."""
    old = work.case.state
    if answers:
        work.add("set", answers)
    limits.take(work, way.limits)
    if way.target is None:
        effects.run(work, way.effects)
    else:
        stations.leave(work)
        effects.run(work, way.effects)
        stations.enter(work, old, way.target)
    mark(work)
    return work.finish(
        kind,
        way.trigger,
        to=way.target,
        task=held.no if held and way.target is not None else None,
        form=answers,
    )


def pull(definition: Definition, work: Work, trigger: str | None, *, kind: str, otherwise: tuple[str, str]) -> Case:
    """Pull a trigger as the system; where that is not possible from here, the step records what happened without it."""
    if trigger is not None:
        facts = work.situation()

        def test(way: Transition) -> bool:
            return all(c.holds(facts) for c in way.when)

        way = move(definition, work.case.state, trigger, test)
        if way is not None:
            answers = {} if way.draft is None else filled(work, way.draft)
            return carry_out(work, way, kind=kind, answers=answers)
    return work.finish(otherwise[0], otherwise[1])


def settle(
    definition: Definition, decision: Decision, case: Case, world: World, *, at: datetime, recorded: datetime
) -> Decision:
    """Let the case make the moves it makes by itself, each a step of its own. Raises `LoopFault`."""
    for _ in range(MOST_MOVES):
        if decision.relocated:
            decision.relocated = False
            case = amendments.everything(definition, decision, case, world, at=at, recorded=recorded, cause="unit")
        case = amendments.repicked(definition, decision, case, world, at=at, recorded=recorded)
        ways = definition.moves_by_itself(case.state)
        if not ways:
            return decision
        work = Work(definition, decision, case, world, actor=SYSTEM, at=at, recorded=recorded)
        facts = work.situation()
        way = next((one for one in ways if all(c.holds(facts) for c in one.when)), None)
        if way is None:
            return decision
        decision.ended = False
        case = carry_out(work, way, kind="auto", answers={})
        world = work.world
    raise LoopFault(definition=definition.name, state=case.state)


def mark(work: Work) -> None:
    """Keep the names under which other cases may ask for this one."""
    if work.definition.marks:
        facts = work.situation()
        marks = [name for name, condition in work.definition.marks.items() if condition.holds(facts)]
        if tuple(marks) != work.case.marks:
            work.add("marks", marks)
