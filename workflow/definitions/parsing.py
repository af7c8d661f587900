"""Single words of a file: names, lines, lengths of time, percentages. All raise marshmallow's ValidationError."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from marshmallow import ValidationError

from workflow.core.definition.fields import FormField
from workflow.core.definition.targets import Target, TargetUnit
from workflow.definitions.faults import short

MAX_NAME = 40
MAX_TEXT = 4_000
MAX_LIST = 1_000

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_WAY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_LENGTH = re.compile(r"([0-9]{1,6})(mo|wm|wh|wd|m|h|d|w)( eod)?")
_PERCENT = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,2})?)%")


def name_of(value: Any) -> str:
    if isinstance(value, str) and len(value) > MAX_NAME:
        raise ValidationError(f"the name '{short(value)}' is {len(value):,} characters long, at most {MAX_NAME}")
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        shown = "" if value is None else short(str(value))
        raise ValidationError(f"'{shown}' is no name: a-z, 0-9 and _, beginning with a letter")
    return value


def way_of(value: Any) -> str:
    if not isinstance(value, str) or not _WAY.fullmatch(value):
        raise ValidationError(f"'{short(str(value))}': write a way like unit.parent or data.unit")
    return value


def line_of(value: Any, *, maximum: int) -> str:
    if not isinstance(value, str):
        raise ValidationError(f"must be a text, not '{short(str(value))}'; put it in quotes")
    if not value.strip():
        raise ValidationError("is empty")
    if len(value) > maximum:
        raise ValidationError(f"is {len(value):,} characters long, at most {maximum:,}")
    return value


def length_of(value: Any) -> Target:
    match = _LENGTH.fullmatch(str(value))
    if match is None:
        raise ValidationError(f"'{short(str(value))}' is no length of time: write 30m, 48h, 2d, 1w, 2mo, 4wh or 3wd")
    amount, unit, end = int(match[1]), cast(TargetUnit, match[2]), match[3] is not None
    if amount == 0 and not end:
        raise ValidationError(f"'{value}' is no length of time; the same day is `0d eod`")
    if unit in _TEN_YEARS and amount > _TEN_YEARS[unit]:
        raise ValidationError(f"'{value}' is longer than ten years")
    if end and unit not in ("d", "w", "mo", "wd"):
        raise ValidationError(f"'{value}': `eod` goes with days, weeks and months")
    return Target(amount=amount, unit=unit, end_of_day=end)


_TEN_YEARS: Mapping[str, int] = {
    "m": 5_260_000,
    "h": 87_660,
    "d": 3_653,
    "w": 522,
    "mo": 120,
    "wd": 2_610,
    "wh": 87_660,
}


def percent_of(value: Any, *, most: int) -> Decimal:
    match = _PERCENT.fullmatch(str(value))
    if match is None:
        raise ValidationError(f"'{short(str(value))}' is no percentage: write 50%")
    percent = Decimal(match[1])
    if not 0 < percent <= most:
        raise ValidationError(f"{value} is out of range: more than 0%, at most {most}%")
    return percent


def each(value: Any, convert: Any, wanted: str) -> list[Any]:
    """Every item converted; remarks carry the item's place."""
    if not isinstance(value, list) or len(value) > MAX_LIST:
        raise ValidationError(f"must be {wanted}")
    result = []
    errors: dict[int, Any] = {}
    for number, item in enumerate(value):
        try:
            result.append(convert(item))
        except ValidationError as error:
            errors[number] = error.messages
    if errors:
        raise ValidationError(cast("dict[str, Any]", errors))
    return result


def form_field_of(value: Any) -> FormField:
    text = value if isinstance(value, str) else str(value)
    return FormField(name=name_of(text.removesuffix("!")), required=text.endswith("!"))
