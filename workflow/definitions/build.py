"""From the shape of a file to a `Definition`: every name is looked up, every expression compiled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workflow.core.definition import (
    AnyTarget,
    ClockRule,
    Condition,
    Definition,
    Field,
    FormField,
    LinkRule,
    RecurringRule,
    RoleExpr,
    Rung,
    State,
    Target,
    TargetTable,
    TaskRule,
    Text,
    TimerRule,
    Transition,
)  # fmt: skip
from workflow.definitions.data import field_of
from workflow.definitions.effects import Effects
from workflow.definitions.expressions import Expressions
from workflow.definitions.faults import Path, unknown
from workflow.definitions.names import Names
from workflow.definitions.source import Source
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
            personal=personal_names(self._fields.values()),
        )
        self._effects = Effects(source, names, fields=self._fields, expressions=self._expressions, ways=self._ways)

    def build(self) -> Definition | None:
        """None when what every definition needs is missing."""
        self._conditions()
        shape = self._shape
        parts: dict[str, Any] = {
            "roles": {name: self._role(name, role) for name, role in self._section("roles")},
            "states": {name: self._state(name, state) for name, state in self._section("states")},
            "transitions": tuple(self._transitions()),
            "clocks": {name: self._clock(name, clock) for name, clock in self._section("clocks")},
            "links": {name: self._link(name, link) for name, link in self._section("links")},
            "recurring": {name: self._recurring(name, rule) for name, rule in self._section("recurring")},
            "marks": self._marks(),
            "start_form": self._form(shape.get("start") or (), ("start",)),
            "opened_by": self._names.ask_all("business role", shape.get("opened_by") or (), ("opened_by",)),
            "opening": self._effects.of(shape.get("opening") or [], ("opening",)),
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
        self._ways.check(shape["of"], (*path, "of"))
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
        )

    def _task(self, name: str, shape: Mapping[str, Any], path: Path) -> TaskRule:
        self._names.ask("role", shape["role"], (*path, "role"))
        when = shape.get("when")
        done = shape.get("done")
        return TaskRule(
            name=name,
            title=shape["title"],
            role=shape["role"],
            triggers=self._names.ask_all("trigger", shape["triggers"], (*path, "triggers")),
            within=self._target(shape.get("within"), (*path, "within")),
            calendar=self._calendar(shape, path),
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
            after=self._target(shape["after"], (*path, "after")) or shape["after"],
            calendar=self._calendar(shape, path),
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
        when = (self._expressions.when(text, where) for text, where in self._each(shape["when"], (*path, "when")))
        return Transition(
            trigger=shape["trigger"],
            title=shape["title"],
            sources=self._names.ask_all("state", shape["from_"], (*path, "from")),
            target=target,
            by=self._names.ask_all("role", shape["by"], (*path, "by")),
            form=self._form(shape["form"], (*path, "form")),
            when=tuple(condition for condition in when if condition is not None),
            not_by=self._names.ask_all("trigger", shape["not_by"], (*path, "not_by")),
            effects=self._effects.of(shape["effects"], (*path, "effects")),
            auto=shape["auto"],
            source=shape.get("source"),
            about=shape.get("about"),
        )

    def _clock(self, name: str, shape: Mapping[str, Any]) -> ClockRule:
        path: Path = ("clocks", name)
        since = shape.get("since")
        if since is not None and since != "case.opened":
            self._check_since(since, (*path, "since"))
        rungs = (
            self._rung(given, (*path, "ladder", number))
            for number, given in enumerate(shape["ladder"])
            if given is not None
        )
        return ClockRule(
            name=name,
            title=shape["title"],
            runs_in=self._names.ask_all("state", shape["runs_in"], (*path, "runs_in")),
            met_on=self._names.ask_all("state", shape["met_on"], (*path, "met_on")),
            pauses_in=self._names.ask_all("state", shape["pauses_in"], (*path, "pauses_in")),
            target=self._target(shape["target"], (*path, "target")) or shape["target"],
            calendar=self._calendar(shape, path),
            since=since,
            once=shape["once"],
            ladder=tuple(rungs),
            source=shape.get("source"),
        )

    def _check_since(self, since: str, path: Path) -> None:
        root, _, name = since.partition(".")
        if root != "data" or not name:
            self._source.fault(path, f"'{since}': write case.opened or data.<field>", "clock")
        elif self._names.ask("field", name, path) and name in self._fields and self._fields[name].type != "moment":
            self._source.fault(path, f"'{name}' is of type {self._fields[name].type}, but it must be a moment", "clock")

    def _rung(self, shape: Mapping[str, Any], path: Path) -> Rung:
        percent, offset, before = shape["at"]
        does = [key for key in ("remind", "escalate", "trigger", "assign") if self._source.at((*path, key))]
        if len(does) != 1:
            what = "does nothing" if not does else f"does {' and '.join(does)}"
            self._source.fault(path, f"this rung {what}; give one of remind, escalate, trigger, assign", "rung")
        for key in ("escalate", "assign"):
            if shape.get(key) is not None:
                self._names.ask("role", shape[key], (*path, key))
        if shape.get("trigger") is not None:
            self._names.ask("trigger", shape["trigger"], (*path, "trigger"))
        if shape.get("of") is not None:
            self._ways.check(shape["of"], (*path, "of"))
        for key in ("level", "of"):
            if shape.get(key) is not None and does != ["escalate"]:
                self._source.fault((*path, key), "goes with `escalate` only", "rung")
        if does == ["escalate"] and self._source.at((*path, "level")) is None:
            self._source.fault(path, "an escalation has a level: 1, 2, 3", "rung")
        return Rung(
            percent=percent,
            offset=offset,
            before=before,
            remind=self._names.ask_all("role", shape["remind"], (*path, "remind")),
            escalate=shape.get("escalate"),
            of=shape.get("of"),
            level=shape.get("level") or 0,
            trigger=shape.get("trigger"),
            assign=shape.get("assign"),
            text=shape.get("text"),
        )

    def _link(self, name: str, shape: Mapping[str, Any]) -> LinkRule:
        for outcome, trigger in shape["on_closed"].items():
            if trigger is not None:
                self._names.ask("trigger", trigger, ("links", name, "on_closed", outcome))
        closed = {outcome: trigger for outcome, trigger in shape["on_closed"].items() if trigger is not None}
        return LinkRule(name=name, definition=shape["definition"], title=shape["title"], on_closed=closed)

    def _recurring(self, name: str, shape: Mapping[str, Any]) -> RecurringRule:
        path: Path = ("recurring", name)
        self._names.ask("link", shape["opens"], (*path, "opens"))
        return RecurringRule(
            name=name,
            title=shape["title"],
            states=self._names.ask_all("state", shape["while_"], (*path, "while")),
            every=self._every(shape["every"], (*path, "every")),
            link=shape["opens"],
            data=self._effects.values(shape["with_"], (*path, "with")),
            anchor=shape["anchor"],
            shift=shape["shift"],
            automatic=shape["automatic"],
            calendar=self._calendar(shape, path),
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

    def _target(self, target: AnyTarget | None, path: Path) -> AnyTarget | None:
        if not isinstance(target, TargetTable):
            return target
        if self._expressions.variables.get(target.by) != "string":
            names = [name for name, kind in self._expressions.variables.items() if kind == "string"]
            self._source.fault((*path, "by"), unknown("text to choose by", target.by, names), "target")
            return target
        root, _, name = target.by.partition(".")
        field = self._fields.get(name) if root == "data" else None
        if field is not None and field.of:
            for value in target.values:
                if value not in field.of:
                    where = (*path, value)
                    message = unknown("choice", value, field.of)
                    self._source.fault(where, message, "target", at=self._source.key(where))
        return target

    def _every(self, every: AnyTarget, path: Path) -> AnyTarget:
        """Dates come back by days, weeks or months: hours and working days lead to no date."""
        lengths = [("", every)] if isinstance(every, Target) else [*every.values.items(), ("*", every.otherwise)]
        for key, length in lengths:
            if length is not None and (length.unit not in ("d", "w", "mo") or length.end_of_day):
                where = (*path, key) if key else path
                self._source.fault(where, f"'{length}': what comes back does so by days, weeks or months", "recurring")
        self._target(every, path)
        return every

    def _calendar(self, shape: Mapping[str, Any], path: Path) -> str:
        self._names.ask("calendar", shape["calendar"], (*path, "calendar"))
        return str(shape["calendar"])

    def _each(self, items: tuple[Any, ...], path: Path) -> Iterable[tuple[Any, Path]]:
        """Items with their paths; one item may stand without a list."""
        for number, item in enumerate(items):
            yield item, (*path, number) if (*path, number) in self._source.values else path
