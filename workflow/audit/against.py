"""What another version of the lifecycle would have made of a history: its commands, run through other rules.

People's commands come at the moments they came at; what happens by itself happens when the other version says. A
command the other version refuses is named with its reason and left out, and the case goes on without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count, islice

from workflow.audit import commands
from workflow.audit.known import Known
from workflow.audit.salts import Secrets, Values, salts_of
from workflow.audit.verdict import Difference, plain
from workflow.audit.worlds import Place, worlds
from workflow.core import unasked
from workflow.core.case import Case
from workflow.core.definition.lifecycle import Definition
from workflow.core.errors import UNFIT, BatonError
from workflow.core.moments import micros
from workflow.core.replay import apply
from workflow.core.step import Step
from workflow.core.work import Decision
from workflow.core.world import World

MOST_TRIES = 8
"""Of what may have been known at the moment of a step."""

MOST_FIRINGS = 2000
"""What may happen by itself in one history; a schedule would go on without end."""

BY_ITSELF = frozenset({"timer", "rung", "recurring", "remind", "resume"})
FOLLOWS = frozenset({"auto", "amend"})
"""What a case does by itself right after a step: the other version does so, or not, in the step before."""

IMAGINED = 10**15
"""Where the ids of cases begin that only the other version opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A recorded step beside what the other version makes of it.

    `step` None: only the other version does something here. `made`: its steps, none where it refused (`refused`) or
    does not do what is recorded. `differences`: where both stand otherwise after it.
    """

    step: Step | None
    made: tuple[Step, ...] = ()
    refused: Difference | None = None
    recorded: Case | None = None
    computed: Case | None = None
    differences: tuple[Difference, ...] = ()
    news: tuple[Difference, ...] = ()
    """Those of the differences that were not there after the step before."""

    @property
    def same(self) -> bool:
        return self.refused is None and not self.differences


@dataclass(slots=True)
class Other:
    """The case as the other version has it."""

    definition: Definition
    values: Values
    case: Case | None = None
    fired: int = 0
    fault: Difference | None = None
    ids: Iterator[int] = field(default_factory=lambda: count(IMAGINED))


def against(steps: Sequence[Step], secrets: Secrets, definition: Definition, known: Known) -> Iterator[Beside]:
    """Each recorded step beside what `definition` makes of the history, in the order of time."""
    other = Other(definition, Values({name: value for name, (_, value) in secrets.items()}))
    recorded: Case | None = None
    known_apart: list[Difference] = []
    for place, step in enumerate(steps):
        by_itself = _by_itself(steps, place)
        # A sweep that came late found several things at once; they are told apart by when they were due.
        until = step.effective if by_itself else step.recorded - timedelta(microseconds=1)
        made = _due(other, steps, place, secrets, known, until=until)
        if made and not by_itself:
            yield Beside(step=None, made=made, computed=other.case)
            made = ()
        before, recorded = recorded, apply(recorded, step)
        refused = other.fault
        if refused is None and not by_itself and step.kind not in FOLLOWS:
            # Cases are told apart by their number, tasks by their name: the other version counts them otherwise.
            made, refused = _tried(other, _said(step, before, other.case), steps, place, secrets, known)
        # Both are compared when the case has come to rest, not while it still moves by itself.
        rests = _group_end(steps, place) == place + 1 and not _due_together(steps, place)
        differences = tuple(_apart(step.seq, recorded, other.case)) if rests else ()
        news = tuple(one for one in differences if replace(one, seq=0) not in known_apart)
        known_apart = [replace(one, seq=0) for one in differences] if rests else known_apart
        yield Beside(
            step=step, made=made, refused=refused, recorded=recorded, computed=other.case, differences=differences,
            news=news,
        )  # fmt: skip
        if other.fault is not None or other.case is None:
            return


def _due(
    other: Other, steps: Sequence[Step], place: int, secrets: Secrets, known: Known, *, until: datetime
) -> tuple[Step, ...]:
    """What the other version does by itself up to a moment."""
    made: list[Step] = []
    while other.case is not None and other.fired < MOST_FIRINGS:
        timer = commands.waiting(other.case)
        if timer is None or timer.due > until:
            break
        world = next(_worlds(other, steps[place], steps, place, secrets, known))
        now = max(timer.due, other.case.written or timer.due)
        try:
            decision = unasked.fire(other.definition, other.case, world, timer, recorded=now)
        except BatonError as fault:
            other.fault = Difference(steps[place].seq, "refused", timer.name, code=fault.code, facts=plain(fault.facts))
            break
        made.extend(_kept(other, decision))
        other.fired += 1
    return tuple(made)


def _tried(
    other: Other, step: Step, steps: Sequence[Step], place: int, secrets: Secrets, known: Known
) -> tuple[tuple[Step, ...], Difference | None]:
    """The command under the other version; where several things may have been known, with what leads where it led."""
    led = next((one for one in reversed(steps[place : _group_end(steps, place)])), step).to_state
    first: tuple[Decision | None, Difference | None] | None = None
    for world in islice(_worlds(other, step, steps, place, secrets, known), MOST_TRIES):
        tried = _decided(other, step, world)
        first = first or tried
        if tried[0] is not None and tried[0].case is not None and tried[0].case.state == led:
            first = tried
            break
    assert first is not None  # noqa: S101 - there is always one world
    decision, refused = first
    return (_kept(other, decision) if decision is not None else ()), refused


def _decided(other: Other, step: Step, world: World) -> tuple[Decision | None, Difference | None]:
    try:
        if other.case is None:
            return commands.begin(other.definition, step, world), None
        return commands.again(other.definition, other.case, step, world), None
    except BatonError as refused:
        return None, Difference(step.seq, "refused", step.trigger, code=refused.code, facts=plain(refused.facts))
    except UNFIT as unfit:
        return None, Difference(step.seq, "refused", step.trigger, code=type(unfit).__name__)


def _group_end(steps: Sequence[Step], place: int) -> int:
    """The place after a step and what the case did by itself right after it."""
    end = place + 1
    while end < len(steps) and steps[end].kind in FOLLOWS:
        end += 1
    return end


def _by_itself(steps: Sequence[Step], place: int) -> bool:
    return 0 < place < len(steps) and steps[place].kind in BY_ITSELF and not commands.by_hand(steps[place])


def _due_together(steps: Sequence[Step], place: int) -> bool:
    """Whether something more that was due at the very moment of this step happened after it."""
    both = _by_itself(steps, place) and _by_itself(steps, place + 1)
    return both and steps[place + 1].effective == steps[place].effective


def _kept(other: Other, decision: Decision) -> tuple[Step, ...]:
    other.case = decision.case
    return tuple(decision.steps)


def _worlds(
    other: Other, step: Step, steps: Sequence[Step], place: int, secrets: Secrets, known: Known
) -> Iterator[World]:
    here = Place(steps[0].case, other.case, step, steps, place, imported=False)
    for world in worlds(known, here, other.values, other.definition):
        world.salt = _salts(salts_of(steps, place, secrets))
        world.new_id = _ids(world.new_id, other.ids)
        yield world


def _ids(given: Callable[[], int], rest: Iterator[int]) -> Callable[[], int]:
    return lambda: given() or next(rest)


def _salts(drawn: Callable[[], bytes]) -> Callable[[], bytes]:
    """The recorded salts as long as there are any, so that what is the same looks the same."""
    rest = count()
    return lambda: drawn() or b"imagined %d" % next(rest)


def _said(step: Step, recorded: Case | None, other: Case | None) -> Step:
    """The step with the numbers its task and its escalation have in the other version; 0 where there are none."""
    if recorded is None or other is None:
        return step
    if step.task is not None:
        task = recorded.task(step.task)
        step = replace(step, task=next((one.no for one in other.tasks if task and one.name == task.name), 0))
    if step.kind == "acknowledge":
        raised = {one.no: (one.clock, one.level) for one in recorded.escalations}
        there = {(one.clock, one.level): one.no for one in other.escalations}
        ops = [[op, dict(body)] for op, body in step.ops if op == "escalation="]
        for _, body in ops:
            body["no"] = there.get(raised.get(body["no"], ("", 0)), 0)
        step = replace(step, ops=ops)
    return step


def _apart(seq: int, recorded: Case, computed: Case | None) -> Iterator[Difference]:
    """Where two cases stand otherwise: the state, what is due when and whose it is, what was breached."""
    if computed is None:
        return
    if recorded.state != computed.state:
        yield Difference(seq, "state", recorded=recorded.state, computed=computed.state)
    ours = {(c.name, c.run): c for c in recorded.clocks}
    theirs = {(c.name, c.run): c for c in computed.clocks}
    for key in {**ours, **theirs}:
        was, would = ours.get(key), theirs.get(key)
        for what in ("due", "status", "breached"):
            a, b = getattr(was, what, None), getattr(would, what, None)
            if a != b:
                yield Difference(seq, what, key[0], _plain(a), _plain(b), moment=what != "status")
    tasks, others = {t.name: t for t in recorded.tasks}, {t.name: t for t in computed.tasks}
    for name in {**tasks, **others}:
        mine, its = tasks.get(name), others.get(name)
        if mine is None or its is None:
            yield Difference(seq, "surplus" if its is None else "missing", f"task+ {name}")
            continue
        for what in ("due", "assignee", "role", "unit"):
            a, b = getattr(mine, what), getattr(its, what)
            if a != b:
                yield Difference(seq, what, name, _plain(a), _plain(b), moment=what == "due")
    levels, others_levels = _levels(recorded), _levels(computed)
    for clock in {**levels, **others_levels}:
        a, b = levels.get(clock), others_levels.get(clock)
        if a != b:
            yield Difference(seq, "level", clock, a, b)


def _levels(case: Case) -> dict[str, str]:
    """Clock → the levels its breach was handed up to."""
    raised: dict[str, list[int]] = {}
    for one in case.escalations:
        raised.setdefault(one.clock, []).append(one.level)
    return {clock: ", ".join(map(str, sorted(levels))) for clock, levels in raised.items()}


def _plain(value: object) -> object:
    return micros(value) if isinstance(value, datetime) else value
