"""Does what happened keep to the lifecycle? Every step of a selection held against the version it was taken under."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from workflow.core.definition.lifecycle import Definition
from workflow.service.courses import Move

Deviation = Literal["version", "start", "gap", "state", "trigger", "move"]
"""version: its version is not known; start: it was opened in another state than the first; gap: it does not begin where
the step before ended; state: the version has no such state; trigger: the version leads there, but not by this trigger;
move: it does not lead there at all."""
PULLED = frozenset({"trigger", "auto"})
MOST = 50
"""Cases that are named of each deviation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    case: int
    number: str
    seq: int


@dataclass(slots=True, kw_only=True)
class Found:
    """One way in which steps differ from the rules: how often, and the first of the cases."""

    definition: str
    version: int
    deviation: Deviation
    from_state: str
    trigger: str
    to_state: str
    count: int = 0
    where: list[Where] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformance:
    """`fit_steps`, `fit_cases`: how many keep to the rules, in which every step does. The most frequent first."""

    steps: int
    fit_steps: int
    cases: int
    fit_cases: int
    found: tuple[Found, ...]


def conformance(moves: Iterable[Move], versions: Mapping[tuple[str, int], Definition]) -> Conformance:
    """`versions`: the lifecycles by name and version. The moves come case after case."""
    found: dict[tuple[object, ...], Found] = {}
    known: dict[tuple[object, ...], Deviation | None] = {}
    steps = fit_steps = cases = fit_cases = 0
    for _, course in groupby(moves, key=lambda move: move.case):
        cases += 1
        fit = True
        before: Move | None = None
        for move in course:
            steps += 1
            if before is not None and before.to_state != move.from_state:
                wrong: Deviation | None = "gap"
            else:
                key = (move.definition, move.version, move.kind, move.from_state, move.trigger, move.to_state)
                if key not in known:
                    known[key] = deviation(move, versions.get((move.definition, move.version)))
                wrong = known[key]
            if wrong is None:
                fit_steps += 1
            else:
                fit = False
                _note(found, move, wrong)
            before = move
        fit_cases += fit
    ordered = sorted(
        found.values(), key=lambda one: (-one.count, one.definition, one.version, one.from_state, one.to_state)
    )
    return Conformance(steps=steps, fit_steps=fit_steps, cases=cases, fit_cases=fit_cases, found=tuple(ordered))


def deviation(move: Move, rules: Definition | None) -> Deviation | None:
    """In what a step alone differs from its version; None: it is among the moves that version allows."""
    if rules is None:
        return "version"
    if move.kind == "open":
        return None if move.to_state == rules.initial else "start"
    if move.from_state not in rules.states or move.to_state not in rules.states:
        return "state"
    ways = [way for way in rules.transitions if move.from_state in way.sources]
    by = [way for way in ways if way.trigger == move.trigger]
    if move.from_state == move.to_state:
        # A reminder, a comment, a claim moves nothing; a pulled trigger has to be one of the state's.
        stays = any(way.target in (None, move.to_state) for way in by)
        return None if move.kind not in PULLED or stays else "trigger"
    if any(way.target == move.to_state for way in by):
        return None
    return "trigger" if any(way.target == move.to_state for way in ways) else "move"


def _note(found: dict[tuple[object, ...], Found], move: Move, wrong: Deviation) -> None:
    key = (move.definition, move.version, wrong, move.from_state, move.trigger, move.to_state)
    one = found.get(key)
    if one is None:
        one = found[key] = Found(
            definition=move.definition,
            version=move.version,
            deviation=wrong,
            from_state=move.from_state,
            trigger=move.trigger,
            to_state=move.to_state,
        )
    one.count += 1
    if len(one.where) < MOST:
        one.where.append(Where(case=move.case, number=move.number, seq=move.seq))
