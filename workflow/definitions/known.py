"""What of a customer's record a text may be filled in with for whoever writes it."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError

from workflow.definitions.faults import unknown
from workflow.definitions.fields import Base
from workflow.definitions.parsing import each

PARTS = ("contacts", "in_force", "ending", "open_cases", "revenue", "trend", "birthdays")
PERSONAL = frozenset({"contacts", "birthdays"})
"""Parts that tell personal values: what is filled in with them must be erasable as they are."""

FIELD = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
"""What cases of a lifecycle say in a field: `callback.result`."""


class Parts(Base[tuple[str, ...]]):
    """One part, or a list of them: `revenue`, `[open_cases, callback.result]`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:
        if isinstance(value, str):
            return (part_of(value),)
        found = each(value, part_of, "a part of the file, or a list of them")
        errors = {number: [f"'{part}' is told twice"] for number, part in enumerate(found) if part in found[:number]}
        if errors:
            raise ValidationError(errors)
        return tuple(found)


def part_of(value: Any) -> str:
    if isinstance(value, str) and (value in PARTS or FIELD.fullmatch(value)):
        return value
    raise ValidationError(unknown("part of the file", str(value), PARTS))
