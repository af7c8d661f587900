"""What a definition says in words and in CEL: texts in both languages, conditions, computed values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Facts = Mapping[str, Any]
"""What a condition may look at: flat, dotted names (`data.reply`, `customer.tier`)."""


@dataclass(frozen=True, slots=True)
class Text:
    """A title or sentence in both languages."""

    zh: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Condition:
    """A CEL expression with a boolean result.

    `holds` raises `ConditionFault` when the evaluation itself fails. `otherwise` is
    the sentence a person reads when it does not hold. `names`: the facts it looks at.
    """

    source: str
    holds: Callable[[Facts], bool]
    otherwise: Text | None = None
    name: str | None = None
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Expression:
    """A value computed from facts: a constant or a CEL expression (`source` starts with `=`).

    `names`: the facts it looks at. `kind`: what comes out (string, int, double, bool, timestamp, strings,
    rows, list, null, or any when only the evaluation can tell).
    """

    source: str
    value: Callable[[Facts], Any]
    names: frozenset[str] = frozenset()
    kind: str = "any"
