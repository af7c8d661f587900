"""What may happen to a case, and what follows when it does.

Every function is pure: definition, case, world and moment go in; a `Decision` comes out, or `Refused` is
raised and nothing has happened. A decision is one step, and one more for each move the case then makes by
itself (`auto`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflow.core import amendments, authority, clocks, effects, forms, hands, ladder, limits, roles, stations
from workflow.core.case import Case, Link, Task, Timer
from workflow.core.definition.fields import FormField
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import TaskRule, Transition
from workflow.core.drafts import filled
from workflow.core.errors import (
    ConditionNotMet,
    CustomerRequired,
    FourEyes,
    LoopFault,
    NotInThisState,
    NotPermitted,
    NotYourTask,
    TaskNotFound,
)
from workflow.core.machine import move
from workflow.core.step import SYSTEM, Actor
from workflow.core.work import Decision, Work
from workflow.core.world import World

MOST_MOVES = 20
"""How many moves a case may make by itself after one step."""


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
    _mark(work)
    opened = work.finish("open", "open", to=definition.initial, form=dict(values))
    return _settle(definition, decision, opened, work.world, at=at, recorded=recorded)


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
    taken = _choose(definition, work, trigger, allowed, answers, held.no if held else None)
    after = _take(work, taken, kind="trigger", answers=answers, held=held)
    return _settle(definition, decision, after, work.world, at=at, recorded=recorded)


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
    _mark(work)
    after = work.finish("done", rule.name, task=task.no, form=answers)
    return _settle(definition, decision, after, work.world, at=at, recorded=written)


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
    after = _take(work, way, kind="trigger", answers=answers, held=held)
    return _settle(definition, decision, after, work.world, at=at, recorded=at)


def fire(definition: Definition, case: Case, world: World, timer: Timer, *, recorded: datetime) -> Decision:
    """Something happens by itself because its moment came: a reminder, a rung, a trigger, recurring work.

    It takes effect when it was due, though never before what the history already says.
    """
    at = max(timer.due, case.moment or case.opened)
    decision = Decision(case=case)
    work = Work(definition, decision, case, world, actor=SYSTEM, at=at, recorded=recorded)
    if timer.kind == "rung":
        rung = clocks.fire(work, timer)
        trigger, kind, name = (rung.trigger if rung else None), "rung", timer.name
    elif timer.kind == "recurring":
        rule = definition.recurring[timer.name]
        nominal = stations.recur(work, timer)
        # Begun anew on the day a date was brought forward to, a schedule comes to the same date again.
        if nominal is not None and not any(x.name == rule.link and x.nominal == nominal for x in case.links):
            late = world.working.local_day(recorded) > world.working.local_day(timer.due)
            for place, row in enumerate(effects.rows_of(work, rule.each)):
                facts = work.situation(row={**row, **stations.period(work, rule, nominal)})
                data = {field: expression.value(facts) for field, expression in rule.data.items()}
                # The first stands for the date: of a link and a date there is one.
                effects.open_link(work, rule.link, data, nominal=nominal if place == 0 else None, late=late)
        trigger, kind, name = None, "recurring", timer.name
    elif timer.kind == "held":
        clock = case.clock(timer.name)
        assert clock is not None  # noqa: S101 - its timer goes with the clock
        clocks.release(work, definition.clocks[timer.name], clock)
        trigger, kind, name = None, "resume", timer.name
    elif timer.kind == "again":
        ladder.raise_again(work, timer)
        trigger, kind, name = None, "rung", timer.name
    else:
        state_rule = next(t for t in definition.states[case.state].timers if t.name == timer.name)
        work.add("timer-", [timer.no])
        if state_rule.remind:
            persons = roles.resolve_all(state_rule.remind, definition, work.case, world, at=at)
            text = state_rule.text
            facts_out = {"text": {"zh": text.zh, "en": text.en}} if text else {}
            work.notice("reminder", persons, timer=timer.name, **facts_out)
        trigger, kind, name = state_rule.trigger, "remind", timer.name
    after = _pulled(definition, work, trigger, kind="timer", otherwise=(kind, name))
    return _settle(definition, decision, after, work.world, at=at, recorded=recorded)


def recount(
    definition: Definition,
    case: Case,
    world: World,
    *,
    at: datetime,
    recorded: datetime,
    cause: amendments.Cause = "calendar",
) -> Decision | None:
    """Compute what is due again, with the calendars as they are now; None when nothing changes.

    `cause`: what has changed, for the record.
    """
    at = max(at, case.moment or case.opened)
    decision = Decision(case=case)
    after = amendments.everything(definition, decision, case, world, at=at, recorded=recorded, cause=cause)
    return decision if after is not case else None


def linked(
    definition: Definition,
    case: Case,
    world: World,
    *,
    child: int,
    outcome: str,
    at: datetime,
    recorded: datetime,
) -> Decision:
    """A linked case ended (or ended again, after it was reopened): note it, and pull the trigger it means here.

    An `outcome` that is empty says that it was reopened: it is open here as well.
    """
    at = max(at, case.moment or case.opened)
    found = next(x for x in case.links if x.case == child)
    decision = Decision(case=case)
    work = Work(definition, decision, case, world, actor=SYSTEM, at=at, recorded=recorded)
    work.put("link", Link(found.name, found.case, found.definition, outcome or None, found.nominal, found.late))
    rule = definition.links[found.name]
    trigger = rule.on_closed.get(outcome, rule.on_closed.get("*")) if outcome else None
    noted = "link" if outcome else "reopened"
    after = _pulled(definition, work, trigger, kind="linked", otherwise=(noted, found.name))
    return _settle(definition, decision, after, work.world, at=at, recorded=recorded)


def signalled(
    definition: Definition,
    case: Case,
    world: World,
    *,
    trigger: str,
    sender: int,
    at: datetime,
    recorded: datetime,
) -> Decision | None:
    """Another case of the customer pulls a trigger here; None where it cannot be pulled, which is nothing to note."""
    at = max(at, case.moment or case.opened)
    decision = Decision(case=case)
    work = Work(definition, decision, case, world, actor=SYSTEM, at=at, recorded=recorded)
    facts = work.situation()
    way = None
    if case.closed is None and trigger in definition.hears:
        way = move(definition, case.state, trigger, lambda one: all(c.holds(facts) for c in one.when))
    if way is None:
        return None
    work.add("signal", {"trigger": trigger, "from": sender})
    after = _take(work, way, kind="signal", answers={})
    return _settle(definition, decision, after, work.world, at=at, recorded=recorded)


def handed(
    definition: Definition, case: Case, world: World, *, said: hands.Before, at: datetime, recorded: datetime
) -> Decision | None:
    """The customer changed hands: its open tasks go along. None where the old owner holds none here."""
    if case.closed is not None:
        return None
    decision = Decision(case=case)
    at = max(at, case.moment or case.opened)
    work = Work(definition, decision, case, world, actor=SYSTEM, at=at, recorded=recorded)
    work.add(hands.OP, said)
    if not hands.follow(work, said):
        return None
    work.finish("hands", hands.OP)
    return decision


def _choose(
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


def _take(work: Work, way: Transition, *, kind: str, answers: dict[str, Any], held: Task | None = None) -> Case:
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
    _mark(work)
    return work.finish(
        kind,
        way.trigger,
        to=way.target,
        task=held.no if held and way.target is not None else None,
        form=answers,
    )


def _pulled(definition: Definition, work: Work, trigger: str | None, *, kind: str, otherwise: tuple[str, str]) -> Case:
    """Pull a trigger as the system; where that is not possible from here, the step records what happened without it."""
    if trigger is not None:
        facts = work.situation()

        def test(way: Transition) -> bool:
            return all(c.holds(facts) for c in way.when)

        way = move(definition, work.case.state, trigger, test)
        if way is not None:
            answers = {} if way.draft is None else filled(work, way.draft)
            return _take(work, way, kind=kind, answers=answers)
    return work.finish(otherwise[0], otherwise[1])


def _settle(
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
        case = _take(work, way, kind="auto", answers={})
        world = work.world
    raise LoopFault(definition=definition.name, state=case.state)


def _mark(work: Work) -> None:
    """Keep the names under which other cases may ask for this one."""
    if work.definition.marks:
        facts = work.situation()
        marks = [name for name, condition in work.definition.marks.items() if condition.holds(facts)]
        if tuple(marks) != work.case.marks:
            work.add("marks", marks)


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
