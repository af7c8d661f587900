"""The life of an escalation, told from the history: raised, acknowledged, acted on, ended, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from workflow.core.step import Step

Outcome = Literal["met", "withdrawn", "again"]
"""How one ended: its clock was met; the clock stopped, moved or began anew; it was raised again, unanswered."""

ACTIONS = frozenset({"trigger", "done", "claim", "delegate", "reassign", "pause", "resume"})
"""Kinds of steps that do something about a case; a comment alone does not."""


@dataclass(frozen=True, slots=True)
class Life:
    """`told`: whom it was raised to; `acted`: the number of the first step a person took after the acknowledgement."""

    no: int
    clock: str
    told: tuple[int, ...]
    acknowledged: int | None = None
    acted: int | None = None
    ended: int | None = None
    outcome: Outcome | None = None


def lives(steps: Iterable[Step]) -> Mapping[int, Life]:
    """Every escalation of a case by its number, from its steps in order. Numbers in a `Life` are of steps."""
    found: dict[int, Life] = {}
    for step in steps:
        if step.actor.person is not None and step.kind in ACTIONS:
            for life in found.values():
                if life.acknowledged is not None and life.acted is None and life.ended is None:
                    found[life.no] = replace(life, acted=step.seq)
        for op, body in step.ops:
            if op == "escalation+":
                found[body["no"]] = Life(body["no"], body["clock"], tuple(body.get("persons", ())))
            elif op == "escalation=" and body.get("acknowledged") is not None:
                found[body["no"]] = replace(found[body["no"]], acknowledged=step.seq)
            elif op == "escalation-":
                for no in body:
                    found[no] = replace(found[no], ended=step.seq, outcome=_outcome(step, found[no].clock))
    return found


def _outcome(step: Step, clock: str) -> Outcome:
    if any(op == "escalation+" and body["clock"] == clock and body.get("again") for op, body in step.ops):
        return "again"
    met = any(op == "clock" and _is(body, clock) and body["status"] == "met" for op, body in step.ops)
    return "met" if met else "withdrawn"


def _is(body: Any, clock: str) -> bool:
    return bool(body["name"] == clock)
