"""Who had a customer, from when to when and why: folded from the history of its record alone.

Three kinds of stints run beside each other: `lead`, the one owner (002 §5: one unit is answerable for a customer), and
the A and B role. From registration on there is exactly one `lead` stint at every moment; its person is None while
only the unit is answerable. A stint ends in the moment the next one begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from workflow.core.case import Case
from workflow.core.replay import apply
from workflow.core.step import Actor, Step

ROLES = ("lead", "a", "b")

OWNED = frozenset({"registered", "developing", "handover", "maintained"})
"""Stages in which somebody must have the customer (000 §2.2: never without an owner for a single moment)."""

Holder = tuple[int | None, int | None]
"""Person and unit."""


@dataclass(frozen=True, slots=True)
class Stint:
    """`seq`: the step of the record it began with, `trigger` what that was, `case` the one that brought it about."""

    customer: int
    role: str
    seq: int
    person: int | None
    unit: int | None
    begun: datetime
    trigger: str
    case: int | None
    actor: Actor
    ended: datetime | None = None
    ended_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What one step changed: the roles whose stint it ended, and the stints it began."""

    seq: int
    at: datetime
    ended: tuple[str, ...]
    begun: tuple[Stint, ...]


def owner(record: Mapping[str, Any]) -> int | None:
    """Who leads by a record: B once it leads maintenance, else A, and where there is none of them, the other."""
    a, b = record.get("a"), record.get("b")
    first, second = (b, a) if record.get("lead") == "b" else (a, b)
    return first if first is not None else second


def unowned(record: Mapping[str, Any]) -> bool:
    """Whether a customer is being won or kept and is nobody's."""
    return record.get("stage") in OWNED and (owner(record) is None or record.get("unit") is None)


def holders(record: Mapping[str, Any]) -> dict[str, Holder]:
    """Who has each role by a record. There is always a lead; an A or B that is nobody has no stint."""
    unit = record.get("unit")
    found: dict[str, Holder] = {"lead": (owner(record), unit)}
    return found | {role: (record[role], unit) for role in ("a", "b") if record.get(role) is not None}


def turn(before: Case | None, after: Case, step: Step) -> Turn | None:
    """What a step of a customer's record does to its stints; None when nothing."""
    was = {} if before is None else holders(before.data)
    now = holders(after.data)
    ended = tuple(role for role in ROLES if role in was and was[role] != now.get(role))
    cause = next((body["cause"] for op, body in step.ops if op == "record" and "cause" in body), None)
    begun = tuple(
        Stint(
            customer=after.id, role=role, seq=step.seq, person=now[role][0], unit=now[role][1], begun=step.effective,
            trigger=step.trigger, case=None if cause is None else cause[0], actor=step.actor,
        )
        for role in ROLES
        if role in now and now[role] != was.get(role)
    )  # fmt: skip
    return Turn(step.seq, step.effective, ended, begun) if ended or begun else None


def folded(turns: Iterable[Turn]) -> list[Stint]:
    """The stints the turns of one record make, those still running last."""
    running: dict[str, Stint] = {}
    over: list[Stint] = []
    for one in turns:
        over.extend(replace(running.pop(role), ended=one.at, ended_seq=one.seq) for role in one.ended)
        running.update({stint.role: stint for stint in one.begun})
    return over + list(running.values())


def stints(steps: Iterable[Step]) -> list[Stint]:
    """The stints of a customer by the whole history of its record."""
    turns = []
    case: Case | None = None
    for step in steps:
        after = apply(case, step)
        found = turn(case, after, step)
        if found is not None:
            turns.append(found)
        case = after
    return folded(turns)
