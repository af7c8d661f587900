"""How much there may be of something, and what the system proposes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from workflow.core.definition.expressions import Condition, Expression, Text
from workflow.core.definition.targets import Target


@dataclass(frozen=True, slots=True)
class Limit:
    """How much there may be of something, counted in the decision, or how long one waits for it.

    `most`: of a receiver (`of` leads to a person or a unit, or is `actor`), at once while their cases are in `states`,
    or begun in the same day or month (`per`), whatever became of them. `wait`: so long since the moment `since`
    (a data field, or `case.opened`); with `among` only for a receiver that one of these ways leads to.
    `customers`: the customers a person leads count too, and all such limits of a definition count together.
    `when`: nothing is counted or taken where it does not hold. `otherwise` may say {most}, {count}, {until}
    and {who}.
    """

    name: str
    title: Text
    otherwise: Text
    of: str | None = None
    most: int = 0
    states: tuple[str, ...] = ()
    per: Literal["day", "month"] | None = None
    wait: Target | None = None
    since: str | None = None
    among: tuple[str, ...] = ()
    customers: bool = False
    when: Condition | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """One line of a table of proposals: when it holds, what it fills in (`units`: ways), and because of what."""

    name: str
    when: Condition | None
    values: Mapping[str, Expression]
    units: Mapping[str, str]
    because: Text
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the system proposes: the first row that holds, whose name goes into the field `into`."""

    name: str
    title: Text
    into: str
    rows: tuple[ProposalRow, ...]
    source: str | None = None
