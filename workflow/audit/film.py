"""A history step by step: what each step changed, who held the work, who could have acted, and which rule applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.audit.known import Known
from workflow.core import deadline, roles
from workflow.core.calendar import Calendar
from workflow.core.case import Case, Clock, Escalation, Task, Timer
from workflow.core.codec import encode
from workflow.core.definition.expressions import Condition, Text
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import Transition
from workflow.core.directory import WORKING, Directory
from workflow.core.errors import UNFIT
from workflow.core.replay import apply
from workflow.core.step import Step
from workflow.core.world import Customer, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What the definition says of a step. `source`: the sentence of the business's rules it comes from."""

    kind: str
    name: str
    title: Text | None
    source: str | None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """Open work after a step. `could`: who could have taken or finished it, by the roles of that moment."""

    task: Task
    could: tuple[int, ...]
    new: bool


@dataclass(frozen=True, slots=True)
class Way:
    """A move that was open to people after a step, and to whom."""

    trigger: str
    title: Text
    target: str | None
    could: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hand:
    """A clock after a step. `left`: counted seconds until due, negative when it is past; None once it has ended.

    `used`: how much of its time is used up, in percent, 0 to 100.
    """

    clock: Clock
    left: int | None
    used: int
    changed: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A field of the case's data a step changed. Personal values are commitments here."""

    name: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The case just after a step."""

    step: Step
    case: Case
    rule: Rule | None
    changes: tuple[Change, ...]
    tasks: tuple[Held, ...]
    ways: tuple[Way, ...]
    hands: tuple[Hand, ...]
    escalations: tuple[Escalation, ...]
    timers: tuple[Timer, ...]
    visited: tuple[str, ...]


def frames(
    steps: Sequence[Step], definition: Definition | None, known: Known, *, only: int | None = None
) -> Iterator[Frame]:
    """A frame for each step, or for one, as far as the history can be folded.

    `definition` None: a record without a lifecycle.
    """
    before: Case | None = None
    visited: dict[str, None] = {}
    for step in steps:
        try:
            case = apply(before, step)
        except UNFIT:
            return
        visited[case.state] = None
        if only is None or only == step.seq:
            yield _frame(before, case, step, definition, known, tuple(visited))
        before = case


def _frame(
    before: Case | None, case: Case, step: Step, definition: Definition | None, known: Known, visited: tuple[str, ...]
) -> Frame:
    at = step.effective
    directory = known.organisations.at(step.recorded)
    calendars = known.calendars(step.recorded)
    earlier = before.tasks if before is not None else ()
    return Frame(
        step=step,
        case=case,
        rule=None if definition is None else rule_of(definition, before, step),
        changes=tuple(_changes(before, case)),
        tasks=tuple(Held(t, _could(directory, t, at), all(t.no != old.no for old in earlier)) for t in case.tasks),
        ways=() if definition is None else tuple(_ways(definition, case, _world(known, case, step, directory), at)),
        hands=tuple(_hands(before, case, calendars, directory.calendar_of(case.unit), at)),
        escalations=case.escalations,
        timers=tuple(sorted(case.timers, key=lambda t: (t.due, t.no))),
        visited=visited,
    )


def rule_of(definition: Definition, before: Case | None, step: Step) -> Rule | None:
    """The rule a step follows; None for what people may always do beside a case."""
    state = definition.states.get(step.from_state)
    match step.kind:
        case "open":
            first = definition.states[definition.initial]
            return Rule(kind="open", name=definition.name, title=definition.title, source=first.source)
        case "done" | "claim" | "release" | "delegate" | "reassign" if state is not None:
            tasks = (rule for rule in state.tasks if rule.name == step.trigger)
            task = next(tasks, None)
            return None if task is None else Rule(kind="task", name=task.name, title=task.title, source=task.source)
        case "recurring":
            work = definition.recurring.get(step.trigger)
            return (
                None if work is None else Rule(kind="recurring", name=work.name, title=work.title, source=work.source)
            )
        case "remind" if state is not None:
            timer = next((one for one in state.timers if one.name == step.trigger), None)
            return None if timer is None else Rule(kind="timer", name=timer.name, title=timer.text, source=timer.source)
        case "link" | "reopened":
            link = definition.links.get(step.trigger)
            return None if link is None else Rule(kind="link", name=link.name, title=link.title, source=None)
    clock = definition.clocks.get(step.trigger)
    if step.kind in ("rung", "acknowledge", "pause", "resume", "amend") and clock is not None:
        return Rule(kind="clock", name=clock.name, title=clock.title, source=clock.source)
    way = way_of(definition, step)
    if way is None:
        return None
    source = way.source
    if source is None and way.target is not None:
        source = definition.states[way.target].source
    return Rule(kind="transition", name=way.trigger, title=way.title, source=source, conditions=way.when)


def way_of(definition: Definition, step: Step) -> Transition | None:
    """The transition a step took."""
    for way in definition.moves(step.from_state, step.trigger):
        if (way.target or step.from_state) == step.to_state:
            return way
    return None


def at_moment(steps: Sequence[Step], at: datetime) -> int | None:
    """The number of the last step that was written by a moment; None before the first."""
    return max((step.seq for step in steps if step.recorded <= at), default=None)


def _changes(before: Case | None, case: Case) -> Iterator[Change]:
    old: Mapping[str, Any] = before.data if before is not None else {}
    for name, value in case.data.items():
        if old.get(name) != value and not (name not in old and value is None):
            yield Change(name, old.get(name), value)


def _could(directory: Directory, task: Task, at: datetime) -> tuple[int, ...]:
    if task.assignee is not None:
        return (task.assignee,)
    return directory.holders(task.role, task.unit, at)


def _ways(definition: Definition, case: Case, world: World, at: datetime) -> Iterator[Way]:
    """Moves people may make without holding a task, as in `authority.may`."""
    rules = {rule.name: rule for rule in definition.states[case.state].tasks}
    claimed = {trigger for task in case.tasks if task.name in rules for trigger in rules[task.name].triggers}
    for way in definition.transitions:
        if case.state in way.sources and way.by and not (way.trigger in claimed and way.target is not None):
            could = roles.resolve_all(way.by, definition, case, world, at=at)
            if could:
                yield Way(way.trigger, way.title, way.target, could)


def _hands(
    before: Case | None, case: Case, calendars: Mapping[str, Calendar], own: str, at: datetime
) -> Iterator[Hand]:
    old = {(c.name, c.run): c for c in before.clocks} if before is not None else {}
    for clock in case.clocks:
        until = clock.ended or clock.paused or at
        # A clock keeps the name of the calendar that counted it.
        calendar = None if clock.calendar == deadline.NATURAL else calendars.get(clock.calendar, calendars.get(own))
        left = deadline.elapsed(until, clock.due, calendar)
        used = 100 if clock.seconds <= 0 else max(0, min(100, round(100 * (clock.seconds - left) / clock.seconds)))
        yield Hand(clock, None if clock.ended else left, used, old.get((clock.name, clock.run)) != clock)


def _world(known: Known, case: Case, step: Step, directory: Directory) -> World:
    """What role expressions look at: people, units and the customer's team."""
    customer: Customer | None = None
    if case.customer is not None:
        customer = known.customer(case.customer, step.recorded, but=(case.id, case.seq + 1))
    return World(
        directory=directory, calendars={}, vault={}, customer=customer, open_cases=list, new_id=lambda: 0,
        salt=bytes, definition=lambda name: known.archive.definition(name, None), own=WORKING,
    )  # fmt: skip


def as_json(frame: Frame) -> dict[str, Any]:
    """A frame for a script."""
    rule = frame.rule
    return {
        "seq": frame.step.seq,
        "kind": frame.step.kind,
        "trigger": frame.step.trigger,
        "effective": frame.step.effective.isoformat(),
        "recorded": frame.step.recorded.isoformat(),
        "rule": None if rule is None else {"kind": rule.kind, "name": rule.name, "source": rule.source,
                                           "conditions": [one.source for one in rule.conditions]},
        "changes": [{"name": one.name, "old": one.old, "new": one.new} for one in frame.changes],
        "tasks": [{**encode(one.task), "could": list(one.could)} for one in frame.tasks],
        "ways": [{"trigger": one.trigger, "target": one.target, "could": list(one.could)} for one in frame.ways],
        "clocks": [{**encode(one.clock), "left": one.left, "used": one.used} for one in frame.hands],
        "case": encode(frame.case),
    }  # fmt: skip
