"""Conditions and computed values of a file, compiled, with their faults at the right column."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from workflow.core.conditions import BadCondition, Compiler, Kind, constant
from workflow.core.definition.expressions import Condition, Expression, Text
from workflow.core.definition.fields import Field
from workflow.definitions.faults import Path, unknown
from workflow.definitions.names import Names
from workflow.definitions.reader import Place
from workflow.definitions.source import Source

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")

ACCEPTS: Mapping[str, tuple[str, ...]] = {
    "line": ("string",),
    "text": ("string",),
    "choice": ("string",),
    "date": ("string", "timestamp"),
    "number": ("int",),
    "person": ("int",),
    "unit": ("int",),
    "file": ("int",),
    "money": ("double", "int"),
    "percent": ("double", "int"),
    "yesno": ("bool",),
    "moment": ("timestamp",),
    "choices": ("strings",),
    "rows": ("rows", "list"),
}
"""The kinds of values a field of each type takes."""


class Expressions:
    """Compiles what stands at a path; None after noting a fault there."""

    def __init__(
        self, source: Source, names: Names, variables: Mapping[str, Kind], *, personal: Collection[str] = ()
    ) -> None:
        self._source = source
        self._names = names
        self._compiler = Compiler(variables)
        self._personal = personal
        self.variables = variables
        self.named: dict[str, Condition | None] = {}

    def beside(self, more: Mapping[str, Kind]) -> Expressions:
        """The same, where more names are known."""
        return Expressions(self._source, self._names, {**self.variables, **more}, personal=self._personal)

    def condition(
        self, text: str, path: Path, *, otherwise: Text | None = None, name: str | None = None
    ) -> Condition | None:
        try:
            return self._compiler.condition(text, otherwise=otherwise, name=name)
        except BadCondition as bad:
            self._note(bad, path, shift=0)
            return None

    def when(self, text: str, path: Path) -> Condition | None:
        """A condition by its name, or CEL."""
        if _NAME.fullmatch(text) and text not in ("true", "false"):
            return self.named.get(text) if self._names.ask("condition", text, path) else None
        return self.condition(text, path)

    def value(self, given: Any, path: Path) -> Expression | None:
        """A constant as it is, or CEL after `=`."""
        if not isinstance(given, str) or not given.startswith("="):
            return constant(given)
        text = given[1:].strip()
        try:
            return self._compiler.expression(text)
        except BadCondition as bad:
            self._note(bad, path, shift=given.index(text) if text else 1)
            return None

    def value_for(self, field: Field, given: Any, path: Path) -> Expression | None:
        """A value that fits the field it is for."""
        made = self.value(given, path)
        if made is not None and (wrong := misfit(field, made, given) or leak(field, made, self._personal)):
            self._source.fault(path, wrong, "type")
            return None
        return made

    def value_of(self, kinds: tuple[str, ...], given: Any, path: Path) -> Expression | None:
        """A value of one of these kinds."""
        made = self.value(given, path)
        if made is not None and made.kind not in (*kinds, "any", "null"):
            self._source.fault(path, f"the value is {made.kind}, but {' or '.join(kinds)} is wanted", "type")
            return None
        return made

    def _note(self, bad: BadCondition, path: Path, *, shift: int) -> None:
        place = self._source.place(path)
        for remark in bad.remarks:
            at = place
            if place.inner is not None and remark.line == 1:
                at = Place(place.line, place.inner + shift + remark.column - 1)
            message = remark.message
            if match := _UNDECLARED.search(message):
                message = unknown("name", match[1], self.variables)
            self._source.fault(path, message, "condition", at=at)


def misfit(field: Field, made: Expression, given: Any) -> str | None:
    """Why the value does not fit the field, None when it does."""
    if made.kind == "null" and field.required:
        return f"'{field.name}' is required and cannot be emptied"
    if made.kind not in (*ACCEPTS[field.type], "any", "null") and not (made.kind == "list" and field.type == "choices"):
        return f"the value is {made.kind}, but '{field.name}' is of type {field.type}"
    computed = isinstance(given, str) and given.startswith("=")
    return None if computed or given is None else misfit_of_constant(field, given)


def leak(field: Field, made: Expression, personal: Collection[str]) -> str | None:
    """Why the value would bring personal data where it cannot be erased, None when it does not.

    `personal`: names of personal fields as conditions have them. A number or a date made from one says little.
    """
    leaking = sorted(made.names.intersection(personal)) if made.kind in TELLING else []
    if leaking and not field.personal:
        return f"{leaking[0]} is personal, so '{field.name}' must be personal too"
    return None


TELLING = ("string", "strings", "rows", "list", "any")


def misfit_of_constant(field: Field, given: Any) -> str | None:
    """Why a value standing in a file does not fit the field, None when it does."""
    if field.type in ("person", "unit", "file", "moment", "rows"):
        return f"a value of type {field.type} cannot be a constant, write an expression after ="
    wanted = _CONSTANTS.get(field.type, (str,))
    if not isinstance(given, wanted) or (isinstance(given, bool) and field.type != "yesno"):
        return f"{given!r} is no value for '{field.name}' of type {field.type}"
    if field.type in ("choice", "choices") and not field.of:
        return None
    if field.type in ("choice", "choices"):
        chosen = given if isinstance(given, list) else [given]
        return next((unknown("choice", str(one), field.of) for one in chosen if one not in field.of), None)
    if field.type == "date":
        return None if _is_date(str(given)) else f"'{given}' is no date: write 2026-10-01"
    return None if field.type == "yesno" else _out_of_bounds(field, given)


_CONSTANTS: Mapping[str, tuple[type, ...]] = {
    "number": (int,),
    "yesno": (bool,),
    "choices": (list,),
    "money": (int, float),
    "percent": (int, float),
}


def _out_of_bounds(field: Field, given: Any) -> str | None:
    size = len(given) if isinstance(given, str) else given
    if field.minimum is not None and size < field.minimum:
        return f"{given!r} is below the least allowed, {field.minimum}"
    if field.maximum is not None and size > field.maximum:
        return f"{given!r} is above the most allowed, {field.maximum}"
    return None


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
