"""One entry of a case's history, and who is behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Op = list[Any]
"""A fact of a step: `[name, {…}]`, JSON as it is stored. `replay` knows every name."""

KINDS = (
    "open", "trigger", "done", "claim", "release", "delegate", "reassign", "comment", "attach", "change",
    "acknowledge", "timer", "rung", "recurring", "linked", "signal", "auto", "pause", "resume", "amend", "hands",
    "import", "admin",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts; `behalf`: the person acted for (a substitute records both). `person` None: the system."""

    person: int | None
    behalf: int | None = None

    @property
    def principal(self) -> int | None:
        """Whose right is used: the person acted for, else the person."""
        return self.behalf if self.behalf is not None else self.person


SYSTEM = Actor(None)


@dataclass(frozen=True, slots=True)
class Step:
    """What one command did, all of it.

    `effective`: when it took effect (for what happens by itself: when it was due); `recorded`: when it was
    written. `form` holds personal values only as commitments once stored.
    """

    case: int
    seq: int
    kind: str
    trigger: str
    actor: Actor
    effective: datetime
    recorded: datetime
    from_state: str
    to_state: str
    version: int
    task: int | None = None
    form: dict[str, Any] = field(default_factory=dict)
    ops: list[Op] = field(default_factory=list)
