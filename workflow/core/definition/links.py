"""Linked cases: what they mean here, and work that comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from workflow.core.definition.expressions import Expression, Text
from workflow.core.definition.targets import AnyTarget


@dataclass(frozen=True, slots=True)
class LinkRule:
    """A kind of linked case. `on_closed`: its final state → the trigger it pulls here (`*` for any)."""

    name: str
    definition: str
    title: Text
    on_closed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecurringRule:
    """Work that comes back: while in these states, every so long, a linked case opens.

    Nominal dates count from the day the schedule starts (`anchor: entry`), from the Monday of its week
    (`anchor: week`) or from the first day of its month (`anchor: month`). `shift`: where a nominal date on a
    day off goes (before, after, none). `each`: as in `Open`.
    """

    name: str
    title: Text
    states: tuple[str, ...]
    every: AnyTarget
    link: str
    data: Mapping[str, Expression] = field(default_factory=dict)
    each: str | None = None
    anchor: Literal["entry", "week", "month"] = "entry"
    shift: Literal["before", "after", "none"] = "none"
    automatic: bool = True
    calendar: str = "working"
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Birthdays:
    """A case is opened for each contact of a kept customer whose birthday is at most so many `days` away: `day` and
    `whom` are the fields that are told it, `values` what else it is opened with."""

    day: str
    whom: str
    days: int
    values: Mapping[str, Any]
    source: str | None = None
