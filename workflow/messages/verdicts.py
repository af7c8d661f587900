"""What the rules, run again, say of a history, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from workflow.messages.catalogue import find, words
from workflow.messages.names import UNKNOWN, Names
from workflow.messages.refusals import told


class Differing(Protocol):
    """One thing the rules decide otherwise."""

    @property
    def what(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def recorded(self) -> Any: ...
    @property
    def computed(self) -> Any: ...
    @property
    def moment(self) -> bool: ...
    @property
    def code(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...


def reproduced(count: int, steps: int, language: str) -> str:
    """`reproduced 41 of 41 steps`"""
    return find(language, "verdict", "reproduced", {"count": f"{count:,}", "steps": f"{steps:,}"}) or ""


def differs(seq: int, what: str, language: str) -> str:
    """`differs at step 17: …`"""
    return find(language, "verdict", "differs", {"seq": seq, "what": what}) or ""


def erased(steps: int, language: str) -> str:
    """How many steps cannot be reproduced because personal values are gone."""
    return find(language, "verdict", "erased", {"steps": f"{steps:,}"}) or ""


def unchecked(seq: int, what: str, language: str) -> str:
    """What of a step was not checked, and why."""
    return find(language, "verdict", "unchecked", {"seq": seq, "what": find(language, "unchecked", what)}) or what


def difference(one: Differing, language: str, *, names: Names | None = None) -> str:
    """`due of “Answer within 48 hours” 3 Mar 2026, 10:00 recorded, 4 Mar 2026, 10:00 computed`"""
    known = names or UNKNOWN
    if one.what == "refused":
        why = told(one.code, one.facts, language, names=known)
        name = known.trigger(one.name, language) or one.name
        return find(language, "difference", "refused", {"name": name, "why": why}) or one.code
    facts = {"name": title(one.name, language, known), "recorded": value(one.recorded, one, language, known),
             "computed": value(one.computed, one, language, known)}  # fmt: skip
    if one.what in ("missing", "surplus", "fold", "cause", "linked", "parent", "erased"):
        return find(language, "difference", one.what, facts) or one.what
    facts["what"] = find(language, "part", one.what) or one.what
    return find(language, "difference", "other", facts) or one.what


def title(name: str, language: str, names: Names) -> str:
    """What a thing of the lifecycle is called; a fact's name comes before the thing it is about."""
    kind, _, about = name.rpartition(" ")
    for look_up in (names.clock, names.task, names.trigger, names.recurring, names.link, names.field):
        found = look_up(about, language)
        if found is not None:
            said = find(language, "fact", kind, {"name": found}) if kind else None
            return said or found
    return (find(language, "fact", kind or about, {"name": about}) if kind or about else None) or name


def value(held: Any, one: Differing, language: str, names: Names) -> str:
    """A recorded or computed value in words."""
    if held is None:
        return find(language, "verdict", "nothing") or ""
    if one.moment:
        return names.moment(held, language) or str(held)
    if one.what in ("state", "from_state", "missing", "surplus") and isinstance(held, str):
        return names.state(held, language) or held
    if one.what in ("assignee", "owner", "person", "behalf", "persons", "acknowledged_by"):
        persons = held if isinstance(held, list | tuple) else [held]
        return words(language, "comma").join(names.person(each, language) or str(each) for each in persons)
    if one.what == "unit":
        return names.unit(held, language) or str(held)
    return str(held)
