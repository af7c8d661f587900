"""States with their tasks and timers, and the moves between them."""

from __future__ import annotations

from dataclasses import dataclass

from workflow.core.definition.effects import Effect
from workflow.core.definition.expressions import Condition, Text
from workflow.core.definition.fields import FormField
from workflow.core.definition.figures import Draft
from workflow.core.definition.targets import AnyTarget


@dataclass(frozen=True, slots=True)
class RoleExpr:
    """Who: holders of `role` at what `of` leads to.

    `of` is `unit`, `unit.parent` (any number of `.parent`), `unit.province|city|county`
    (the nearest of that kind, upwards), a way to a unit and `.below` (whoever holds the role there or in
    any unit under it), `customer.unit`, `customer.maintainer`,
    `customer.developer`, `customer.a`, `customer.b`, `case.opener`, `did.<trigger>`,
    or `data.<field>` of type person or unit.
    """

    name: str
    role: str
    of: str
    title: Text | None = None


@dataclass(frozen=True, slots=True)
class TaskRule:
    """Work that opens on entering a state.

    It is finished by one of `triggers`, or, where `done` is given, by `done` with that
    form; a `done` moves nothing by itself (`tasks.open == 0` may then move the case).
    """

    name: str
    title: Text
    role: str
    triggers: tuple[str, ...]
    within: AnyTarget | None = None
    calendar: str = "natural"
    done: tuple[FormField, ...] | None = None
    when: Condition | None = None
    source: str | None = None
    about: Text | None = None


@dataclass(frozen=True, slots=True)
class TimerRule:
    """Something that happens by itself, `after` entering the state: a reminder or a trigger."""

    name: str
    after: AnyTarget
    calendar: str = "natural"
    trigger: str | None = None
    remind: tuple[str, ...] = ()
    text: Text | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    name: str
    title: Text
    phase: str
    tasks: tuple[TaskRule, ...] = ()
    timers: tuple[TimerRule, ...] = ()
    waits_for: tuple[str, ...] = ()
    final: bool = False
    source: str | None = None
    offered_to: tuple[str, ...] = ()
    """Roles of many units whose holders find the case in the list of what is offered, and may open it."""


@dataclass(frozen=True, slots=True)
class Transition:
    """An allowed move. `target` None: the case stays where it is, its tasks and timers untouched.

    `by`: role expressions; empty means only the system (timers, linked cases, `auto`). `limits`: names of those
    that must leave room for it.
    `auto`: moves by itself as soon as its conditions hold after any step. `not_by`: triggers whose
    last actor may not do this one (four eyes). `draft`: what the system fills in when a timer pulls it.
    """

    trigger: str
    title: Text
    sources: tuple[str, ...]
    target: str | None
    by: tuple[str, ...] = ()
    form: tuple[FormField, ...] = ()
    when: tuple[Condition, ...] = ()
    not_by: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    auto: bool = False
    source: str | None = None
    about: Text | None = None
    limits: tuple[str, ...] = ()
    draft: Draft | None = None
