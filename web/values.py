"""Values of a case as people read them, by the type of their field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext

from web import language, names
from workflow.core.definition.fields import Field
from workflow.core.definition.lifecycle import Definition
from workflow.core.moments import moment_of
from workflow.core.personal import is_commitment
from workflow.customers import classes
from workflow.service.views.names import Masked

RECORD = (
    "name_zh", "name_en", "credit_code", "industry", "address", "contacts", "trade", "cooperation", "importance",
    "nature", "credit_rating", "confidentiality", "tier", "stage", "unit", "a", "b", "until", "merged",
)  # fmt: skip
"""What people write in a customer's record, in the order it is shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One value on a page. `kind`: text, long, table, file, masked, or above: it stands further up on the page."""

    label: str
    text: str
    kind: str = "text"
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    file: int = 0


def shown(definition: Definition | None, data: Mapping[str, Any], *, but: Collection[str] = ()) -> list[Shown]:
    """The values that are filled in, in the order of the definition's fields, then any others; those in `but` not."""
    fields = definition.fields if definition else {}
    ordered = [name for name in fields if name in data] + [name for name in data if name not in fields]
    ordered = [name for name in ordered if name not in but]
    return [value(fields.get(name), name, data[name]) for name in ordered if data[name] not in (None, "", [])]


def proposed(definition: Definition | None, data: Mapping[str, Any]) -> set[str]:
    """The choices nobody made when the case was opened: what a later form will propose. A case has them from the
    start, and read as facts they would say what nobody said."""
    if definition is None:
        return set()
    asked = {one.name for one in definition.start_form}
    return {
        name
        for name, field in definition.fields.items()
        if field.type == "choice"
        and field.default is not None
        and name not in asked
        and data.get(name) == field.default
    }


def record(data: Mapping[str, Any]) -> list[Shown]:
    """The values of a customer's record that people wrote, named by the catalogue."""
    found = []
    for name in RECORD:
        held = data.get(name)
        if isinstance(held, Masked):
            found.append(Shown(gettext(f"data.{name}"), gettext(f"masked.{held.reason}"), "masked"))
        elif held not in (None, ""):
            found.append(Shown(gettext(f"data.{name}"), record_text(name, held)))
    return found


def record_text(name: str, held: Any) -> str:
    if name == "unit":
        return names.unit_name(held)
    if name in ("a", "b"):
        return names.person_name(held)
    if name in ("tier", "stage"):
        return names.known(f"{name}.{held}", str(held))
    if name == "until":
        return language.moment(moment_of(held))
    if name == "industry":
        return industry(held)
    if name == "confidentiality":
        return names.known(f"confidentiality.{held}", str(held))
    if name in classes.CLASSES:
        return names.known(f"class.{name}.{held}", str(held))
    return plain(held)


def industry(held: str) -> str:
    """An industry by its name, where it is one of the list (002 §7)."""
    found = classes.industries().get(classes.industry(held))
    return held if found is None else found[0 if language.current() == "zh" else 1]


def value(field: Field | None, name: str, held: Any) -> Shown:
    label = field.title[language.current()] if field else names.known(f"data.{name}", name)
    if isinstance(held, Masked):
        return Shown(label, gettext(f"masked.{held.reason}"), "masked")
    if is_commitment(held):
        return Shown(label, gettext("masked.committed"), "masked")
    if field is None:
        return Shown(label, plain(held))
    if field.type == "rows":
        heads = tuple(column.title[language.current()] for column in field.columns)
        cells = tuple(tuple(text(column, row.get(column.name)) for column in field.columns) for row in held)
        return Shown(label, "", "table", heads, cells)
    if field.type == "file":
        return Shown(label, gettext("files.open"), "file", file=held)
    return Shown(label, text(field, held), "long" if field.type == "text" else "text")


def text(field: Field, held: Any) -> str:
    """A value that fits in a line. A stored value that is not of its type stands as it is."""
    if held is None:
        return "—"
    try:
        return _WRITERS.get(field.type, _plain)(field, held)
    except (ValueError, TypeError, ArithmeticError):
        return str(held)


def plain(held: Any) -> str:
    if isinstance(held, bool):
        return gettext("form.yes" if held else "form.no")
    if isinstance(held, list):
        return gettext("list.comma").join(plain(one) for one in held)
    if isinstance(held, dict):
        return gettext("list.comma").join(f"{k}: {plain(v)}" for k, v in held.items())
    return "—" if held is None else str(held)


def _plain(field: Field, held: Any) -> str:
    return plain(held)


def _choice(field: Field, held: Any) -> str:
    named = held if isinstance(held, list) else [held]
    return gettext("list.comma").join(
        field.of[one][language.current()] if one in field.of else str(one) for one in named
    )


_WRITERS: Mapping[str, Any] = {
    "money": lambda field, held: gettext("value.yuan", amount=language.amount(held)),
    "percent": lambda field, held: f"{language.amount(held)}%",
    "date": lambda field, held: language.day(date.fromisoformat(held)),
    "moment": lambda field, held: (language.exact if field.exact else language.moment)(datetime.fromisoformat(held)),
    "yesno": lambda field, held: gettext("form.yes" if held else "form.no"),
    "choice": _choice,
    "choices": _choice,
    "person": lambda field, held: names.person_name(held),
    "unit": lambda field, held: names.unit_name(held),
}
