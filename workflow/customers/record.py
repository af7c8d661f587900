"""What a customer's record may hold, checked before it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from workflow.core.bidi import straight
from workflow.core.confidence import LEVELS
from workflow.core.errors import FormInvalid, NumberInvalid
from workflow.core.forms import UNFIT
from workflow.core.moments import moment_of
from workflow.customers import classes, contacts
from workflow.customers.credit import credit_code
from workflow.customers.divisions import is_division
from workflow.customers.names import normalised
from workflow.customers.pinyin import sound

TIERS = ("diamond", "gold", "silver", "ordinary")
MOST = 2**53
"""What a whole number may be at most, either way."""
STAGES = ("potential", "registered", "developing", "handover", "maintained", "lost")


class Line(fields.String):
    """One line of text; faults are codes."""

    default_error_messages = {"required": "missing", "null": "missing", "invalid": "text"}  # noqa: RUF012

    def __init__(self, most: int = 200, **rest: Any) -> None:
        super().__init__(**rest)
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        text = straight(super()._deserialize(value, attr, data, **rest)).strip()
        if UNFIT.search(text) or "\n" in text:
            raise ValidationError([["unfit", {}]])
        if len(text) > self.most:
            raise ValidationError([["longer", {"most": self.most}]])
        return text


class Whole(fields.Integer):
    default_error_messages = {"invalid": "whole", "too_large": "whole"}  # noqa: RUF012

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool) or (isinstance(value, int) and abs(value) > MOST):
            raise self.make_error("invalid")
        return super()._validated(value)


class People(fields.Field[Any]):
    """Contacts, as rows of their parts or as a text; `contacts.checked` says what they may be. Empty: nobody."""

    default_error_messages = {"null": "missing"}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> list[dict[str, Any]] | str:
        try:
            return contacts.checked(value) or ""
        except contacts.ContactUnfit as unfit:
            raise ValidationError([[unfit.code, unfit.facts]]) from None


def _division(value: str) -> None:
    if not is_division(value):
        raise ValidationError([["division", {}]])


def _credit(value: str) -> None:
    try:
        if value:
            credit_code(value)
    except NumberInvalid as fault:
        raise ValidationError([["credit", {"why": fault.facts["why"]}]]) from None


def _one_of(names: tuple[str, ...]) -> validate.OneOf:
    return validate.OneOf(names, error="choice")


def _reachable(value: int) -> None:
    """Microseconds since 1970 that are a moment."""
    try:
        moment_of(value)
    except OverflowError:
        raise ValidationError([["moment", {}]]) from None


class RecordSchema(Schema):
    """A customer's record as people and imports give it. `contacts` are personal: they go to the vault.

    Classes, rating and level stand in a record only where somebody gave them.
    """

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "unknown"}  # noqa: RUF012

    name_zh = Line(required=True, validate=validate.Length(min=1, error="missing"))
    name_en = Line(load_default="")
    division = Line(required=True, most=6, validate=_division)
    credit_code = Line(load_default="", most=40, validate=_credit)
    industry = Line(load_default="")
    address = Line(load_default="")
    contacts = People(load_default="")
    trade = Line(validate=_one_of(("", *classes.CLASSES["trade"])))
    cooperation = Line(validate=_one_of(("", *classes.CLASSES["cooperation"])))
    importance = Line(validate=_one_of(("", *classes.CLASSES["importance"])))
    nature = Line(validate=_one_of(("", *classes.CLASSES["nature"])))
    credit_rating = Line(validate=_one_of(("", *classes.CREDIT_RATINGS)))
    confidentiality = Line(validate=_one_of(LEVELS))
    tier = Line(load_default="ordinary", validate=_one_of(TIERS))
    stage = Line(load_default="potential", validate=_one_of(STAGES))
    lead = Line(load_default="a", validate=_one_of(("a", "b")))
    unit = Whole(load_default=None, allow_none=True, strict=True)
    a = Whole(load_default=None, allow_none=True, strict=True)
    b = Whole(load_default=None, allow_none=True, strict=True)
    until = Whole(load_default=None, allow_none=True, strict=True, validate=_reachable)


def checked(values: Mapping[str, Any], *, partial: bool = False) -> dict[str, Any]:
    """The record as it is kept, with what is derived from the name. Raises `FormInvalid`."""
    found = fit(values, partial=partial)
    if "name_zh" in found:
        found["pinyin"] = str(sound(found["name_zh"]))
    return found


def fit(values: Mapping[str, Any], *, partial: bool = False) -> dict[str, Any]:
    """As `checked`, without how the name sounds, which takes longer than all the rest. Raises `FormInvalid`."""
    try:
        found: dict[str, Any] = _schema(partial).load(values)
    except ValidationError as error:
        raise FormInvalid(fields={k: _codes(v) for k, v in error.messages_dict.items()}) from None
    if partial:
        found = {name: value for name, value in found.items() if name in values}
    if found.get("industry"):
        found["industry"] = classes.industry(found["industry"])
    if found.get("credit_code"):
        found["credit_code"] = credit_code(found["credit_code"])
    elif "credit_code" in found:
        found["credit_code"] = None
    if "name_zh" in found:
        found["key"] = normalised(found["name_zh"])
        found["name_en"] = found.get("name_en") or found["name_zh"]
    return found


@cache
def _schema(partial: bool) -> RecordSchema:
    """Made once: making one takes longer than using it."""
    return RecordSchema(partial=partial)


def _codes(faults: Any) -> list[Any]:
    return [[f, {}] if isinstance(f, str) else f for f in (faults if isinstance(faults, list) else [faults])]
