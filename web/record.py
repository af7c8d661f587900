"""What people write in a customer's record, as inputs of a form and as words on a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import request
from flask_babel import gettext

from web import forms, values
from workflow.core.confidence import LEVELS
from workflow.core.definition.expressions import Text
from workflow.core.definition.fields import Field
from workflow.customers import classes, contacts
from workflow.customers.contacts import Contact

LINES = {"name_zh": True, "name_en": False, "division": True, "credit_code": False, "industry": False, "address": False}
"""What is written as a line, and whether it must be."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    **classes.CLASSES,
    "credit_rating": classes.CREDIT_RATINGS,
    "confidentiality": LEVELS,
}
"""What is chosen, from which codes."""

CHANGED = ("name_zh", "name_en", "credit_code", "industry", "address", *CHOICES)
"""What people may change by hand: a division gave the number, a tier comes of its review, owners of lifecycles."""


def inputs(names: Iterable[str], held: Mapping[str, Any]) -> list[forms.Input]:
    """The inputs of some of a record's values: as they were typed, else as they are held."""
    typed = request.method == "POST"
    return [_input(name, request.form.get(name, "") if typed else text(name, held.get(name))) for name in names]


def sent(names: Iterable[str]) -> dict[str, str]:
    """What the form says of some of a record's values; it may leave values out."""
    return {name: request.form[name].strip() for name in names if name in request.form}


def text(name: str, held: Any) -> str:
    """A value as its input holds it."""
    if name == "industry" and held:
        return values.industry(str(held))
    if name == "confidentiality":
        return str(held or LEVELS[0])
    return str(held or "")


def said(name: str, held: Any) -> str:
    """A chosen value in words."""
    if name == "credit_rating":
        return str(held)
    return gettext(f"confidentiality.{held}") if name == "confidentiality" else gettext(f"class.{name}.{held}")


def people(stored: Iterable[Contact]) -> forms.Input:
    """The rows of a customer's people: as they were typed, else as they are stored."""
    rows = [{**{part: getattr(one, part) for part in contacts.LENGTHS}, "decides": one.decides} for one in stored]
    return forms.one(_people(), required=False, stored=rows, active=request.method == "POST")


def people_sent() -> list[dict[str, str]]:
    return forms.rows_sent(_people(), request.form)


def _people() -> Field:
    parts = [Field(name=part, type="line", title=_both(gettext(f"contact.{part}"))) for part in contacts.LENGTHS]
    decides = Field(name="decides", type="yesno", title=_both(gettext("contact.decides")))
    title, help_ = _both(gettext("data.contacts")), _both(gettext("contact.help"))
    return Field(name="contacts", type="rows", title=title, help=help_, columns=(*parts, decides))


def _both(said: str) -> Text:
    """A text of the catalogue where a definition would have one in both languages: only the reader's is asked for."""
    return Text(said, said)


def _input(name: str, value: str) -> forms.Input:
    if name in CHOICES:
        options = tuple(forms.Option(one, said(name, one)) for one in CHOICES[name])
        # A list that opens has an empty choice of its own.
        beside = name != "confidentiality" and len(options) < forms.FEW
        first = (forms.Option("", gettext("form.left_open")),) if beside else ()
        return forms.Input(
            name=name,
            type="choice",
            label=gettext(f"data.{name}"),
            help=gettext(f"customers.{name}_help") if name in ("confidentiality", "credit_rating") else "",
            required=name == "confidentiality",
            value=value,
            faults=forms.faults(name),
            groups=(forms.Group("", (*first, *options)),),
        )
    offered = [values.industry(code) for code in classes.industries()] if name == "industry" else []
    return forms.Input(
        name=name,
        type="line",
        label=gettext(f"data.{name}"),
        help=gettext("customers.division_help") if name == "division" else "",
        required=LINES[name],
        value=value,
        faults=forms.faults(name),
        groups=(forms.Group("", tuple(forms.Option(one, one) for one in offered)),) if offered else (),
    )
