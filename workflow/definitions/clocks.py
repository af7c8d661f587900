"""The clocks of a file and their ladders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow.core.definition.clocks import ClockRule, Pausable, Rung
from workflow.core.definition.fields import Field
from workflow.definitions.faults import Path
from workflow.definitions.names import Names
from workflow.definitions.source import Source
from workflow.definitions.timing import Timing
from workflow.definitions.ways import Ways

ACTS = ("remind", "escalate", "trigger", "assign")


class Clocks:
    """Makes clocks of the shapes in a file."""

    def __init__(
        self, source: Source, names: Names, *, fields: Mapping[str, Field], ways: Ways, timing: Timing
    ) -> None:
        self._source = source
        self._names = names
        self._fields = fields
        self._ways = ways
        self._timing = timing

    def of(self, name: str, shape: Mapping[str, Any]) -> ClockRule:
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
            target=self._timing.target(shape["target"], (*path, "target")),
            calendar=self._timing.calendar(shape, path),
            since=since,
            once=shape["once"],
            ladder=tuple(rungs),
            pausable=self._pausable(shape.get("pausable"), (*path, "pausable")),
            source=shape.get("source"),
        )

    def _pausable(self, shape: Mapping[str, Any] | None, path: Path) -> Pausable | None:
        if shape is None:
            return None
        if shape.get("most") is not None and shape["most"].end_of_day:
            self._source.fault((*path, "most"), "`eod` is a moment, not how long a clock may be paused", "clock")
        return Pausable(
            by=self._names.ask_all("role", shape["by"], (*path, "by")),
            reason=shape["reason"] == "required",
            most=shape.get("most"),
        )

    def _check_since(self, since: str, path: Path) -> None:
        root, _, name = since.partition(".")
        if root != "data" or not name:
            self._source.fault(path, f"'{since}': write case.opened or data.<field>", "clock")
        elif self._names.ask("field", name, path) and name in self._fields and self._fields[name].type != "moment":
            self._source.fault(path, f"'{name}' is of type {self._fields[name].type}, but it must be a moment", "clock")

    def _rung(self, shape: Mapping[str, Any], path: Path) -> Rung:
        percent, offset, before = shape["at"]
        does = [key for key in ACTS if self._source.at((*path, key))]
        if len(does) != 1:
            what = "does nothing" if not does else f"does {' and '.join(does)}"
            self._source.fault(path, f"this rung {what}; give one of {', '.join(ACTS)}", "rung")
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
        if shape.get("again") is not None and does != ["escalate"]:
            self._source.fault((*path, "again"), "goes with `escalate` only", "rung")
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
            again=shape.get("again"),
        )
