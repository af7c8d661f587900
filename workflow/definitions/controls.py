"""What auditors look for in all histories, from the files in `controls/`: what to look at, and what holds of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.core.conditions import Kind
from workflow.core.definition.expressions import Condition, Text
from workflow.core.definition.lifecycle import Definition
from workflow.definitions.expressions import Expressions
from workflow.definitions.faults import unknown
from workflow.definitions.names import Names
from workflow.definitions.source import Source, bilingual, entries

CONTROLS = "controls"
"""The folder, beside the definitions."""

KEYS = ("title", "about", "source", "each", "of", "where", "holds")

CUSTOMER: Mapping[str, Kind] = {
    "customer.tier": "string",
    "customer.stage": "string",
    "customer.lead": "string",
    "customer.unit": "int",
    "customer.a": "int",
    "customer.b": "int",
}
CASE: Mapping[str, Kind] = {
    "case.definition": "string",
    "case.version": "int",
    "case.state": "string",
    "case.open": "bool",
    "case.steps": "int",
}
FACTS: Mapping[str, Mapping[str, Kind]] = {
    "step": {
        **CASE,
        **CUSTOMER,
        "customer.open": "strings",
        "step.kind": "string",
        "step.trigger": "string",
        "step.from": "string",
        "step.to": "string",
        "step.person": "int",
        "step.behalf": "int",
        "step.people": "any",
        "step.kept_out": "any",
        "step.late": "int",
        "before.acted": "any",
    },
    "clock": {
        **CASE,
        "clock.status": "string",
        "clock.run": "int",
        "clock.met": "bool",
        "clock.breached": "bool",
        "clock.late": "int",
        "clock.extended": "int",
        "clock.extended_days": "int",
    },
    "case": CASE,
    "record": {**CUSTOMER, "customer.owner": "int", "shares.whole": "bool", "held.seconds": "int"},
    "month": {
        "customer.tier": "string",
        "customer.stage": "string",
        "customer.tier_before": "string",
        "customer.stage_before": "string",
        "reached": "int",
    },
}
"""What a control may look at, each of it, and the names its conditions may use."""

OF: Mapping[str, tuple[str, ...]] = {
    "step": ("definition", "trigger", "four_eyes", "behalf"),
    "clock": ("definition", "clock"),
    "case": ("definition",),
    "record": (),
    "month": ("definition", "reached"),
}
NEEDED: Mapping[str, tuple[str, ...]] = {"month": ("definition", "reached"), "clock": ("definition", "clock")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Of:
    """Which of them: None and empty narrow nothing. `reached`: states; `behalf`: only steps for somebody absent;
    `four_eyes`: only triggers whose rule keeps somebody out."""

    definition: str | None = None
    triggers: frozenset[str] = frozenset()
    clock: str | None = None
    reached: frozenset[str] = frozenset()
    four_eyes: bool = False
    behalf: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """`each`: a kind of subject, a key of `FACTS`. `where` None: all of them. `hash`: of what it asks."""

    name: str
    title: Text
    about: Text | None
    source: str | None
    each: str
    of: Of
    where: Condition | None
    holds: Condition
    hash: str


def load_controls(folder: Path, known: Mapping[str, Definition]) -> tuple[Control, ...]:
    """The controls of all files of a folder, in their order; names are looked up in `known`.

    Raises DefinitionErrors with every fault of every file.
    """
    return tuple(entries(folder, "control", lambda source, name, spec: _control(source, name, spec, known)).values())


def _control(source: Source, name: str, spec: Any, known: Mapping[str, Definition]) -> Control | None:
    spec = spec if isinstance(spec, dict) else {}
    for key in spec:
        if key not in KEYS:
            source.fault((name, key), unknown("key", key, KEYS), "shape", at=source.key((name, key)))
    title = bilingual(source, (name, "title"), "a control's title")
    about = bilingual(source, (name, "about"), "what a control is about") if "about" in spec else None
    each = str(spec.get("each", ""))
    if each not in FACTS:
        source.fault((name, "each"), unknown("subject", each, FACTS), "control")
        return None
    of = _of(source, name, each, spec.get("of") or {}, known)
    variables = dict(FACTS[each])
    definition = known.get(of.definition or "")
    if each == "case" and definition is not None:
        variables |= {f"count.{way.trigger}": "int" for way in definition.transitions}
    compiled = Expressions(source, Names(source), variables)
    where = compiled.condition(str(spec["where"]), (name, "where")) if "where" in spec else None
    if "holds" not in spec:
        source.fault((name,), "a control says what 'holds'", "control", at=source.key((name,)))
        return None
    holds = compiled.condition(str(spec["holds"]), (name, "holds"))
    if holds is None:
        return None
    decides = repr((each, of.definition, sorted(of.triggers), of.clock, sorted(of.reached), of.four_eyes, of.behalf,
                    where.source if where else "", holds.source))  # fmt: skip
    return Control(
        name=name,
        title=title,
        about=about,
        source=str(spec["source"]) if "source" in spec else None,
        each=each,
        of=of,
        where=where,
        holds=holds,
        hash=hashlib.sha256(decides.encode()).hexdigest(),
    )


def _of(source: Source, name: str, each: str, given: Any, known: Mapping[str, Definition]) -> Of:
    given = given if isinstance(given, dict) else {}
    path = (name, "of")
    for key in given:
        if key not in OF[each]:
            source.fault((*path, key), unknown("key", key, OF[each]), "shape", at=source.key((*path, key)))
    for key in NEEDED.get(each, ()):
        if key not in given:
            source.fault(path, f"of each {each}, say its '{key}'", "control", at=source.key(path))
    for key in ("four_eyes", "behalf"):
        if key in given and given[key] is not True:
            source.fault((*path, key), f"'{key}' is true, or left out", "control")
    lifecycle = given.get("definition")
    names = {
        "trigger": _words(given.get("trigger")),
        "reached": _words(given.get("reached")),
        "clock": _words(given.get("clock")),
    }
    if lifecycle is None:
        if names["trigger"]:
            source.fault((*path, "trigger"), "'trigger' says nothing without a definition", "control")
    elif lifecycle not in known:
        source.fault((*path, "definition"), unknown("definition", str(lifecycle), known), "control")
    else:
        rules = known[lifecycle]
        have = {
            "trigger": {way.trigger for way in rules.transitions},
            "reached": set(rules.states),
            "clock": set(rules.clocks),
        }
        for key, wanted in names.items():
            for one in sorted(wanted - have[key]):
                source.fault((*path, key), unknown("state" if key == "reached" else key, one, have[key]), "control")
    return Of(
        definition=lifecycle,
        triggers=names["trigger"],
        clock=next(iter(names["clock"]), None),
        reached=names["reached"],
        four_eyes=bool(given.get("four_eyes")),
        behalf=bool(given.get("behalf")),
    )


def _words(given: Any) -> frozenset[str]:
    return frozenset(str(one) for one in (given if isinstance(given, list) else [given] if given else []))
