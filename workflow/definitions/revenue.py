"""What there is to know about revenue beside the lifecycles: products, alerts, tiers; from `revenue/standing.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any

from marshmallow import ValidationError

from workflow.core.definition.expressions import Text
from workflow.core.definition.lifecycle import Definition
from workflow.definitions.expressions import misfit_of_constant
from workflow.definitions.faults import DefinitionErrors, unknown
from workflow.definitions.parsing import name_of, percent_of
from workflow.definitions.source import Source, bilingual, read

REVENUE = "revenue"
"""The folder, beside the definitions."""

FILE = "standing.yaml"
KEYS = ("products", "alerts", "tiers")
ALERTS = ("drop", "jump", "months", "opens", "with", "about", "source")
TIERS = ("opens", "tier", "revenue", "share", "why", "source")
WANTED = {"tier": ("choice",), "revenue": ("money",), "share": ("percent",), "why": ("text", "line")}
MOST_MONTHS = 12
MOST_PERCENT = 1000


@dataclass(frozen=True, slots=True)
class Alerts:
    """`drop`, `jump`: percent, from which a movement is one. `opens`: a lifecycle, given `values` and the figures."""

    drop: Decimal
    jump: Decimal
    months: int
    opens: str
    values: Mapping[str, Any]
    about: str


@dataclass(frozen=True, slots=True)
class Review:
    """The lifecycle a tier is proposed by, and its fields by what they are told."""

    opens: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Revenue:
    """`products` by their names, in the file's order. None: no alerts, no proposals."""

    products: Mapping[str, Text] = field(default_factory=dict)
    alerts: Alerts | None = None
    review: Review | None = None


def load_revenue(folder: FilePath, known: Mapping[str, Definition]) -> Revenue:
    """The file of a folder; nothing where there is none. Raises DefinitionErrors with every fault."""
    path = folder / FILE
    if not path.exists():
        return Revenue()
    source = read(path)
    for key in source.value:
        if key not in KEYS:
            source.fault((key,), unknown("key", key, KEYS), "shape", at=source.key((key,)))
    made = Revenue(_products(source), _alerts(source, known), _review(source, known))
    if source.faults:
        raise DefinitionErrors(source.faults)
    return made


def _products(source: Source) -> dict[str, Text]:
    given = source.value.get("products") or {}
    made = {}
    for name in given if isinstance(given, dict) else ():
        try:
            name_of(name)
        except ValidationError as fault:
            source.fault(("products", name), str(fault.messages[0]), "shape", at=source.key(("products", name)))
        made[str(name)] = bilingual(source, ("products", name), "a product's title")
    if not made:
        source.fault(("products",), "say which products there are", "revenue")
    return made


def _alerts(source: Source, known: Mapping[str, Definition]) -> Alerts | None:
    spec, rules = _part(source, "alerts", ALERTS, known)
    if spec is None or rules is None:
        return None
    values = spec.get("with") or {}
    for name, value in values.items():
        path = ("alerts", "with", name)
        if name not in rules.fields:
            source.fault(path, unknown("field", name, rules.fields), "revenue", at=source.key(path))
        elif wrong := misfit_of_constant(rules.fields[name], value):
            source.fault(path, wrong, "revenue")
    _field(source, ("alerts", "about"), spec.get("about"), rules, WANTED["why"])
    months = spec.get("months", 0)
    if not isinstance(months, int) or not 1 <= months <= MOST_MONTHS:
        source.fault(("alerts", "months"), f"'months' is between 1 and {MOST_MONTHS}", "revenue")
    return Alerts(
        drop=_percent(source, spec, "drop"),
        jump=_percent(source, spec, "jump"),
        months=months,
        opens=rules.name,
        values=values,
        about=str(spec.get("about")),
    )


def _review(source: Source, known: Mapping[str, Definition]) -> Review | None:
    spec, rules = _part(source, "tiers", TIERS, known)
    if spec is None or rules is None:
        return None
    for what, types in WANTED.items():
        _field(source, ("tiers", what), spec.get(what), rules, types)
    return Review(rules.name, {what: str(spec.get(what)) for what in WANTED})


def _part(
    source: Source, part: str, keys: tuple[str, ...], known: Mapping[str, Definition]
) -> tuple[dict[str, Any] | None, Definition | None]:
    spec = source.value.get(part)
    if not isinstance(spec, dict):
        return None, None
    for key in spec:
        if key not in keys:
            source.fault((part, key), unknown("key", key, keys), "shape", at=source.key((part, key)))
    opens = str(spec.get("opens", ""))
    if opens not in known:
        source.fault((part, "opens"), unknown("definition", opens, known), "revenue")
    return spec, known.get(opens)


def _field(source: Source, path: tuple[str, ...], name: Any, rules: Definition, types: tuple[str, ...]) -> None:
    found = rules.fields.get(str(name))
    if found is None:
        source.fault(path, unknown("field", str(name), rules.fields), "revenue")
    elif found.type not in types:
        source.fault(path, f"'{name}' is of type {found.type}, but {' or '.join(types)} is wanted", "revenue")


def _percent(source: Source, spec: Mapping[str, Any], name: str) -> Decimal:
    try:
        return percent_of(spec.get(name), most=MOST_PERCENT)
    except ValidationError as fault:
        source.fault(("alerts", name), str(fault.messages[0]), "revenue")
        return Decimal(MOST_PERCENT)
