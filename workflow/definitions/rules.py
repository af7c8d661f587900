"""Limits, proposals and what is sealed: rules that stand beside the transitions of a file."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from workflow.core.definition.expressions import Expression, Text
from workflow.core.definition.fields import Field
from workflow.core.definition.lifecycle import Sealed
from workflow.core.definition.limits import Limit, Proposal, ProposalRow
from workflow.core.definition.links import Birthdays
from workflow.core.limits import ACTOR
from workflow.definitions.expressions import Expressions, misfit_of_constant
from workflow.definitions.faults import Path, unknown
from workflow.definitions.names import Names
from workflow.definitions.source import Source
from workflow.definitions.ways import Ways

SAID = ("most", "count", "until", "who")
"""What the sentence of a limit may name."""


class Rules:
    """Makes them of the shapes in a file; what is wrong is noted in the source."""

    def __init__(
        self, source: Source, names: Names, *, fields: Mapping[str, Field], ways: Ways, expressions: Expressions
    ) -> None:
        self._source = source
        self._names = names
        self._fields = fields
        self._ways = ways
        self._expressions = expressions

    def limit(self, name: str, shape: Mapping[str, Any]) -> Limit:
        path: Path = ("limits", name)
        most, wait, of = shape.get("most"), shape.get("wait"), shape.get("of")
        if (most is None) == (wait is None):
            self._fault(path, "give it `most` (how many) or `wait` (how long), one of the two")
        if most is not None and bool(shape["while_"]) == bool(shape.get("per")):
            self._fault(path, "`most` counts either `while` in some states, or `per` day or month")
        if most is not None and of is None:
            self._fault(path, "`of` says whose they are: actor, or a way like data.manager")
        if shape["customers"] and not shape["while_"]:
            self._fault((*path, "customers"), "goes with `most` and `while` only")
        if shape["customers"] and of is not None and self._to_a_unit(of):
            self._fault((*path, "customers"), "a unit leads none: let `of` lead to a person")
        for key in ("since", "among"):
            if shape.get(key) and wait is None:
                self._fault((*path, key), "goes with `wait` only")
        if wait is not None and wait.end_of_day:
            self._fault((*path, "wait"), "`eod` is a moment, not how long one waits")
        if shape["among"] and of is None:
            self._fault((*path, "among"), "`of` says who must be among them: actor, or a way like data.manager")
        if of is not None and of != ACTOR:
            self._ways.check(of, (*path, "of"))
        for place, way in enumerate(shape["among"]):
            where = (*path, "among", place)
            self._ways.check(way, where if where in self._source.values else where[:-1])
        self._since(shape.get("since"), (*path, "since"))
        for language in ("zh", "en"):
            self._sentence(shape[language], (*path, language), person=of is not None and not self._to_a_unit(of))
        when = shape.get("when")
        return Limit(
            name=name,
            title=shape["title"],
            otherwise=Text(zh=shape["zh"].strip(), en=shape["en"].strip()),
            of=of,
            most=most or 0,
            states=self._names.ask_all("state", shape["while_"], (*path, "while")),
            per=shape.get("per"),
            wait=wait,
            since=shape.get("since"),
            among=shape["among"],
            customers=shape["customers"],
            when=None if when is None else self._expressions.when(when, (*path, "when")),
            source=shape.get("source"),
        )

    def _to_a_unit(self, way: str) -> bool:
        head, _, rest = way.partition(".")
        field = self._fields.get(rest.partition(".")[0]) if head == "data" else None
        return head == "unit" or rest.startswith("unit") or (field is not None and field.type == "unit")

    def proposal(self, name: str, shape: Mapping[str, Any]) -> Proposal:
        path: Path = ("proposals", name)
        into = shape["into"]
        if self._names.ask("field", into, (*path, "into")) and into in self._fields:
            kind = self._fields[into].type
            if kind not in ("line", "choice"):
                wanted = "a line, or a choice of their names"
                self._fault((*path, "into"), f"'{into}' is of type {kind}; the name of a row goes into {wanted}")
        rows = [self._row(row, (*path, "rows", place)) for place, row in enumerate(shape["rows"]) if row is not None]
        seen: set[str] = set()
        for place, row in enumerate(rows):
            where = (*path, "rows", place)
            choices = self._fields[into].of if into in self._fields else {}
            if choices and row.name not in choices:
                self._fault((*where, "name"), unknown(f"choice of '{into}'", row.name, choices))
            if row.name in seen:
                self._fault((*where, "name"), f"'{row.name}' is the name of another row")
            seen.add(row.name)
            if row.when is None and place < len(rows) - 1 and "when" not in shape["rows"][place]:
                self._fault(where, "the rows after this one are never reached: it has no condition")
        return Proposal(name, shape["title"], into, tuple(rows), shape.get("source"))

    def _row(self, shape: Mapping[str, Any], path: Path) -> ProposalRow:
        when = shape.get("when")
        values: dict[str, Expression] = {}
        for name, given in shape["set"].items():
            where = (*path, "set", name)
            if self._known(name, where) and name in self._fields:
                made = self._expressions.value_for(self._fields[name], given, where)
                if made is not None:
                    values[name] = made
        for name, way in shape["units"].items():
            where = (*path, "units", name)
            if self._known(name, where) and name in self._fields and self._fields[name].type != "unit":
                self._fault(where, f"'{name}' is of type {self._fields[name].type}, but it must be a unit")
            self._ways.check(way, where, to_unit=True)
        return ProposalRow(
            name=shape["name"],
            when=None if when is None else self._expressions.when(when, (*path, "when")),
            values=values,
            units=dict(shape["units"]),
            because=shape["because"],
            source=shape.get("source"),
        )

    def sealed(self, shape: Mapping[str, Any] | None) -> Sealed | None:
        if shape is None:
            return None
        fields = self._names.ask_all("field", shape["fields_"], ("sealed", "fields"))
        states = self._names.ask_all("state", shape["in_"], ("sealed", "in"))
        return Sealed(frozenset(fields), states)

    def named_by(self, name: str | None) -> str | None:
        """A line everybody who sees the case may read."""
        if name is not None and self._known(name, ("named_by",)):
            held = self._fields.get(name)
            if held is not None and (held.type != "line" or held.personal):
                self._source.fault(("named_by",), f"'{name}' is not a line that all may read", "type")
        return name

    def birthdays(self, shape: Mapping[str, Any] | None) -> Birthdays | None:
        if shape is None:
            return None
        for part, kind in (("day", "date"), ("whom", "line")):
            name, path = shape[part], ("birthdays", part)
            if self._known(name, path) and (held := self._fields.get(name)) is not None and held.type != kind:
                self._source.fault(path, f"'{name}' is not a {kind}", "type")
        whom = self._fields.get(shape["whom"])
        if whom is not None and not whom.personal:
            self._source.fault(("birthdays", "whom"), f"'{whom.name}' must be personal: it is somebody's name", "type")
        for name, value in shape["with_"].items():
            at: Path = ("birthdays", "with", name)
            held = self._fields.get(name) if self._known(name, at) else None
            if held is not None and (wrong := misfit_of_constant(held, value)):
                self._source.fault(at, wrong, "type")
        values = dict(shape["with_"])
        return Birthdays(shape["day"], shape["whom"], shape["days"], values, shape.get("source"))

    def _known(self, name: str, path: Path) -> bool:
        if name in self._names.known("field"):
            self._names.used["field"].add(name)
            return True
        message = unknown("field", name, self._names.known("field"))
        self._source.fault(path, message, "unknown-name", at=self._source.key(path))
        return False

    def _since(self, since: str | None, path: Path) -> None:
        if since is None or since == "case.opened":
            return
        root, _, name = since.partition(".")
        if root != "data" or not name:
            self._fault(path, f"'{since}': write case.opened or data.<field>")
        elif self._names.ask("field", name, path) and name in self._fields and self._fields[name].type != "moment":
            self._fault(path, f"'{name}' is of type {self._fields[name].type}, but it must be a moment")

    def _sentence(self, text: str, path: Path, *, person: bool) -> None:
        try:
            named = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
        except ValueError:
            named = ["{"]
        for name in named:
            if name not in SAID:
                self._fault(path, unknown("figure", name, SAID))
            elif name == "who" and not person:
                self._fault(path, "{who} is a person: let `of` lead to one")

    def _fault(self, path: Path, message: str) -> None:
        self._source.fault(path, message, "rule")
