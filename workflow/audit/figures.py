"""What a step of a customer's record says of revenue, found again from the record's own steps before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workflow.core.step import Step
from workflow.service.revenue import SAID, TAKEN_BACK

Key = tuple[str, str]
"""Month and product."""


def figures_of(step: Step) -> list[tuple[Key, int | None]]:
    """Each figure with its cents, None for one that was taken back."""
    return [((month, product), cents) for body in _bodies(step) for month, product, cents in body["figures"]]


def said_again(step: Step, before: Sequence[Step]) -> list[Any]:
    """The operations of a step of revenue as they must be after the steps `before`; none for any other step.

    What is said must not stand already. What is taken back becomes what was said last and not taken back, else
    nothing, and only where that changes something.
    """
    bodies = _bodies(step)
    if not bodies:
        return []
    told = _told(before)
    if step.trigger == TAKEN_BACK:
        figures = _without(step, before, told)
    else:
        figures = [(key, cents) for key, cents in figures_of(step) if _last(told.get(key, ())) != cents]
    said = {**bodies[0], "figures": [[*key, cents] for key, cents in figures]}
    return [["revenue", said]]


def _without(step: Step, before: Sequence[Step], told: Mapping[Key, Sequence[tuple[int, int | None]]]) -> Any:
    back = _taken_back([*before, step])
    mine = back.get(step.seq)
    if mine is None:
        return []
    gone = {*back, *back.values()}
    found = []
    for key in sorted({key for one in before if one.seq == mine for key, _ in figures_of(one)}):
        cents = _last([(seq, cents) for seq, cents in told[key] if seq not in gone])
        if _last(told[key]) != cents:
            found.append((key, cents))
    return found


def _taken_back(steps: Iterable[Step]) -> dict[int, int]:
    """Which step each one took back: of those of its file the last that was not yet."""
    made: dict[Any, list[int]] = {}
    found = {}
    for step in steps:
        for body in _bodies(step):
            mine = made.setdefault(body.get("upload"), [])
            if step.trigger == SAID:
                mine.append(step.seq)
            elif mine:
                found[step.seq] = mine.pop()
    return found


def _told(steps: Iterable[Step]) -> dict[Key, list[tuple[int, int | None]]]:
    """All that was ever said of each figure, in order, with the step."""
    found: dict[Key, list[tuple[int, int | None]]] = {}
    for step in steps:
        for key, cents in figures_of(step):
            found.setdefault(key, []).append((step.seq, cents))
    return found


def _last(told: Sequence[tuple[int, int | None]]) -> int | None:
    return told[-1][1] if told else None


def _bodies(step: Step) -> list[Mapping[str, Any]]:
    return [body for op, body in step.ops if op == "revenue"]
