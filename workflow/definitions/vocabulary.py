"""The names conditions may use in one definition, with their types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from workflow.core.conditions import Kind
from workflow.core.definition.fields import Field, FieldType

KIND_OF_FIELD: Mapping[FieldType, Kind] = {
    "line": "string",
    "text": "string",
    "choice": "string",
    "date": "string",
    "number": "int",
    "person": "int",
    "unit": "int",
    "file": "int",
    "money": "double",
    "percent": "double",
    "yesno": "bool",
    "moment": "timestamp",
    "choices": "strings",
    "rows": "rows",
}

CASE_NAMES: Mapping[str, Kind] = {
    "case.state": "string",
    "case.number": "string",
    "case.level": "string",
    "case.unit": "int",
    "case.opener": "int",
    "case.opened": "timestamp",
    "now": "timestamp",
    "tasks.open": "int",
    "tasks.done": "strings",
    "customer.number": "string",
    "customer.name": "string",
    "customer.tier": "string",
    "customer.stage": "string",
    "customer.lead": "string",
    "customer.industry": "string",
    "customer.unit": "int",
    "customer.a": "int",
    "customer.b": "int",
    "customer.until": "timestamp",
    "customer.open": "strings",
    "customer.cases": "rows",
    "customer.trade": "string",
    "customer.nature": "string",
    "actor": "int",
    "actor.unit": "int",
    "actor.roles": "strings",
}

CUSTOMER_FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": ("string",),
    "tier": ("string",),
    "stage": ("string",),
    "kind": ("string",),
    "lead": ("string",),
    "industry": ("string",),
    "unit": ("int",),
    "a": ("int",),
    "b": ("int",),
    "until": ("timestamp", "string"),
}
"""What an effect may set of the customer's record, and the kinds a value may have. Null empties a field."""

TIERS = ("diamond", "gold", "silver", "ordinary")

UNIT_KINDS = ("province", "city", "county", "branch", "bureau")
_UPWARDS = re.compile(rf"(\.(parent|{'|'.join(UNIT_KINDS)}))*")
PERSON_WAYS = ("customer.maintainer", "customer.developer", "customer.a", "customer.b", "case.opener")
WAYS = ("unit", "unit.parent", *(f"unit.{kind}" for kind in UNIT_KINDS), "customer.unit", *PERSON_WAYS)


def variables(
    names: Iterable[str],
    fields: Mapping[str, Field],
    *,
    triggers: Iterable[str],
    clocks: Iterable[str],
    links: Iterable[str],
) -> dict[str, Kind]:
    """Every name with its type, for `Compiler`. `names`: all fields, also those that could not be made."""
    known = dict(CASE_NAMES)
    for name in names:
        known[f"data.{name}"] = KIND_OF_FIELD[fields[name].type] if name in fields else "any"
        known[f"has.{name}"] = "bool"
    for trigger in triggers:
        known[f"count.{trigger}"] = "int"
    for clock in clocks:
        known |= {f"clocks.{clock}.running": "bool", f"clocks.{clock}.breached": "bool"}
        known |= {f"clocks.{clock}.extended": "int", f"clocks.{clock}.run": "int"}
        known[f"clocks.{clock}.due"] = "timestamp"
    for link in links:
        known |= {
            f"links.{link}.open": "int",
            f"links.{link}.count": "int",
            f"links.{link}.outcome": "string",
        }
    return known


def personal_names(fields: Iterable[Field]) -> frozenset[str]:
    """What conditions call the fields whose values can be erased."""
    return frozenset(f"data.{field.name}" for field in fields if field.personal)


def leads_upwards(rest: str) -> bool:
    """Whether the rest of a way goes from a unit to one above it: `.parent`, `.city.parent`, or nothing."""
    return _UPWARDS.fullmatch(rest) is not None
