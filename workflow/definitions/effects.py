"""What a transition does besides moving: effects, typed and compiled."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from workflow.core.conditions import Kind
from workflow.core.definition.effects import (
    ChangeCustomer,
    Effect,
    Extend,
    Move,
    Notify,
    Open,
    Pause,
    Propose,
    Resume,
    Set,
    Signal,
    SplitEnds,
    SplitRows,
    SplitYears,
    Start,
    Stop,
    Tell,
)
from workflow.core.definition.expressions import Expression
from workflow.core.definition.fields import Field
from workflow.core.roles import AND
from workflow.definitions.expressions import Expressions
from workflow.definitions.faults import Path, unknown
from workflow.definitions.names import Names
from workflow.definitions.source import Source
from workflow.definitions.vocabulary import CUSTOMER_FIELDS, KIND_OF_FIELD
from workflow.definitions.ways import NOBODY, Ways, about_nobody

_FIELD = re.compile(r"data\.([a-z][a-z0-9_]*)")
WHOLE = 100
_SPLIT_KEYS = {"years": "years", "unit": "years", "person": "years", "when": "keeper"}
"""What else a split may say, and the kind of split that says it."""
REPORTER_TYPES = ("person", "line")


class Effects:
    """Makes effects of the shapes in a file."""

    def __init__(
        self,
        source: Source,
        names: Names,
        *,
        fields: Mapping[str, Field],
        expressions: Expressions,
        ways: Ways,
    ) -> None:
        self._source = source
        self._names = names
        self._fields = fields
        self._expressions = expressions
        self._ways = ways
        self._makers: Mapping[str, Callable[[Mapping[str, Any], Path], Effect | None]] = {
            "set": self._set,
            "notify": self._notify,
            "tell": self._tell,
            "open": self._open,
            "start": self._start,
            "stop": self._stop,
            "extend": self._extend,
            "customer": self._customer,
            "move": self._move,
            "split": self._split,
            "pause": self._pause,
            "resume": self._resume,
            "signal": self._signal,
            "propose": self._propose,
        }

    def of(self, shapes: list[Any], path: Path) -> tuple[Effect, ...]:
        made = (
            self._makers[shape["kind"]](shape, (*path, number))
            for number, shape in enumerate(shapes)
            if shape is not None
        )
        return tuple(effect for effect in made if effect is not None)

    def values(
        self, given: Mapping[str, Any], path: Path, *, each: str | None = None, period: bool = False
    ) -> dict[str, Expression]:
        """Values for another case; whether they fit its fields is seen when all files are known.

        `period`: they may name the days since the last time as well.
        """
        row: dict[str, Kind] = {"row.since": "string", "row.until": "string"} if period else {}
        row |= {} if each is None else self._row(each)
        expressions = self._expressions.beside(row) if row else self._expressions
        made = {name: expressions.value(value, (*path, name)) for name, value in given.items()}
        return {name: value for name, value in made.items() if value is not None}

    def each(self, shape: Mapping[str, Any], path: Path) -> str | None:
        """What several linked cases are opened for: rows of a field, or people."""
        each, where = shape.get("each"), (*path, "each")
        if each is None:
            return None
        name = each.removeprefix("data.")
        if name == each:
            self._names.ask("role", each, where)
        elif self._names.ask("field", name, where) and name in self._fields:
            field = self._fields[name]
            if field.type != "rows" or field.personal:
                self._source.fault(where, f"'{name}' must be rows that are not personal", "each")
        return str(each)

    def _row(self, each: str) -> dict[str, Kind]:
        """What expressions may name of one row."""
        if not each.startswith("data."):
            return {"row.person": "int"}
        field = self._fields.get(each.removeprefix("data."))
        return {f"row.{column.name}": KIND_OF_FIELD[column.type] for column in (field.columns if field else ())}

    def _set(self, shape: Mapping[str, Any], path: Path) -> Set:
        made = {}
        for name, given in shape["set"].items():
            where = (*path, "set", name)
            if name not in self._names.known("field"):
                message = unknown("field", name, self._names.known("field"))
                self._source.fault(where, message, "unknown-name", at=self._source.key(where))
            elif name in self._fields:
                self._names.used["field"].add(name)
                made[name] = self._expressions.value_for(self._fields[name], given, where)
        return Set({name: value for name, value in made.items() if value is not None})

    def _notify(self, shape: Mapping[str, Any], path: Path) -> Notify:
        return Notify(self._names.ask_all("role", shape["notify"], (*path, "notify")), shape.get("text"))

    def _tell(self, shape: Mapping[str, Any], path: Path) -> Tell:
        whom = shape["tell"]
        match = _FIELD.fullmatch(whom)
        where = (*path, "tell")
        if whom == "customer" and about_nobody(self._source):
            self._source.fault(where, f"nobody to tell: {NOBODY}", "tell")
        if whom != "customer" and match is None:
            self._source.fault(where, f"cannot tell '{whom}': write customer, or data.<field>", "tell")
        elif match is not None and self._names.ask("field", match[1], where) and match[1] in self._fields:
            kind = self._fields[match[1]].type
            if kind not in REPORTER_TYPES:
                self._source.fault(
                    where, f"'{match[1]}' is of type {kind}; it must be a person, or a line with a name", "tell"
                )
        return Tell(whom, shape.get("text"))

    def _open(self, shape: Mapping[str, Any], path: Path) -> Open:
        self._names.ask("link", shape["open"], (*path, "open"))
        ways = shape.get("unit")
        for way in ways or ():
            self._ways.check(way, (*path, "unit"), to_unit=True)
        unit = AND.join(ways) if ways else None
        each = self.each(shape, path)
        values = self.values(shape["with_"], (*path, "with"), each=each)
        form = None if shape.get("form") is None else self.values(shape["form"], (*path, "form"))
        for other in ("each", "about", "unit") if form is not None else ():
            if shape.get(other) is not None:
                self._source.fault((*path, other), "goes without `form`: whoever fills it in says it", "open")
        return Open(shape["open"], values, unit, each, self._about(shape, path, each), form)

    def _about(self, shape: Mapping[str, Any], path: Path, each: str | None) -> Expression | None:
        """The number of the customer a linked case is about, where it is not this one's."""
        given, where = shape.get("about"), (*path, "about")
        if given is None:
            return None
        if shape.get("unit"):
            self._source.fault(
                (*path, "unit"), "goes without `about`: the case is opened in the customer's unit", "open"
            )
        expressions = self._expressions.beside(self._row(each)) if each else self._expressions
        return expressions.value_of(("string",), given, where)

    def _start(self, shape: Mapping[str, Any], path: Path) -> Start:
        self._names.ask("schedule", shape["start"], (*path, "start"))
        return Start(shape["start"])

    def _stop(self, shape: Mapping[str, Any], path: Path) -> Stop:
        self._names.ask("schedule", shape["stop"], (*path, "stop"))
        return Stop(shape["stop"])

    def _extend(self, shape: Mapping[str, Any], path: Path) -> Extend | None:
        self._names.ask("clock", shape["extend"], (*path, "extend"))
        days = self._expressions.value_of(("int",), shape["days"], (*path, "days"))
        return None if days is None else Extend(shape["extend"], days, shape["at_most"])

    def _pause(self, shape: Mapping[str, Any], path: Path) -> Pause:
        self._names.ask("clock", shape["pause"], (*path, "pause"))
        return Pause(shape["pause"])

    def _resume(self, shape: Mapping[str, Any], path: Path) -> Resume:
        self._names.ask("clock", shape["resume"], (*path, "resume"))
        return Resume(shape["resume"])

    def _signal(self, shape: Mapping[str, Any], path: Path) -> Signal:
        if about_nobody(self._source):
            self._source.fault((*path, "signal"), f"nobody to hear it: {NOBODY}", "signal")
        return Signal(shape["signal"], shape["to"])

    def _propose(self, shape: Mapping[str, Any], path: Path) -> Propose:
        self._names.ask("proposal", shape["propose"], (*path, "propose"))
        return Propose(shape["propose"])

    def _move(self, shape: Mapping[str, Any], path: Path) -> Move:
        self._ways.check(shape["move"], (*path, "move"), to_unit=True)
        return Move(shape["move"])

    def _split(self, shape: Mapping[str, Any], path: Path) -> SplitRows | SplitYears | SplitEnds | None:
        if about_nobody(self._source):
            self._source.fault((*path, "split"), f"nothing to share: {NOBODY}", "split")
        for key, kind in _SPLIT_KEYS.items():
            if shape["split"] != kind and (*path, key) in self._source.keys:
                self._source.fault((*path, key), f"'{key}' goes with `split: {kind}` only", "split")
        if shape["split"] == "years":
            return self._split_years(shape, path)
        if shape["split"] == "keeper":
            when = shape.get("when")
            return SplitEnds(None if when is None else self._expressions.when(when, (*path, "when")))
        name = str(shape["split"]).removeprefix("data.")
        where = (*path, "split")
        if not self._names.ask("field", name, where) or name not in self._fields:
            return None
        columns = {column.type: column.name for column in self._fields[name].columns}
        if not {"unit", "percent"} <= columns.keys() or self._fields[name].sums.get(columns["percent"]) != WHOLE:
            wanted = "rows with a column of type unit and one of type percent that sums to 100"
            self._source.fault(where, f"'{name}' cannot share revenue: it must be {wanted}", "split")
            return None
        return SplitRows(name, columns["unit"], columns["percent"])

    def _split_years(self, shape: Mapping[str, Any], path: Path) -> SplitYears | None:
        made = [
            self._expressions.value_of(("double", "int"), given, (*path, "years", place))
            for place, given in enumerate(shape["years"])
        ]
        if not made or shape.get("unit") is None:
            self._source.fault(path, "`split: years` needs `years`, a list of percentages, and `unit`", "split")
            return None
        for place, given in enumerate(shape["years"]):
            if isinstance(given, (int, float)) and not 0 <= given <= WHOLE:
                self._source.fault((*path, "years", place), f"{given} is no percentage", "split")
        self._ways.check(shape["unit"], (*path, "unit"), to_unit=True)
        if shape.get("person") is not None:
            self._ways.check(shape["person"], (*path, "person"))
        return SplitYears(tuple(year for year in made if year is not None), shape["unit"], shape.get("person"))

    def _customer(self, shape: Mapping[str, Any], path: Path) -> ChangeCustomer:
        made = {}
        if about_nobody(self._source):
            self._source.fault((*path, "customer"), f"nothing to change: {NOBODY}", "customer")
        for name, given in shape["customer"].items():
            where = (*path, "customer", name)
            if name not in CUSTOMER_FIELDS:
                message = unknown("customer field", name, CUSTOMER_FIELDS)
                self._source.fault(where, message, "unknown-name", at=self._source.key(where))
                continue
            made[name] = self._expressions.value_of(CUSTOMER_FIELDS[name], given, where)
        return ChangeCustomer({name: value for name, value in made.items() if value is not None})
