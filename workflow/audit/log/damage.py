"""What verification finds, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from workflow.audit.log.compared import Comparison
from workflow.core.codec import dumps

KINDS = (
    "altered", "moved", "doubled", "unlinked", "missing", "cut", "surplus", "rewritten", "foreign", "unreadable",
    "case_gone", "case_empty", "head", "leaf_gone", "gap", "node", "tree", "checkpoint", "key", "waiting_gone",
    "secret", "file", "unprotected", "database", "outside", "row", "house", "planted", "reshaped", "stranger", "own",
    "epoch", "journal", "lists",
)  # fmt: skip
"""Every kind of damage; `messages` has a sentence for each."""

MOST = 1_000
"""Damages written out; of more than that it says how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """One thing that is not as it was written. `case`, `number`, `seq`: where, as far as it is about a step."""

    kind: str
    case: int | None = None
    number: str = ""
    seq: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Report:
    """What was checked, what was found, and what cannot be known.

    `own`: whether the log was compared with its key, which lies elsewhere; `signed`: how many steps the last
    checkpoint covers; `beyond`: sealed steps after the last checkpoint that
    was compared from outside, all of them without one. `seconds`: for chains and tree, and for all of it.
    """

    own: bool = False
    cases: int = 0
    steps: int = 0
    leaves: int = 0
    waiting: int = 0
    checkpoints: int = 0
    signed: int = 0
    secrets: int = 0
    files: int = 0
    outside: list[Comparison] = field(default_factory=list)
    beyond: int = 0
    damages: list[Damage] = field(default_factory=list)
    more: int = 0
    seconds: float = 0.0
    walking: float = 0.0

    @property
    def holds(self) -> bool:
        return not self.damages

    def found(self, kind: str, case: int | None = None, number: str = "", seq: int | None = None, **facts: Any) -> None:
        """Add a damage."""
        if len(self.damages) < MOST:
            self.damages.append(Damage(kind=kind, case=case, number=number, seq=seq, facts=facts))
        else:
            self.more += 1

    def plain(self) -> dict[str, Any]:
        """As JSON writes it."""
        told = asdict(self) | {"holds": self.holds}
        for one, comparison in zip(told["outside"], self.outside, strict=True):
            one["made"] = comparison.made.isoformat() if comparison.made else None
        return told

    def text(self) -> str:
        return dumps(self.plain())
