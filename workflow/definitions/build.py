"""From the shape of a file to a `Definition`: every name is looked up, every expression compiled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from workflow.core.definition.expressions import Condition, Text
from workflow.core.definition.fields import Field, FormField
from workflow.core.definition.figures import Draft
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.links import LinkRule, RecurringRule
from workflow.core.definition.states import RoleExpr, State, TaskRule, TimerRule, Transition
from workflow.core.roles import BELOW
from workflow.definitions.clocks import Clocks
from workflow.definitions.data import field_of
from workflow.definitions.drafts import draft_of
from workflow.definitions.effects import Effects
from workflow.definitions.expressions import Expressions
from workflow.definitions.faults import Path
from workflow.definitions.names import Names
from workflow.definitions.rules import Rules
from workflow.definitions.source import Source
from workflow.definitions.timing import Timing
from workflow.definitions.vocabulary import personal_names, variables
from workflow.definitions.ways import Ways


class Builder:
    """Builds one definition. What is wrong is noted in the source and left out of the result."""

    def __init__(self, source: Source, shape: Mapping[str, Any], names: Names) -> None:
        self._source = source
        self._shape = shape
        self._names = names
        self._fields: dict[str, Field] = {
            name: field_of(source, names, name=name, shape=field, path=("data", name))
            for name, field in self._section("data")
        }
        personal = personal_names(self._fields.values())
        for name in (shape.get("sealed") or {}).get("fields_", ()):
            if name in self._fields:
                # What is sealed is kept as what is personal is: in the vault, with a commitment in the history.
                self._fields[name] = replace(self._fields[name], personal=True)
        self._ways = Ways(source, names, self._fields)
        self._expressions = Expressions(
            source,
            names,
            variables(
                names.known("field"),
                self._fields,
                triggers=names.known("trigger"),
                clocks=names.known("clock"),
                links=names.known("link"),
            ),
            personal=personal,
        )
        self._timing = Timing(source, names, self._fields, self._expressions.variables)
        self._clocks = Clocks(source, names, fields=self._fields, ways=self._ways, timing=self._timing)
        self._effects = Effects(source, names, fields=self._fields, expressions=self._expressions, ways=self._ways)
        self._rules = Rules(source, names, fields=self._fields, ways=self._ways, expressions=self._expressions)

    def build(self) -> Definition | None:
        """None when what every definition needs is missing."""
        self._conditions()
        shape = self._shape
        parts: dict[str, Any] = {
            "roles": {name: self._role(name, role) for name, role in self._section("roles")},
            "states": {name: self._state(name, state) for name, state in self._section("states")},
            "transitions": tuple(self._transitions()),
            "clocks": {name: self._clocks.of(name, clock) for name, clock in self._section("clocks")},
            "links": {name: self._link(name, link) for name, link in self._section("links")},
            "recurring": {name: self._recurring(name, rule) for name, rule in self._section("recurring")},
            "marks": self._marks(),
            "hears": self._names.ask_all("trigger", shape.get("hears") or (), ("hears",)),
            "limits": {name: self._rules.limit(name, limit) for name, limit in self._section("limits")},
            "proposals": {name: self._rules.proposal(name, table) for name, table in self._section("proposals")},
            "sealed": self._rules.sealed(shape.get("sealed")),
            "start_form": self._form(shape.get("start") or (), ("start",)),
            "opened_by": self._names.ask_all("business role", shape.get("opened_by") or (), ("opened_by",)),
            "opening": self._effects.of(shape.get("opening") or [], ("opening",)),
            "open_when": self._all_hold(shape.get("open_when") or (), ("open_when",)),
            "open_limits": self._names.ask_all("limit", shape.get("open_limits") or (), ("open_limits",)),
            "by_hand_when": self._all_hold(shape.get("by_hand_when") or (), ("by_hand_when",)),
            "named_by": self._rules.named_by(shape.get("named_by")),
            "birthdays": self._rules.birthdays(shape.get("birthdays")),
        }
        if "initial" in shape:
            self._names.ask("state", shape["initial"], ("initial",))
        if any(shape.get(key) is None for key in ("definition", "version", "title", "prefix", "initial")):
            return None
        return Definition(
            name=shape["definition"],
            version=shape["version"],
            title=shape["title"],
            about=shape.get("about"),
            prefix=shape["prefix"],
            subject=shape.get("subject") or "customer",
            reads_file=bool(shape.get("reads_file")),
            opened_in=shape.get("opened_in") or "customer",
            initial=shape["initial"],
            fields=self._fields,
            phases=dict(self._section("phases")),
            text=self._source.text,
            hash=self._source.hash,
            **parts,
        )

    def _section(self, name: str) -> Iterable[tuple[str, Any]]:
        return [(key, value) for key, value in (self._shape.get(name) or {}).items() if value is not None]

    def _conditions(self) -> None:
        for name, shape in self._section("conditions"):
            self._expressions.named[name] = self._expressions.condition(
                shape["if_"],
                ("conditions", name, "if"),
                otherwise=Text(zh=shape["zh"].strip(), en=shape["en"].strip()),
                name=name,
            )

    def _marks(self) -> dict[str, Condition]:
        made = {name: self._expressions.when(text, ("marks", name)) for name, text in self._section("marks")}
        return {name: condition for name, condition in made.items() if condition is not None}

    def _role(self, name: str, shape: Mapping[str, Any]) -> RoleExpr:
        path: Path = ("roles", name)
        self._names.ask("business role", shape["role"], (*path, "role"))
        below = shape["of"].endswith(BELOW)
        self._ways.check(shape["of"].removesuffix(BELOW), (*path, "of"), to_unit=below)
        return RoleExpr(name=name, role=shape["role"], of=shape["of"], title=shape.get("title"))

    def _state(self, name: str, shape: Mapping[str, Any]) -> State:
        path: Path = ("states", name)
        self._names.ask("phase", shape["phase"], (*path, "phase"))
        self._names.ask_all("link", shape["waits_for"], (*path, "waits_for"))
        return State(
            name=name,
            title=shape["title"],
            phase=shape["phase"],
            tasks=tuple(
                self._task(task, given, (*path, "tasks", task))
                for task, given in shape["tasks"].items()
                if given is not None
            ),
            timers=tuple(
                self._timer(given, (*path, "timers", number))
                for number, given in enumerate(shape["timers"])
                if given is not None
            ),
            waits_for=shape["waits_for"],
            final=shape["final"],
            source=shape.get("source"),
            offered_to=self._offered(shape["offered_to"], (*path, "offered_to")),
        )

    def _offered(self, names: tuple[str, ...], path: Path) -> tuple[str, ...]:
        """What is offered is offered to whoever holds a role in a unit or below it."""
        for name in self._names.ask_all("role", names, path):
            role = (self._shape.get("roles") or {}).get(name)
            if role is not None and not role["of"].endswith(BELOW):
                self._source.fault(path, f"'{name}' is not a role of many units: its way must end in {BELOW}", "way")
        return names

    def _task(self, name: str, shape: Mapping[str, Any], path: Path) -> TaskRule:
        self._names.ask("role", shape["role"], (*path, "role"))
        when = shape.get("when")
        done = shape.get("done")
        return TaskRule(
            name=name,
            title=shape["title"],
            role=shape["role"],
            triggers=self._names.ask_all("trigger", shape["triggers"], (*path, "triggers")),
            within=self._timing.target(shape.get("within"), (*path, "within")),
            calendar=self._timing.calendar(shape, path),
            done=None if done is None else self._form(done, (*path, "done")),
            when=None if when is None else self._expressions.when(when, (*path, "when")),
            source=shape.get("source"),
            about=shape.get("about"),
        )

    def _timer(self, shape: Mapping[str, Any], path: Path) -> TimerRule:
        trigger = shape.get("trigger")
        if trigger is not None:
            self._names.ask("trigger", trigger, (*path, "trigger"))
        if bool(self._source.at((*path, "trigger"))) == bool(self._source.at((*path, "remind"))):
            self._source.fault(path, "a timer either reminds or pulls a trigger: give one of the two", "timer")
        return TimerRule(
            name=shape["name"],
            after=self._timing.target(shape["after"], (*path, "after")),
            calendar=self._timing.calendar(shape, path),
            trigger=trigger,
            remind=self._names.ask_all("role", shape["remind"], (*path, "remind")),
            text=shape.get("text"),
            source=shape.get("source"),
        )

    def _transitions(self) -> Iterable[Transition]:
        for number, shape in enumerate(self._shape.get("transitions") or []):
            if shape is not None:
                yield self._transition(shape, ("transitions", number))

    def _transition(self, shape: Mapping[str, Any], path: Path) -> Transition:
        target = shape.get("to")
        if target is not None:
            self._names.ask("state", target, (*path, "to"))
        return Transition(
            trigger=shape["trigger"],
            title=shape["title"],
            sources=self._names.ask_all("state", shape["from_"], (*path, "from")),
            target=target,
            by=self._names.ask_all("role", shape["by"], (*path, "by")),
            form=self._form(shape["form"], (*path, "form")),
            when=self._all_hold(shape["when"], (*path, "when")),
            not_by=self._names.ask_all("trigger", shape["not_by"], (*path, "not_by")),
            effects=self._effects.of(shape["effects"], (*path, "effects")),
            auto=shape["auto"],
            source=shape.get("source"),
            about=shape.get("about"),
            draft=self._draft(shape, path),
            limits=self._names.ask_all("limit", shape["limits"], (*path, "limits")),
        )

    def _all_hold(self, texts: tuple[str, ...], path: Path) -> tuple[Condition, ...]:
        made = (self._expressions.when(text, where) for text, where in self._each(texts, path))
        return tuple(condition for condition in made if condition is not None)

    def _draft(self, shape: Mapping[str, Any], path: Path) -> Draft | None:
        given, where = shape.get("draft"), (*path, "draft")
        if given is None:
            return None
        if shape["by"] or shape["auto"]:
            self._source.fault(where, "only what a timer pulls is drafted: leave out `by` and `auto`", "draft")
        return draft_of(self._source, self._names, self._fields, shape=given, path=where)

    def _link(self, name: str, shape: Mapping[str, Any]) -> LinkRule:
        for outcome, trigger in shape["on_closed"].items():
            if trigger is not None:
                self._names.ask("trigger", trigger, ("links", name, "on_closed", outcome))
        closed = {outcome: trigger for outcome, trigger in shape["on_closed"].items() if trigger is not None}
        return LinkRule(name=name, definition=shape["definition"], title=shape["title"], on_closed=closed)

    def _recurring(self, name: str, shape: Mapping[str, Any]) -> RecurringRule:
        path: Path = ("recurring", name)
        self._names.ask("link", shape["opens"], (*path, "opens"))
        each = self._effects.each(shape, path)
        return RecurringRule(
            name=name,
            title=shape["title"],
            states=self._names.ask_all("state", shape["while_"], (*path, "while")),
            every=self._timing.every(shape["every"], (*path, "every")),
            link=shape["opens"],
            data=self._effects.values(shape["with_"], (*path, "with"), each=each, period=True),
            each=each,
            anchor=shape["anchor"],
            shift=shape["shift"],
            automatic=shape["automatic"],
            calendar=self._timing.calendar(shape, path),
            source=shape.get("source"),
        )

    def _form(self, form: Iterable[FormField], path: Path) -> tuple[FormField, ...]:
        """A field that is required is so in every form."""
        asked = []
        for item, where in self._each(tuple(form), path):
            self._names.ask("field", item.name, where)
            required = item.required or (item.name in self._fields and self._fields[item.name].required)
            asked.append(FormField(item.name, required))
        return tuple(asked)

    def _each(self, items: tuple[Any, ...], path: Path) -> Iterable[tuple[Any, Path]]:
        """Items with their paths; one item may stand without a list."""
        for number, item in enumerate(items):
            yield item, (*path, number) if (*path, number) in self._source.values else path
