"""What people and centres are measured by, from `measures/standing.yaml`: customers won and lost, points, service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any

from marshmallow import ValidationError

from workflow.core.definition.expressions import Text
from workflow.core.definition.lifecycle import Definition
from workflow.definitions.expressions import misfit_of_constant
from workflow.definitions.faults import DefinitionErrors, Path, unknown
from workflow.definitions.parsing import percent_of
from workflow.definitions.source import Source, bilingual, read

MEASURES = "measures"
"""The folder, beside the definitions."""

FILE = "standing.yaml"
KEYS = ("customers", "manager", "receivables", "centre", "files", "reports", "service", "received")
CUSTOMERS = ("of", "won", "kept", "lost", "value")
MANAGER = ("revenue", "cost", "churn", "forecast", "products", "receivables", "satisfaction")
CENTRE = ("customers", "revenue", "satisfaction", "files", "reports")
SERVICE = ("clock", "kind", "title", "source")
RECEIVED = ("of", "cause", "clock", "again", "title", "source")
POINTS = 100

Clock = tuple[str, str]
"""The name of a lifecycle, and of a clock in it."""


@dataclass(frozen=True, slots=True)
class Counted:
    """By which triggers a customer is won, by which states of the lifecycle `of` kept and lost; and the field of what
    was agreed for a year. `won`: lifecycle and trigger."""

    of: str
    won: frozenset[tuple[str, str]]
    kept: frozenset[str]
    lost: str
    value: str


@dataclass(frozen=True, slots=True)
class Service:
    """A share of the runs of a clock, of cases whose fields have these values."""

    clock: Clock
    values: Mapping[str, str]
    title: Text
    source: str


@dataclass(frozen=True, slots=True)
class Received:
    """What is counted of the cases of a lifecycle: by a choice that says their `cause`, by a clock whether they were in
    time, and those in which a trigger was pulled that takes them up `again`."""

    of: str
    cause: str
    clock: str
    again: str
    title: Text
    source: str


@dataclass(frozen=True, slots=True)
class Standards:
    """Points by measure, 100 together. `receivables`: percent of revenue from which there are none for them."""

    customers: Counted | None = None
    manager: Mapping[str, int] = field(default_factory=dict)
    centre: Mapping[str, int] = field(default_factory=dict)
    receivables: Decimal = Decimal(POINTS)
    files: tuple[Clock, ...] = ()
    reports: tuple[Clock, ...] = ()
    service: tuple[Service, ...] = ()
    received: tuple[Received, ...] = ()


def load_measures(folder: FilePath, known: Mapping[str, Definition]) -> Standards:
    """The file of a folder; nothing where there is none. Raises DefinitionErrors with every fault."""
    path = folder / FILE
    if not path.exists():
        return Standards()
    source = read(path)
    _only(source, (), KEYS)
    made = Standards(
        customers=_customers(source, known),
        manager=_points(source, "manager", MANAGER),
        centre=_points(source, "centre", CENTRE),
        receivables=_percent(source, ("receivables",)),
        files=_clocks(source, "files", known),
        reports=_clocks(source, "reports", known),
        service=tuple(_service(source, known)),
        received=tuple(_received(source, known)),
    )
    if source.faults:
        raise DefinitionErrors(source.faults)
    return made


def _customers(source: Source, known: Mapping[str, Definition]) -> Counted | None:
    spec = source.value.get("customers")
    if not isinstance(spec, dict):
        source.fault(("customers",), "say when a customer is won, kept and lost", "measures")
        return None
    _only(source, ("customers",), CUSTOMERS)
    rules = known.get(str(spec.get("of")))
    if rules is None:
        source.fault(("customers", "of"), unknown("definition", str(spec.get("of")), known), "measures")
        return None
    kept = spec.get("kept")
    states = [*(kept if isinstance(kept, list) else [kept]), spec.get("lost")]
    for state in states:
        if state not in rules.states:
            source.fault(("customers",), unknown("state", str(state), rules.states), "measures")
    value, won = str(spec.get("value")), set()
    for one in [*spec["won"]] if isinstance(spec.get("won"), list) else [spec.get("won")]:
        name, _, trigger = str(one).partition(".")
        wins = known.get(name)
        if wins is None:
            source.fault(("customers", "won"), unknown("definition", name, known), "measures")
            continue
        triggers = {one.trigger for one in wins.transitions}
        if trigger not in triggers:
            source.fault(("customers", "won"), unknown("trigger", trigger, triggers), "measures")
        won.add((name, trigger))
    fields = {name: known[name].fields.get(value) for name, _ in won}
    without = sorted(name for name, field in fields.items() if field is None or field.type != "money")
    if without:
        source.fault(("customers", "value"), f"'{value}' is no field of money of {', '.join(without)}", "measures")
    return Counted(rules.name, frozenset(won), frozenset(map(str, states[:-1])), str(spec.get("lost")), value)


def _points(source: Source, part: str, names: tuple[str, ...]) -> dict[str, int]:
    spec = source.value.get(part)
    spec = spec if isinstance(spec, dict) else {}
    _only(source, (part,), names)
    made = {name: spec[name] for name in names if name in spec}
    for name, points in made.items():
        if isinstance(points, bool) or not isinstance(points, int) or not 0 < points <= POINTS:
            source.fault((part, name), "points are a whole number from 1 to 100", "measures")
            return {}
    if sum(made.values()) != POINTS:
        source.fault((part,), f"the points are {POINTS} together, not {sum(made.values())}", "measures")
    return made


def _clocks(source: Source, part: str, known: Mapping[str, Definition]) -> tuple[Clock, ...]:
    given = source.value.get(part)
    some = given if isinstance(given, list) else []
    if not some:
        source.fault((part,), "say which clocks", "measures")
    return tuple(_clock(source, (part, place), one, known) for place, one in enumerate(some))


def _clock(source: Source, path: Path, said: Any, known: Mapping[str, Definition]) -> Clock:
    of, _, name = str(said).partition(".")
    if of not in known:
        source.fault(path, unknown("definition", of, known), "measures")
    elif name not in known[of].clocks:
        source.fault(path, unknown("clock", name, known[of].clocks), "measures")
    return of, name


def _service(source: Source, known: Mapping[str, Definition]) -> Iterator[Service]:
    given = source.value.get("service")
    for place, spec in enumerate(given if isinstance(given, list) else []):
        path: Path = ("service", place)
        if not isinstance(spec, dict):
            source.fault(path, "a figure of service names a clock", "shape")
            continue
        _only(source, path, SERVICE)
        clock = _clock(source, (*path, "clock"), spec.get("clock"), known)
        values = spec.get("kind") or {}
        fields = known[clock[0]].fields if clock[0] in known else {}
        for name, value in values.items():
            if name not in fields:
                source.fault((*path, "kind", name), unknown("field", name, fields), "measures")
            elif fields[name].type != "choice":
                source.fault((*path, "kind", name), f"'{name}' is no choice", "measures")
            elif wrong := misfit_of_constant(fields[name], value):
                source.fault((*path, "kind", name), wrong, "measures")
        title = bilingual(source, (*path, "title"), "a measure's title")
        yield Service(clock, {name: str(value) for name, value in values.items()}, title, str(spec.get("source", "")))


def _received(source: Source, known: Mapping[str, Definition]) -> Iterator[Received]:
    given = source.value.get("received")
    for place, spec in enumerate(given if isinstance(given, list) else []):
        path: Path = ("received", place)
        if not isinstance(spec, dict):
            source.fault(path, "what is counted of received cases names a lifecycle", "shape")
            continue
        _only(source, path, RECEIVED)
        said = {name: str(spec.get(name)) for name in ("of", "cause", "clock", "again")}
        rules = known.get(said["of"])
        if rules is None:
            source.fault((*path, "of"), unknown("definition", said["of"], known), "measures")
            continue
        if said["cause"] not in rules.fields:
            source.fault((*path, "cause"), unknown("field", said["cause"], rules.fields), "measures")
        elif rules.fields[said["cause"]].type != "choice":
            source.fault((*path, "cause"), f"'{said['cause']}' is no choice", "measures")
        if said["clock"] not in rules.clocks:
            source.fault((*path, "clock"), unknown("clock", said["clock"], rules.clocks), "measures")
        triggers = {one.trigger for one in rules.transitions}
        if said["again"] not in triggers:
            source.fault((*path, "again"), unknown("trigger", said["again"], triggers), "measures")
        title = bilingual(source, (*path, "title"), "what is received")
        yield Received(**said, title=title, source=str(spec.get("source", "")))


def _percent(source: Source, path: Path) -> Decimal:
    try:
        return percent_of(source.at(path), most=POINTS)
    except ValidationError as fault:
        source.fault(path, str(fault.messages[0]), "measures")
        return Decimal(POINTS)


def _only(source: Source, path: Path, keys: tuple[str, ...]) -> None:
    given = source.at(path) if path else source.value
    for key in given if isinstance(given, dict) else ():
        if key not in keys:
            source.fault((*path, key), unknown("key", key, keys), "shape", at=source.key((*path, key)))
