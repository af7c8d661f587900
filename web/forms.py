"""The forms of a definition on a page: how a field is shown, and what a browser's answer to it was.

Nothing is judged here. What a field may hold is checked by the rules; here only the shape is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from flask import g, request
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from web import people
from web.context import directory
from web.language import current, from_local, local_input, name, now
from workflow import messages
from workflow.core.bidi import straight
from workflow.core.definition.fields import Field
from workflow.core.definition.lifecycle import Definition
from workflow.core.directory import Person, Unit
from workflow.core.errors import FormInvalid
from workflow.service.views.actions import ActionField

PREFIX = "f."
SPARE_ROWS = 2
MOST_ROWS = 100
FEW = 6


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Group:
    """Options under one heading; `label` empty for no heading."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """One field as a page shows it. `value` is what stands in it; `faults` are sentences; `list`: the list of
    persons the browser offers from."""

    name: str
    type: str
    label: str
    help: str = ""
    required: bool = False
    value: Any = ""
    faults: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    most: int | None = None
    rows: tuple[tuple[Input, ...], ...] = ()
    shown: str = ""
    sums: Mapping[str, str] = field(default_factory=dict)
    scope: str = ""
    list: str = ""

    @property
    def id(self) -> str:
        """Unique on the page: the same field may stand in several forms, each with its `scope`."""
        return re.sub(r"[^a-z0-9_-]", "-", f"{self.scope}-{self.name}".lower().removeprefix("-"))

    @property
    def options(self) -> tuple[Option, ...]:
        return tuple(option for group in self.groups for option in group.options)

    @property
    def few(self) -> bool:
        """Few enough to stand side by side instead of in a list that opens."""
        return len(self.options) <= FEW


def start_form(definition: Definition, proposed: Mapping[str, Any] = MappingProxyType({})) -> list[ActionField]:
    """The form that opens a case, as the door gives those of its actions; `proposed`: what stands in it beforehand."""
    return [
        ActionField(field=definition.fields[asked.name], required=asked.required, value=proposed.get(asked.name))
        for asked in definition.start_form
    ]


Typed = MultiDict[str, str]
"""What a browser sent, by the names of the inputs."""


def inputs(fields: Sequence[ActionField], *, active: bool, scope: str = "", draft: Typed | None = None) -> list[Input]:
    """The fields of a form. `active`: it was just sent, and shows what was typed and what is wrong with it; else
    `draft`, where there is one, is what was typed before.
    """
    return [
        replace(made, scope=scope, rows=tuple(tuple(replace(cell, scope=scope) for cell in row) for row in made.rows))
        for asked in fields
        for made in [one(asked.field, required=asked.required, stored=asked.value, active=active, draft=draft)]
    ]


def one(asked: Field, *, required: bool, stored: Any, active: bool, draft: Typed | None = None) -> Input:
    full = PREFIX + asked.name
    typed = request.form if active else draft
    value = answer(asked, typed) if typed is not None else stored if stored is not None else asked.default
    made = Input(
        name=full,
        type=asked.type,
        label=asked.title[current()],
        help=asked.help[current()] if asked.help else "",
        required=required,
        value=shown(asked, value),
        faults=faults(asked.name) if active else (),
        groups=choices(asked),
        list=offered(asked),
        most=int(asked.maximum) if asked.type in ("line", "text") and asked.maximum is not None else None,
    )
    if asked.type == "rows":
        rows = value if isinstance(value, list) else []
        return replace(made, value="", rows=table(asked, rows), sums={k: f"{v:f}" for k, v in asked.sums.items()})
    if asked.type == "file" and value:
        return replace(made, shown=gettext("form.file_kept"))
    return made


def table(asked: Field, rows: Sequence[Mapping[str, Any]]) -> tuple[tuple[Input, ...], ...]:
    """The rows of a `rows` field as inputs: those filled in, and some empty ones after them."""
    count = min(MOST_ROWS, len(rows) + (1 if rows else SPARE_ROWS))
    if request.form.get("more") == PREFIX + asked.name:
        count = min(MOST_ROWS, count + 1)
    lines = []
    for place in range(count):
        row = rows[place] if place < len(rows) else {}
        lines.append(
            tuple(
                Input(
                    name=f"{PREFIX}{asked.name}.{place}.{column.name}",
                    type=column.type,
                    label=column.title[current()],
                    value=shown(column, row.get(column.name)),
                    groups=choices(column),
                    list=offered(column),
                )
                for column in asked.columns
            )
        )
    return tuple(lines)


def shown(asked: Field, value: Any) -> Any:
    """A stored or typed value as an input holds it."""
    if asked.type == "choices":
        return [str(v) for v in value or ()]
    if value is None:
        return ""
    if asked.type == "person":
        return people.spelled(value)
    if asked.type == "yesno":
        return {"True": "yes", "False": "no"}.get(str(value), str(value))
    if asked.type == "moment" and isinstance(value, str):
        try:
            return local_input(datetime.fromisoformat(value))
        except ValueError:
            return value
    return str(value)


def sent(definition: Definition) -> list[Field]:
    """The fields of a definition that the browser sent anything for.

    Which of them a form may hold is for the rules to say; a form posted twice must read the same both times,
    also when the case has moved on meanwhile.
    """
    names = {
        key.removeprefix(PREFIX).split(".")[0] for key in (*request.form, *request.files) if key.startswith(PREFIX)
    }
    return [field for name, field in definition.fields.items() if name in names]


def answers(definition: Definition) -> dict[str, Any]:
    """What a browser sent, one entry a field."""
    return {asked.name: answer(asked, request.form) for asked in sent(definition)}


def answer(asked: Field, typed: Typed) -> Any:
    name_ = PREFIX + asked.name
    if asked.type == "choices":
        return [one for one in typed.getlist(name_) if one]
    if asked.type == "rows":
        return rows_sent(asked, typed)
    text = typed.get(name_, "")
    if asked.type == "person":
        return person_of(asked, text)
    if asked.type == "line":
        return straight(text)
    return from_local(text) if asked.type == "moment" else text


def rows_sent(asked: Field, typed: Typed) -> list[dict[str, str]]:
    """The rows that hold anything, in order."""
    rows = []
    for place in range(MOST_ROWS):
        row = {
            column.name: cell(column, typed.get(f"{PREFIX}{asked.name}.{place}.{column.name}", "").strip())
            for column in asked.columns
        }
        if any(row.values()):
            rows.append(row)
    return rows


def cell(column: Field, text: str) -> str:
    if column.type == "line":
        return straight(text)
    return person_of(column, text) if column.type == "person" and text else text


def files(definition: Definition) -> Iterable[tuple[str, Any]]:
    """Field name and upload of every file that came with a form."""
    for asked in sent(definition):
        upload = request.files.get(PREFIX + asked.name)
        if asked.type == "file" and upload is not None and upload.filename:
            yield asked.name, upload


def spoken(definition: Definition | None) -> list[tuple[str, str]]:
    """What was just typed, as people read it: labels and texts; by the inputs' names without a definition."""
    if definition is None:
        return [
            (key.removeprefix(PREFIX), text) for key, text in request.form.items() if key.startswith(PREFIX) and text
        ]
    made = [one(asked, required=False, stored=None, active=True) for asked in sent(definition)]
    return [(filled.label, text) for filled in made if (text := said(filled))]


def said(filled: Input) -> str:
    """What stands in an input, in words."""
    if filled.type == "rows":
        return "\n".join(
            filter(None, (gettext("list.comma").join(filter(None, map(said, row))) for row in filled.rows))
        )
    labels = {option.value: option.label.strip() for option in filled.options}
    values = filled.value if isinstance(filled.value, list) else [filled.value]
    return gettext("list.comma").join(labels.get(value, value) for value in values)


def wants_more() -> bool:
    """Whether the person only asked for another row."""
    return bool(request.form.get("more"))


def faults(name_: str) -> tuple[str, ...]:
    """What was wrong with a field of the form just refused."""
    refusal = g.get("refusal")
    if not isinstance(refusal, FormInvalid):
        return ()
    found: Mapping[str, Any] = refusal.facts["fields"]  # type: ignore[assignment]
    return told(found.get(name_, ()))


def told(said: Iterable[Any]) -> tuple[str, ...]:
    """What is wrong with a field, a sentence for each of its codes and facts."""
    names = messages.Names(definition=g.get("definition"))
    return tuple(messages.fault(code, facts, current(), names=names) for code, facts in said)


def choices(asked: Field) -> tuple[Group, ...]:
    """What a field may be chosen from."""
    if asked.type in ("choice", "choices"):
        return (Group("", tuple(Option(key, text[current()]) for key, text in asked.of.items())),)
    if asked.type == "unit":
        return (Group("", tuple(units())),)
    if asked.type == "yesno":
        return (Group("", (Option("yes", gettext("form.yes")), Option("no", gettext("form.no")))),)
    return ()


def offered(asked: Field) -> str:
    """The list of persons that a field is filled from; empty for other fields."""
    if asked.type != "person":
        return ""
    return people.listed(f"persons-{asked.role}", people.holding(asked.role)) if asked.role else people.listed()


def person_of(asked: Field, text: str) -> str:
    """The number of the person a text means, else the text, for the rules to say what is wrong with it."""
    return str(people.meant(text, people.holding(asked.role)) or people.meant(text) or text)


def members() -> dict[int, list[tuple[Person, list[str]]]]:
    """Unit → the active persons who hold a role there now, with their roles."""
    found: dict[int, list[tuple[Person, list[str]]]] = {}
    for person in directory().persons.values():
        for unit, held in directory().roles_of(person.id, now()).items():
            found.setdefault(unit, []).append((person, sorted(held)))
    return found


def units() -> Iterable[Option]:
    known = directory()
    for unit in tree():
        yield Option(str(unit.id), "　" * (len(known.above(unit.id)) - 1) + name(unit))


def tree() -> list[Unit]:
    """Active units, each before those below it."""
    known = directory()
    return sorted(
        (unit for unit in known.units.values() if unit.active),
        key=lambda unit: [known.units[one].code for one in reversed(known.above(unit.id))],
    )
