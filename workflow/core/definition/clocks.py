"""A stopwatch bound to states, and its ladder."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from workflow.core.definition.expressions import Text
from workflow.core.definition.targets import AnyTarget, Target


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder: at a percentage of the target, or at an offset from due.

    Exactly one of `remind`, `escalate`, `trigger`, `assign` is set. `of` overrides where
    the role of `escalate` is looked for (`unit.parent`). `again`: an escalation nobody has acknowledged
    for so long is raised again.
    """

    percent: Decimal | None = None
    offset: Target | None = None
    before: bool = False
    remind: tuple[str, ...] = ()
    escalate: str | None = None
    of: str | None = None
    level: int = 0
    trigger: str | None = None
    assign: str | None = None
    text: Text | None = None
    again: Target | None = None


@dataclass(frozen=True, slots=True)
class Pausable:
    """Who may let a clock stand still, whether a reason is asked for, and for how long at most in one run."""

    by: tuple[str, ...]
    reason: bool = True
    most: Target | None = None


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A stopwatch bound to states.

    Starts on entering a state of `runs_in`, from that moment or from `since` (a data field of type moment,
    or `case.opened`). In `pauses_in` it stands still. Entering a state of `met_on` meets it; entering any
    other state stops it without a verdict. Started again after it was met or stopped, it is a new run.
    `breach_at` is always the due moment, whether or not the ladder names 100 %.
    """

    name: str
    title: Text
    runs_in: tuple[str, ...]
    met_on: tuple[str, ...]
    target: AnyTarget
    pauses_in: tuple[str, ...] = ()
    calendar: str = "natural"
    since: str | None = None
    once: bool = False
    ladder: tuple[Rung, ...] = ()
    pausable: Pausable | None = None
    source: str | None = None
