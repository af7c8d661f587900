"""How persons, units and customers are called, and values that are not shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workflow.core.definition.expressions import Text


@dataclass(frozen=True, slots=True)
class Masked:
    """A value that is not shown: `withheld` from this reader, `erased` for everyone, or `sealed` as yet."""

    reason: Literal["withheld", "erased", "sealed"]


@dataclass(frozen=True, slots=True)
class PersonName:
    id: int
    name: Text


@dataclass(frozen=True, slots=True)
class UnitName:
    id: int
    name: Text
    kind: str


@dataclass(frozen=True, slots=True)
class CustomerName:
    id: int
    number: str
    name: Text
    tier: str
