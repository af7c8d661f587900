"""Figures of people's work that the system fills in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Asked:
    """A trigger of some lifecycle that people pull, and, for what they wrote in its form, the field."""

    definition: str
    trigger: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of people's work in a period, from the histories of all cases.

    `count`: how often the triggers were pulled (`where`: with these answers); `share`: that in percent of the customers
    they led at its end; `average`: the mean of it over the colleagues; `lines`: what was written there, one line
    each; `open`: the customers' cases that were not over; `left`: how many; `customers`: how many they led at its end;
    `revenue`: what the customers brought in the last month that is known, against the month before.
    """

    kind: Literal["count", "share", "average", "lines", "open", "left", "customers", "revenue"]
    asked: tuple[Asked, ...]
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the system fills in: figures of the work of `of`, from the day `since` to the end of the day `until`.

    All of them name fields. `role`: who the colleagues are, a role of the definition; `of` None: figures of them all.
    """

    of: str | None
    since: str
    until: str
    role: str
    values: Mapping[str, Figure]
