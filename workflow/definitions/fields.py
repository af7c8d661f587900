"""What single values of a file look like, as marshmallow fields."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Generic, TypeVar, cast

from marshmallow import ValidationError, fields

from workflow.core.definition.expressions import Text
from workflow.core.definition.fields import FormField
from workflow.core.definition.targets import AnyTarget, Target, TargetDate, TargetTable
from workflow.definitions.faults import NEEDS_QUOTES, short, unknown
from workflow.definitions.parsing import (
    MAX_TEXT,
    each,
    form_field_of,
    length_of,
    line_of,
    name_of,
    percent_of,
    way_of,
)

T = TypeVar("T")

MAX_TITLE = 200


class Base(fields.Field[T], Generic[T]):
    """A field whose remarks begin where its path ends: `states.open.title: is missing`."""

    default_error_messages = {  # noqa: RUF012 - as marshmallow declares it
        "required": "is missing",
        "null": "is empty",
    }


class Name(Base[str]):
    """A name given in a file: `a-z`, `0-9` and `_`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return name_of(value)


class Word(Base[str]):
    """One of a few fixed words."""

    def __init__(self, *known: str, what: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.known, self.what = known, what

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if value not in self.known:
            raise ValidationError(unknown(self.what, str(value), self.known))
        return cast(str, value)


class Pattern(Base[str]):
    """A text that must have a certain form; `says` is the sentence when it has not."""

    def __init__(self, pattern: str, *, says: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pattern, self.says = re.compile(pattern), says

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not self.pattern.fullmatch(value):
            raise ValidationError(f"'{short(str(value))}': {self.says}")
        return value


class Line(Base[str]):
    """A text for people or for CEL, not empty."""

    def __init__(self, *, maximum: int = MAX_TEXT, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.maximum = maximum

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return line_of(value, maximum=self.maximum)


class Condition(Base[str]):
    """CEL or the name of a condition; `true` and `false` are CEL too."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return str(value).lower() if isinstance(value, bool) else line_of(value, maximum=MAX_TEXT)


class Title(Base[Text]):
    """`{zh: 申请, en: Request}`."""

    def __init__(self, *, maximum: int = MAX_TITLE, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.maximum = maximum

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Text:
        if not isinstance(value, dict):
            raise ValidationError("must be in both languages: {zh: …, en: …}")
        errors: dict[str, Any] = {}
        for language, other in (("zh", "English"), ("en", "Chinese")):
            if value.get(language) is None:
                errors[language] = [f"is missing: the {other} text has no counterpart"]
                continue
            try:
                line_of(value[language], maximum=self.maximum)
            except ValidationError as error:
                errors[language] = error.messages
        for key, text in value.items():
            if key not in ("zh", "en"):
                errors[key] = [NEEDS_QUOTES if text is None else unknown("language", key, ("zh", "en"))]
        if errors:
            raise ValidationError(errors)
        return Text(zh=value["zh"].strip(), en=value["en"].strip())


class Flag(Base[bool]):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError(f"must be true or false, not '{short(str(value))}'")
        return value


class Whole(Base[int]):
    """A whole number within bounds."""

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError(f"must be a whole number, not '{short(str(value))}'")
        if not self.least <= value <= self.most:
            raise ValidationError(f"{value} is out of range: from {self.least} to {self.most}")
        return value


class Amount(Base[Decimal]):
    """A number, whole or not."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError(f"must be a number, not '{short(str(value))}'")
        amount = Decimal(str(value))
        if not amount.is_finite() or abs(amount) > Decimal(10) ** 15:
            raise ValidationError(f"{short(str(value))} is out of range")
        return amount


class Anything(Base[Any]):
    """A value that is understood once more is known."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return value


class Words(Base[tuple[str, ...]]):
    """One word, or a list of them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:
        if isinstance(value, str):
            return (name_of(value),)
        return tuple(each(value, name_of, "a name, or a list of names"))


class Ways(Base[tuple[str, ...]]):
    """One way to a person or a unit, or a list of them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:
        if isinstance(value, str):
            return (way_of(value),)
        return tuple(each(value, way_of, "a way like unit.parent, or a list of them"))


class Conditions(Base[tuple[str, ...]]):
    """One condition, or a list of them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:
        if isinstance(value, str | bool):
            return (str(value).lower() if isinstance(value, bool) else line_of(value, maximum=MAX_TEXT),)
        return tuple(each(value, lambda item: line_of(item, maximum=MAX_TEXT), "a condition, or a list of them"))


class Form(Base[tuple[FormField, ...]]):
    """`[reply!, amount]`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[FormField, ...]:
        asked = each(value, form_field_of, "a list of fields: [reply!, amount]")
        errors = {
            number: [f"'{item.name}' is asked for twice"]
            for number, item in enumerate(asked)
            if item.name in {earlier.name for earlier in asked[:number]}
        }
        if errors:
            raise ValidationError(errors)
        return tuple(asked)


class Length(Base[Target]):
    """`48h`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Target:
        return length_of(value)


class AnyLength(Base[AnyTarget]):
    """`48h`, a table of lengths: `{by: customer.tier, diamond: 1mo, "*": 3mo}`, or a date: `{until: data.ends}`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> AnyTarget:
        if not isinstance(value, dict):
            return length_of(value)
        if "until" in value or "on" in value:
            return _date_of(value)
        errors: dict[str, Any] = {}
        lengths: dict[str, Target] = {}
        if not isinstance(value.get("by"), str):
            errors["by"] = ["is missing: the name that chooses, like customer.tier"]
        if len(value) < 2:
            errors["_schema"] = ["has no length to choose"]
        for key, length in value.items():
            if key != "by":
                try:
                    lengths[key] = length_of(length)
                except ValidationError as error:
                    errors[key] = error.messages
        if errors:
            raise ValidationError(errors)
        otherwise = lengths.pop("*", None)
        return TargetTable(by=value["by"], values=lengths, otherwise=otherwise)


def _date_of(value: dict[str, Any]) -> TargetDate:
    """`{until: data.ends}`, `{on: data.ends, less: 30d, yearly: true}`."""
    end = "until" in value
    errors: dict[str, Any] = {
        key: [unknown("key", key, ("until", "on", "less", "yearly"))]
        for key in value
        if key not in ("until" if end else "on", "less", "yearly")
    }
    by = value["until" if end else "on"]
    if not isinstance(by, str):
        errors["until" if end else "on"] = ["is missing: a date or moment of the case, like data.ends"]
    less = 0
    if "less" in value:
        try:
            less = _days_of(value["less"])
        except ValidationError as error:
            errors["less"] = error.messages
    if not isinstance(value.get("yearly", False), bool):
        errors["yearly"] = [f"must be true or false, not '{short(str(value['yearly']))}'"]
    if errors:
        raise ValidationError(errors)
    return TargetDate(by=by, end_of_day=end, less=less, yearly=bool(value.get("yearly", False)))


def _days_of(value: Any) -> int:
    length = length_of(value)
    if length.unit not in ("d", "w") or length.end_of_day:
        raise ValidationError(f"'{length}': write days or weeks")
    return length.amount * (7 if length.unit == "w" else 1)


class Percent(Base[Decimal]):
    """`50%`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        return percent_of(value, most=100)


class At(Base[tuple[Decimal | None, Target | None, bool]]):
    """Where a rung stands: a percentage, or an offset from due with whether it is before it."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> tuple[Decimal | None, Target | None, bool]:
        text = str(value)
        if text[:1] in "+-" and text:
            return None, length_of(text[1:]), text[0] == "-"
        if not text.endswith("%"):
            raise ValidationError(f"'{short(text)}': write 50% of the target, or -3d and +24h from when it is due")
        return percent_of(text, most=1000), None, False


class Named(Base[dict[str, Any]]):
    """A mapping from names to things. What can be read of a wrong thing is kept, else None: its name is known."""

    def __init__(self, inner: fields.Field[Any], *, wild: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inner, self.wild = inner, wild

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValidationError("must be a mapping: names, each with what it is")
        result: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, item in value.items():
            result[name] = None
            try:
                if not (self.wild and name == "*"):
                    name_of(name)
                result[name] = self.inner.deserialize(item)
            except ValidationError as error:
                result[name] = error.valid_data
                errors[name] = error.messages
        if errors:
            raise ValidationError(errors, valid_data=result)
        return result


class Many(Base[list[Any]]):
    """A list. What can be read of a wrong item is kept, else None: the others keep their places."""

    def __init__(self, inner: fields.Field[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inner = inner

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValidationError("must be a list")
        result: list[Any] = []
        errors: dict[int, Any] = {}
        for number, item in enumerate(value):
            try:
                result.append(self.inner.deserialize(item))
            except ValidationError as error:
                result.append(error.valid_data)
                errors[number] = error.messages
        if errors:
            raise ValidationError(cast("dict[str, Any]", errors), valid_data=result)
        return result
