"""What a move brings along, as the file says it; `workflow.core.effects` carries it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from workflow.core.definition.expressions import Condition, Expression, Text


@dataclass(frozen=True, slots=True)
class Set:
    values: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class Notify:
    """An in-house message to everyone the roles lead to."""

    roles: tuple[str, ...]
    text: Text | None


@dataclass(frozen=True, slots=True)
class Tell:
    """A message to somebody outside: `customer`, or the reporter named in a data field."""

    whom: str
    text: Text | None


@dataclass(frozen=True, slots=True)
class Open:
    """Open a linked case with data computed here. `unit`: where, an `of` expression.

    `each`: one case for each row of this field, or for each person this role leads to; `data` then sees
    `row.<column>` or `row.person`. `about`: the number of the customer it is about, where that is not this
    case's own; it is opened in that customer's unit. `form`: whoever pulls the trigger fills in its start form, in
    which this stands beforehand; it is opened where they work, about a customer they choose if this case has none.
    """

    link: str
    data: Mapping[str, Expression]
    unit: str | None = None
    each: str | None = None
    about: Expression | None = None
    form: Mapping[str, Expression] | None = None


@dataclass(frozen=True, slots=True)
class Start:
    schedule: str


@dataclass(frozen=True, slots=True)
class Stop:
    schedule: str


@dataclass(frozen=True, slots=True)
class Extend:
    """Move a clock's due moment: by the days in `days`, at most `at_most` percent of its target."""

    clock: str
    days: Expression
    at_most: Decimal


@dataclass(frozen=True, slots=True)
class ChangeCustomer:
    """Set fields of the customer's record, in the same transaction: a, b, lead, unit, stage, until …"""

    values: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class Move:
    """The case itself goes to another unit, so that its people see it: `of` leads there, as for a role."""

    of: str


@dataclass(frozen=True, slots=True)
class SplitRows:
    """Share the customer's revenue from this month on as a field says: rows, one column a unit, one its percent."""

    field: str
    unit: str
    percent: str


@dataclass(frozen=True, slots=True)
class SplitYears:
    """Give a unit and a person so many percent in each year from this month on, the last one for good.

    `unit` leads to a unit, `person` to a person, as for a role; None: whoever leads for that unit then.
    """

    years: tuple[Expression, ...]
    unit: str
    person: str | None


@dataclass(frozen=True, slots=True)
class SplitEnds:
    """From this month on all revenue is the keeper's again, where `when` holds; None: whenever."""

    when: Condition | None


@dataclass(frozen=True, slots=True)
class Pause:
    """Let a clock stand still, whatever state the case goes to, until it is resumed."""

    clock: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Let a clock that was paused go on."""

    clock: str


@dataclass(frozen=True, slots=True)
class Signal:
    """Pull a trigger in every other open case of the customer of that definition, where it may be pulled then."""

    trigger: str
    definition: str


@dataclass(frozen=True, slots=True)
class Propose:
    """Fill fields in as the first row of a table of proposals that holds says."""

    proposal: str


Effect = (
    Set | Notify | Tell | Open | Start | Stop | Extend | ChangeCustomer | Move | SplitRows | SplitYears
    | SplitEnds | Pause | Resume | Signal | Propose
)  # fmt: skip
