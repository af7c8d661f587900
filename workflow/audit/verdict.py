"""What the rules, run again, say of a history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from workflow.core.moments import micros

MOST = 200
"""Differences kept of one history; more of them say nothing more."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing the rules decide otherwise.

    `what`: `due`, `state`, `assignee` …, or `refused` (the rules do not allow the step at all), `missing` (they do more
    than the history says), `surplus` (the history says more), `fold` (nothing can be made of it). `name`: the task,
    clock or timer it is about. `recorded`, `computed`: as stored; moments are microseconds, with `moment` set.
    `code`, `facts`: the refusal.
    """

    seq: int
    what: str
    name: str = ""
    recorded: Any = None
    computed: Any = None
    moment: bool = False
    code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Something about a step that cannot be known any more. `what` names it."""

    seq: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`steps`: of the history; `reproduced`: those the rules give again, or give but for what was not checked.

    `erased`: steps that cannot be reproduced since personal values are gone.
    """

    case: int
    number: str
    kind: str
    steps: int
    reproduced: int
    differences: tuple[Difference, ...] = ()
    erased: tuple[int, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.differences

    @property
    def differs(self) -> int | None:
        """The first step that differs."""
        return self.differences[0].seq if self.differences else None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "holds": self.holds}


def plain(facts: Mapping[str, object]) -> dict[str, Any]:
    """The facts of a refusal as JSON."""
    return {name: micros(value) if isinstance(value, datetime) else value for name, value in facts.items()}
