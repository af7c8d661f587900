"""A mapping: how the rows of another system's file become commands. Read from YAML, checked like a lifecycle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from workflow.core.definition.lifecycle import Definition
from workflow.core.directory import BUSINESS_ROLES
from workflow.definitions.faults import DefinitionErrors, unknown
from workflow.definitions.faults import Path as At
from workflow.definitions.library import Library
from workflow.definitions.shape import shaped
from workflow.definitions.source import Source, read
from workflow.intake.shape import MappingShape
from workflow.intake.values import Value

HOLDER = "holder"
"""Instead of an actor's name: whoever the task is assigned to at that moment."""


@dataclass(frozen=True, slots=True)
class ActorRule:
    """A person by login. With `roles`, one is created where there is none, and holds them from the first row on.

    `otherwise`: the actor of a row in which the login's columns are empty.
    """

    login: Value
    name: Value
    roles: tuple[str, ...] = ()
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerRule:
    """The customer with a `number`, or the one of this `name` in a `division`, registered when there is none."""

    number: Value | None = None
    name: Value | None = None
    division: Value | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a row does: pull a `trigger`, write a `comment`, or `reassign` a task `to` an actor."""

    trigger: str | None = None
    comment: Value | None = None
    reassign: str | None = None
    to: str | None = None
    reason: Value | None = None
    form: Mapping[str, Value] = field(default_factory=dict)
    by: str | None = None


@dataclass(frozen=True, slots=True)
class RowRule:
    """What a row means. All of `when`, `changed` and `raised` must hold of it; `states`: of the case then.

    `when`: column → values, one of which it has. `changed`: a column that differs from the case's row before;
    `raised`: one that holds a greater number than that (0 before the first). `at`: when it took effect.
    """

    at: str
    when: Mapping[str, tuple[str, ...]]
    changed: tuple[str, ...]
    raised: str | None
    states: frozenset[str]
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """A whole mapping. `by`: who acts where a command does not say."""

    name: str
    definition: str
    zone: ZoneInfo
    case: str
    order: str | None
    at: str
    formats: Mapping[str, tuple[str, ...]]
    empty: frozenset[str]
    known: Mapping[str, frozenset[str]]
    unit: str
    customer: CustomerRule | None
    actors: Mapping[str, ActorRule]
    by: str
    open_at: str
    open_by: str
    data: Mapping[str, Value]
    rules: tuple[RowRule, ...]
    encoding: str | None
    delimiter: str
    source: Source

    def columns(self) -> list[str]:
        """Every column it looks at, each once."""
        return list(dict.fromkeys(column for column, _ in self.used()))

    def used(self) -> Iterator[tuple[str, At]]:
        """Every column with where it is named."""
        yield self.case, ("case",)
        if self.order is not None:
            yield self.order, ("order",)
        yield self.at, ("at",)
        yield self.open_at, ("open", "at")
        yield from ((column, ("moments", column)) for column in self.formats)
        yield from ((column, ("known", column)) for column in self.known)
        for value, path in self.values():
            yield from ((column, path) for column in value.columns())
        for number, rule in enumerate(self.rules):
            named = [*rule.when, *rule.changed, *([rule.raised] if rule.raised else [])]
            yield from ((column, ("rows", number)) for column in named)

    def values(self) -> Iterator[tuple[Value, At]]:
        """Everything that is made of a row's cells, with where it is named."""
        customer = self.customer or CustomerRule()
        found: list[tuple[Value | None, At]] = [
            (customer.number, ("customer", "number")),
            (customer.name, ("customer", "name")),
            (customer.division, ("customer", "division")),
        ]
        for name, actor in self.actors.items():
            found += [(actor.login, ("actors", name, "login")), (actor.name, ("actors", name, "name"))]
        found += [(value, ("open", "data", name)) for name, value in self.data.items()]
        for number, rule in enumerate(self.rules):
            for place, command in enumerate(rule.commands):
                here: At = ("rows", number, "do", place)
                found += [(command.comment, (*here, "comment")), (command.reason, (*here, "reason"))]
                found += [(value, (*here, "form", name)) for name, value in command.form.items()]
        return ((value, path) for value, path in found if value is not None)

    def check_columns(self, columns: Iterable[str]) -> None:
        """Raises DefinitionErrors, in this file, for a column that the table does not have."""
        known = list(columns)
        for column, path in self.used():
            if column not in known:
                self.source.fault(path, unknown("column", column, known), "column")
        if self.source.faults:
            raise DefinitionErrors(self.source.faults)


def load_mapping(path: Path, library: Library) -> Rules:
    """Read a mapping. Raises DefinitionErrors with every fault, each with its line and column."""
    source = read(path)
    values = shaped(source, MappingShape)
    if not source.faults:
        found = _built(source, values)
        _check(source, found, library)
        if not source.faults:
            return found
    raise DefinitionErrors(source.faults)


def _built(source: Source, v: Mapping[str, Any]) -> Rules:
    opening = v["open"]
    at = v["at"]
    by = v.get("by") or opening.get("by") or ""
    return Rules(
        name=v["mapping"],
        definition=v["definition"],
        zone=v["zone"],
        case=v["case"],
        order=v.get("order"),
        at=at,
        formats=v["moments"],
        empty=frozenset(v["empty"]),
        known={column: frozenset(values) for column, values in v["known"].items()},
        unit=v["unit"],
        customer=CustomerRule(**v["customer"]) if v.get("customer") else None,
        actors={
            name: ActorRule(a["login"], a.get("name") or a["login"], tuple(a["roles"]), a.get("otherwise"))
            for name, a in v["actors"].items()
        },
        by=by,
        open_at=opening.get("at") or at,
        open_by=opening.get("by") or by,
        data=opening["data"],
        rules=tuple(_rule(rule, at=at, by=by) for rule in v["rows"]),
        encoding=v["file"].get("encoding"),
        delimiter=v["file"]["delimiter"],
        source=source,
    )


def _rule(v: Mapping[str, Any], *, at: str, by: str) -> RowRule:
    return RowRule(
        at=v.get("at") or at,
        when=v["when"],
        changed=v["changed"],
        raised=v.get("raised"),
        states=frozenset(v["states"]),
        commands=tuple(Command(**{"by": by, **c}) for c in v["do"]),
    )


def _check(source: Source, m: Rules, library: Library) -> None:
    """Whether what it names is there: lifecycle, triggers, fields, states, tasks, roles, actors, moments."""
    named: dict[str, At] = {m.at: ("at",)}
    named.setdefault(m.open_at, ("open", "at"))
    for number, rule in enumerate(m.rules):
        named.setdefault(rule.at, ("rows", number, "at"))
    for value, path in m.values():
        if value.moment is not None:
            named.setdefault(value.moment, path)
    for column, path in named.items():
        if column not in m.formats:
            source.fault(path, unknown("moment", column, m.formats), "moment")
    if m.by:
        _actor(source, m, m.by, ("by",))
    for name, actor in m.actors.items():
        for role in actor.roles:
            if role not in BUSINESS_ROLES:
                source.fault(("actors", name, "roles"), unknown("role", role, BUSINESS_ROLES), "role")
        if actor.otherwise is not None and (actor.otherwise not in m.actors or actor.otherwise == name):
            source.fault(("actors", name, "otherwise"), unknown("actor", actor.otherwise, m.actors), "actor")
    _actor(source, m, m.open_by, ("open", "by"))
    definition = library.latest.get(m.definition)
    if definition is None:
        source.fault(("definition",), unknown("definition", m.definition, library.latest), "definition")
        return
    for name in m.data:
        asked = [f.name for f in definition.start_form]
        if name not in asked:
            source.fault(("open", "data", name), unknown("field", name, asked), "field")
    for number, rule in enumerate(m.rules):
        for state in rule.states:
            if state not in definition.states:
                source.fault(("rows", number, "in"), unknown("state", state, definition.states), "state")
        for place, command in enumerate(rule.commands):
            _command(source, m, definition, command, ("rows", number, "do", place))


def _command(source: Source, m: Rules, definition: Definition, command: Command, path: At) -> None:
    said = [x for x in (command.trigger, command.comment, command.reassign) if x is not None]
    if len(said) != 1:
        source.fault(path, "write one of `trigger`, `comment` and `reassign`", "command")
        return
    _actor(source, m, command.by or "", (*path, "by"), holder=command.trigger is not None)
    if command.trigger is not None:
        ways = [t for t in definition.transitions if t.trigger == command.trigger]
        if not ways:
            names = {t.trigger for t in definition.transitions}
            source.fault((*path, "trigger"), unknown("trigger", command.trigger, names), "trigger")
        asked = {f.name for way in ways for f in way.form}
        for name in command.form if ways else ():
            if name not in asked:
                source.fault((*path, "form", name), unknown("field", name, asked), "field")
    if command.reassign is not None:
        tasks = {task.name for state in definition.states.values() for task in state.tasks}
        if command.reassign not in tasks:
            source.fault((*path, "reassign"), unknown("task", command.reassign, tasks), "task")
        _actor(source, m, command.to or "", (*path, "to"))


def _actor(source: Source, m: Rules, name: str, path: At, *, holder: bool = False) -> None:
    if name == m.by and path != ("by",):
        return
    if name not in m.actors and not (holder and name == HOLDER):
        source.fault(path, unknown("actor", name, m.actors) if name else "is missing: who does it", "actor")
