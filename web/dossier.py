"""A customer's file: its number in parts, since when things hold, its cases in order, and who may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext, ngettext

from web import context, language, record, sentences, titles, values
from workflow.core.confidence import READERS
from workflow.core.directory import READERS_BELOW, Unit
from workflow.customers.classes import CLASSES
from workflow.customers.contacts import read
from workflow.customers.divisions import division
from workflow.customers.number import CustomerNumber, parse
from workflow.service.views.cases import CaseRow
from workflow.service.views.customers import CustomerRow
from workflow.service.views.names import Masked, PersonName
from workflow.service.views.steps import StepRow

FOLLOWED = ("unit", "tier", "stage", "a", "b", "until")
"""What of a record has a past worth telling."""


@dataclass(frozen=True, slots=True)
class Held:
    """Since when a value of a record holds. `cause`: the case that set it, None for a person who did by hand."""

    text: str
    since: datetime
    cause: int | None
    before: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """The cases of one lifecycle about a customer."""

    name: str
    title: str
    open: tuple[CaseRow, ...]
    ended: tuple[CaseRow, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """Persons who may see a file for one reason: a role in a unit."""

    unit: Unit
    role: str
    persons: tuple[PersonName, ...]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A customer number in its parts (003 §4.2(3)). `place`: the division's name, empty when it is not known.

    `until`: the year the division was abolished, None where it is still there; `now`: the name of what followed.
    """

    number: CustomerNumber
    place: str
    until: int | None = None
    now: str = ""


def numbered(customer: CustomerRow) -> Numbered:
    number = parse(customer.number)
    found = division(number.division)
    followed = division(found.successor) if found and found.successor else None
    return Numbered(
        number,
        found.name if found else "",
        until=found.until if found else None,
        now=followed.name if followed else "",
    )


def classes(data: Mapping[str, Any]) -> list[str]:
    """What a customer is classed as (002 §7)."""
    return [record.said(name, data[name]) for name in CLASSES if data.get(name)]


def held(steps: Sequence[StepRow]) -> dict[str, Held]:
    """What a record says now, since when, and what it said before, from its history."""
    found: dict[str, Held] = {}
    last: dict[str, Any] = {}
    for step in steps:
        cause = next((body["cause"][0] for op, body in step.ops if op == "record" and "cause" in body), None)
        for name, value in ((n, v) for op, body in step.ops if op == "set" for n, v in body.items()):
            if name not in FOLLOWED or (name in last and last[name] == value):
                continue
            known = found.pop(name, None)
            last[name] = value
            before = (*(known.before if known else ()), *((known.text,) if known else ()))
            if value not in (None, ""):
                found[name] = Held(values.record_text(name, value), step.effective, cause, before)
    return found


def families(rows: Sequence[CaseRow]) -> list[Family]:
    """A customer's cases by lifecycle, those with open ones first, then the busiest."""
    names = dict.fromkeys(row.definition for row in rows)
    found = []
    for name in names:
        mine = [row for row in rows if row.definition == name]
        found.append(
            Family(
                name,
                titles.lifecycle(mine[0]),
                tuple(row for row in mine if not row.closed),
                tuple(row for row in mine if row.closed),
            )
        )
    return sorted(found, key=lambda one: (not one.open, -len(one.open) - len(one.ended)))


def sights(customer: CustomerRow) -> list[Sight]:
    """Who may see a file by a role at its level: who answers for its unit or one above, and who works in it."""
    known, at = context.directory(), language.now()
    unit = customer.unit.id if customer.unit else None
    found = []
    for number in known.above(unit):
        place = known.unit(number)
        roles = READERS[customer.level]
        for role in sorted(roles if number == unit else roles & READERS_BELOW):
            persons = [known.person(one) for one in known.holders(role, number, at)]
            names = tuple(PersonName(one.id, one.name) for one in persons if one is not None)
            if place is not None and names:
                found.append(Sight(place, role, names))
    return found


def told(row: CaseRow, steps: Sequence[StepRow]) -> list[sentences.Told]:
    """The record's history, the newest first; contacts in it are shown by asking for them only."""
    return [sentences.told(row, _veiled(step)) for step in reversed(steps)]


def _veiled(step: StepRow) -> StepRow:
    ops = tuple(
        [op, {n: v for n, v in body.items() if n != "contacts" or isinstance(v, Masked)}] if op == "set" else [op, body]
        for op, body in step.ops
    )
    return replace(step, ops=ops)


def contacts(found: Any) -> str:
    """Contacts as they stand in a file before somebody asks for them."""
    if isinstance(found, Masked):
        return gettext(f"masked.{found.reason}")
    return ngettext("customers.people", "customers.people", len(read(found))) if found else ""
