"""A person's answers, checked against the fields of a definition.

marshmallow does the checking; its messages are our codes, which the catalogue turns into sentences.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError
from marshmallow import fields as kinds

from workflow.core.definition.fields import Field, FormField
from workflow.core.definition.lifecycle import Definition
from workflow.core.errors import FormInvalid

LENGTHS = {"line": 200, "text": 5000}
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_CENT = Decimal("0.01")
_LARGEST = Decimal("9999999999999.99")


def check(definition: Definition, form: Sequence[FormField], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as they are stored. Empty answers to optional fields become None.

    Raises `FormInvalid` with every fault of every field at once, unknown fields included.
    """
    given = {name: _blank(value) for name, value in answers.items()}
    loaded = _read(definition, form, given)
    if loaded is None:
        try:
            loaded = _schema(_Fields(definition, tuple(form))).load(given)
        except ValidationError as error:
            raise FormInvalid(fields=_codes(error.messages)) from None
    return {asked.name: loaded.get(asked.name) for asked in form if asked.name in given}


def _read(definition: Definition, form: Sequence[FormField], given: Mapping[str, Any]) -> dict[str, Any] | None:
    """The answers where nothing is wrong, as the schema reads them; None where something is, for it to say what.

    Answers that are decided again by the million are right, and a schema takes ten times as long to find that.
    """
    loaded: dict[str, Any] = {}
    found = 0
    for asked in form:
        if asked.name in given:
            found += asked.name not in loaded
            value = given[asked.name]
            if value is None:
                if asked.required:
                    return None
                loaded[asked.name] = None
                continue
            field = definition.fields[asked.name]
            try:
                loaded[asked.name] = _READERS[field.type](field, value)
            except ValidationError:
                return None
        elif asked.required:
            return None
    return loaded if found == len(given) else None


def right(definition: Definition, form: Sequence[FormField], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the answers that are right, whatever is wrong or missing beside them."""
    given = {one.name: answers[one.name] for one in form if one.name in answers}
    asked = tuple(FormField(name) for name in given)
    try:
        return check(definition, asked, given)
    except FormInvalid as fault:
        wrong: Any = fault.facts["fields"]
        fit = tuple(one for one in asked if one.name not in wrong)
        return check(definition, fit, {one.name: given[one.name] for one in fit})


def defaults(definition: Definition) -> dict[str, Any]:
    """The values fields begin with, as they are stored."""
    return dict(_defaults(_Fields(definition, ())))


@lru_cache(maxsize=256)
def _defaults(asked: _Fields) -> dict[str, Any]:
    definition = asked.definition
    given = {f.name: f.default for f in definition.fields.values() if f.default is not None}
    return check(definition, tuple(FormField(name) for name in given), given)


class _Fields:
    """A form of a definition, as a cache key."""

    __slots__ = ("_id", "definition", "form")

    def __init__(self, definition: Definition, form: tuple[FormField, ...]) -> None:
        self.definition = definition
        self.form = form
        self._id = (definition.hash, form)

    def __hash__(self) -> int:
        return hash(self._id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Fields) and other._id == self._id


@lru_cache(maxsize=1024)
def _schema(asked: _Fields) -> Schema:
    members = {f.name: Answer(asked.definition.fields[f.name], f.required) for f in asked.form}
    return Form.from_dict(dict(members))(unknown=RAISE)


class Form(Schema):
    """A form of any definition; what is not asked for is a fault too."""

    error_messages = {"unknown": "unknown"}  # noqa: RUF012


class Answer(kinds.Field[Any]):
    """One answer of a given field type. Faults are codes with facts: `["longer", {"most": 200}]`."""

    default_error_messages = {"required": "missing", "null": "missing"}  # noqa: RUF012

    def __init__(self, field: Field, required: bool) -> None:
        super().__init__(required=required, allow_none=not required)
        self.field = field

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        return _READERS[self.field.type](self.field, value)


def _fault(code: str, **facts: Any) -> ValidationError:
    return ValidationError([[code, facts]])


def _codes(messages: Any) -> dict[str, list[Any]]:
    return {
        str(name): [[m, {}] if isinstance(m, str) else m for m in (found if isinstance(found, list) else [found])]
        for name, found in messages.items()
    }


def _blank(value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip()
        return value or None
    if isinstance(value, list):
        return value or None
    return value


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _fault("text")
    text: str = value.replace("\r\n", "\n").replace("\r", "\n")
    if UNFIT.search(text) or (field.type == "line" and "\n" in text):
        raise _fault("unfit")
    most = int(field.maximum) if field.maximum is not None else LENGTHS[field.type]
    if len(text) > most:
        raise _fault("longer", most=most)
    if field.minimum is not None and len(text) < field.minimum:
        raise _fault("shorter", least=int(field.minimum))
    return text


def _bounded(field: Field, value: Decimal) -> Decimal:
    if field.minimum is not None and value < field.minimum:
        raise _fault("smaller", least=str(field.minimum))
    if field.maximum is not None and value > field.maximum:
        raise _fault("larger", most=str(field.maximum))
    return value


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise _fault("number")
    try:
        number = Decimal(str(value).replace(",", "").replace("，", "").strip())
    except (InvalidOperation, ValueError):
        # A number of thousands of digits is one that Python does not spell.
        raise _fault("number") from None
    if not number.is_finite() or number.copy_abs() > _LARGEST:
        raise _fault("number")
    return number


def _number(field: Field, value: Any) -> int:
    number = _bounded(field, _decimal(value))
    if number != int(number):
        raise _fault("whole")
    return int(number)


def _cents(field: Field, value: Any) -> str:
    number = _bounded(field, _decimal(value))
    if number != number.quantize(_CENT):
        raise _fault("cents")
    return str(number.quantize(_CENT))


def _percent(field: Field, value: Any) -> str:
    text = value.rstrip("%％") if isinstance(value, str) else value
    number = _decimal(text)
    if not 0 <= number <= 100:
        raise _fault("percent")
    return _cents(field, number)


def _date(field: Field, value: Any) -> str:
    try:
        read: date = date.fromisoformat(str(value))
    except ValueError:
        raise _fault("date") from None
    return read.isoformat()


def _moment(field: Field, value: Any) -> str:
    if isinstance(value, datetime):
        read = value
    else:
        try:
            read = datetime.fromisoformat(str(value))
        except ValueError:
            raise _fault("moment") from None
    if read.tzinfo is None:
        raise _fault("zone")
    try:
        return read.astimezone(UTC).isoformat()
    except OverflowError:
        raise _fault("moment") from None


_YES = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def _yesno(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _YES:
        return _YES[value.lower()]
    raise _fault("yesno")


def _choice(field: Field, value: Any) -> str:
    if not isinstance(value, str) or value not in field.of:
        raise _fault("choice")
    return value


def _choices(field: Field, value: Any) -> list[str]:
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list):
        raise _fault("choice")
    return list(dict.fromkeys(_choice(field, one) for one in given))


def _id(field: Field, value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**53:
        raise _fault(field.type)
    return value


def _rows(field: Field, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise _fault("rows")
    rows = []
    for place, row in enumerate(value, start=1):
        cells = {name: _blank(cell) for name, cell in row.items()}
        if not any(cell is not None for cell in cells.values()):
            continue
        if unknown := cells.keys() - {c.name for c in field.columns}:
            raise _fault("column", row=place, column=min(unknown))
        checked = {}
        for column in field.columns:
            cell = cells.get(column.name)
            if cell is None:
                raise _fault("cell", row=place, column=column.name)
            checked[column.name] = _READERS[column.type](column, cell)
        rows.append(checked)
    for column_name, wanted in field.sums.items():
        total = sum((Decimal(row[column_name]) for row in rows), Decimal(0))
        if total != wanted:
            raise _fault("sum", column=column_name, total=str(total), wanted=str(wanted))
    return rows


_READERS: Mapping[str, Any] = {
    "line": _text, "text": _text, "number": _number, "money": _cents, "percent": _percent, "date": _date,
    "moment": _moment, "yesno": _yesno, "choice": _choice, "choices": _choices, "person": _id, "unit": _id,
    "file": _id, "rows": _rows,
}  # fmt: skip
