"""What an insider could write into a history: each changes a copy of the steps; None: there is nothing to change."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from workflow.audit.beside import GRACE
from workflow.core.definition.lifecycle import Definition
from workflow.core.step import Actor, Step

HOUR = 3_600_000_000
Steps = list[Step]
Mutation = Callable[[Steps, Definition, Random], Steps | None]


def places(steps: Sequence[Step], op: str) -> Iterator[tuple[int, int, Any]]:
    for place, step in enumerate(steps):
        for at, (name, body) in enumerate(step.ops):
            if name == op:
                yield place, at, body


def changed(steps: Steps, place: int, at: int, body: Any) -> Steps:
    ops = copy.deepcopy(steps[place].ops)
    ops[at][1] = body
    return with_step(steps, place, replace(steps[place], ops=ops))


def with_step(steps: Steps, place: int, step: Step) -> Steps:
    return [*steps[:place], step, *steps[place + 1 :]]


def renumbered(steps: Sequence[Step]) -> Steps:
    return [replace(step, seq=seq) for seq, step in enumerate(steps, start=1)]


def pick(rng: Random, found: Sequence[Any]) -> Any:
    return rng.choice(found) if found else None


def of_body(op: str, what: str, new: Callable[[Any], Any]) -> Mutation:
    def mutate(steps: Steps, rules: Definition, rng: Random) -> Steps | None:
        found = pick(rng, [(p, a, b) for p, a, b in places(steps, op) if b.get(what) is not None])
        if found is None:
            return None
        place, at, body = found
        return changed(steps, place, at, {**body, what: new(body[what])})

    return mutate


def other_state(steps: Steps, rules: Definition, rng: Random) -> Steps | None:
    place = pick(rng, [p for p, s in enumerate(steps) if s.from_state != s.to_state])
    if place is None:
        return None
    other = rng.choice([name for name in rules.states if name != steps[place].to_state])
    return with_step(steps, place, replace(steps[place], to_state=other))


def without_op(op: str) -> Mutation:
    def mutate(steps: Steps, rules: Definition, rng: Random) -> Steps | None:
        found = pick(rng, list(places(steps, op)))
        if found is None:
            return None
        place, at, _ = found
        ops = [*steps[place].ops[:at], *steps[place].ops[at + 1 :]]
        return with_step(steps, place, replace(steps[place], ops=ops))

    return mutate


def doubled_op(op: str) -> Mutation:
    def mutate(steps: Steps, rules: Definition, rng: Random) -> Steps | None:
        found = pick(rng, list(places(steps, op)))
        if found is None:
            return None
        place, at, body = found
        ops = [*steps[place].ops[: at + 1], [op, copy.deepcopy(body)], *steps[place].ops[at + 1 :]]
        return with_step(steps, place, replace(steps[place], ops=ops))

    return mutate


def without_step(*kinds: str) -> Mutation:
    """A step in the middle is left out: at the end of a history only the chain and the log can tell."""

    def mutate(steps: Steps, rules: Definition, rng: Random) -> Steps | None:
        place = pick(rng, [p for p, s in enumerate(steps[:-1]) if s.kind in kinds])
        return None if place is None else renumbered([*steps[:place], *steps[place + 1 :]])

    return mutate


def without_word(steps: Steps, rules: Definition, rng: Random) -> Steps | None:
    """Word from a linked case is left out, and the case went on long after it: for an hour it may still be to come."""
    last = steps[-1].recorded - GRACE
    place = pick(rng, [p for p, s in enumerate(steps) if s.kind == "linked" and s.recorded < last])
    return None if place is None else renumbered([*steps[:place], *steps[place + 1 :]])


def doubled_step(*kinds: str) -> Mutation:
    def mutate(steps: Steps, rules: Definition, rng: Random) -> Steps | None:
        place = pick(rng, [p for p, s in enumerate(steps) if s.kind in kinds])
        return None if place is None else renumbered([*steps[: place + 1], steps[place], *steps[place + 1 :]])

    return mutate


def swapped(steps: Steps, rules: Definition, rng: Random) -> Steps | None:
    place = pick(rng, [p for p in range(1, len(steps) - 1) if steps[p].recorded != steps[p + 1].recorded])
    if place is None:
        return None
    return renumbered([*steps[:place], steps[place + 1], steps[place], *steps[place + 2 :]])


def by_nobody(steps: Steps, rules: Definition, rng: Random) -> Steps | None:
    """Somebody who is not in the organisation."""
    place = pick(rng, [p for p, s in enumerate(steps) if s.actor.person is not None])
    return None if place is None else with_step(steps, place, replace(steps[place], actor=Actor(9999)))


def on_behalf(steps: Steps, rules: Definition, rng: Random) -> Steps | None:
    """For somebody nobody stood in for."""
    place = pick(rng, [p for p, s in enumerate(steps) if s.actor.person is not None and s.actor.behalf is None])
    if place is None:
        return None
    step = steps[place]
    return with_step(steps, place, replace(step, actor=Actor(step.actor.person, (step.actor.person or 0) % 5 + 1)))


def earlier(steps: Steps, rules: Definition, rng: Random) -> Steps | None:
    """A late answer is written as one in time."""
    place = pick(rng, [p for p, s in enumerate(steps) if p and s.kind == "trigger"])
    if place is None:
        return None
    step, back = steps[place], timedelta(hours=rng.choice((1, 5, 48)))
    return with_step(steps, place, replace(step, effective=step.effective - back, recorded=step.recorded - back))


def other_trigger(steps: Steps, rules: Definition, rng: Random) -> Steps | None:
    place = pick(rng, [p for p, s in enumerate(steps) if s.kind in ("trigger", "auto", "timer")])
    if place is None:
        return None
    other = pick(rng, [way.trigger for way in rules.transitions if way.trigger != steps[place].trigger])
    return None if other is None else with_step(steps, place, replace(steps[place], trigger=other))


def other_version(steps: Steps, rules: Definition, rng: Random) -> Steps | None:
    place = pick(rng, list(range(1, len(steps))))
    return None if place is None else with_step(steps, place, replace(steps[place], version=2))


MUTATIONS: dict[str, Mutation] = {
    "another state": other_state,
    "a task due later": of_body("task+", "due", lambda due: due + HOUR),
    "a task of somebody else": of_body("task+", "assignee", lambda person: person % 17 + 1),
    "a task in another queue": of_body("task+", "role", lambda role: "reporter"),
    "no task": without_op("task+"),
    "a task left open": without_op("task-"),
    "a timer later": of_body("timer+", "due", lambda due: due + HOUR),
    "no timer": without_op("timer+"),
    "a clock due later": of_body("clock", "due", lambda due: due + 24 * HOUR),
    "a clock started later": of_body("clock", "started", lambda at: at + HOUR),
    "a longer target": of_body("clock", "target", lambda target: "100d"),
    "a breach forgotten": of_body("clock", "breached", lambda at: None),
    "a clock called met": of_body("clock", "status", lambda status: "stopped" if status == "met" else "met"),
    "an escalation missing": without_op("escalation+"),
    "an escalation of another level": of_body("escalation+", "level", lambda level: level + 1),
    "an escalation to somebody else": of_body("escalation+", "persons", lambda persons: [*persons, 3]),
    "an escalation twice": doubled_op("escalation+"),
    "a rung left out": without_step("rung"),
    "a rung twice": doubled_step("rung"),
    "a timer left out": without_step("timer", "remind"),
    "a move by itself left out": without_step("auto"),
    "a command left out": without_step("trigger"),
    "a command twice": doubled_step("trigger", "claim", "linked"),
    "word from a linked case left out": without_word,
    "two steps swapped": swapped,
    "a stranger": by_nobody,
    "on behalf of somebody": on_behalf,
    "written earlier": earlier,
    "another trigger": other_trigger,
    "another version": other_version,
    "nobody told": without_op("notice"),
    "a message to somebody else": of_body("notice", "to", lambda to: [*to, 2] if 2 not in to else [1]),
    "another outcome": of_body("link", "outcome", lambda outcome: f"{outcome}x"),
    "an end later": without_op("close"),
}
