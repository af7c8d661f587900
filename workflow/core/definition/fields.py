"""The typed fields of a case's data, and those a form asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from workflow.core.definition.expressions import Text

FieldType = Literal[
    "line", "text", "number", "money", "percent", "date", "moment", "yesno",
    "choice", "choices", "person", "unit", "file", "rows",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One typed field of a case's data.

    Stored as JSON: `number` int; `money` and `percent` decimal strings with two places;
    `date` `YYYY-MM-DD`; `moment` ISO 8601 in UTC; `choices` list of names; `person`,
    `unit` and `file` integer ids; `rows` list of objects. `minimum`/`maximum` bound a number's value or
    a text's length. `sums` (rows only): column → what the column must add up to. `exact` (moments only): shown
    to the microsecond. `known` (texts only): what of the customer's file a person finds filled in already: its parts,
    and as `callback.result` what its cases say in a field.
    """

    name: str
    type: FieldType
    title: Text
    required: bool = False
    default: Any = None
    of: Mapping[str, Text] = field(default_factory=dict)
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    personal: bool = False
    help: Text | None = None
    columns: tuple[Field, ...] = ()
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    role: str | None = None
    exact: bool = False
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormField:
    """A field asked for in a form; written `reply!` in a file when it must be filled."""

    name: str
    required: bool = False
