"""Lengths of time in a file: tables by a known name, schedules that lead to dates, calendars there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from workflow.core.conditions import Kind
from workflow.core.definition.fields import Field
from workflow.core.definition.targets import AnyTarget, Target, TargetDate, TargetTable
from workflow.definitions.faults import Path, unknown
from workflow.definitions.names import Names
from workflow.definitions.source import Source

T = TypeVar("T", AnyTarget, AnyTarget | None)


class Timing:
    """Checks how long things take; what is wrong is noted in the source."""

    def __init__(
        self, source: Source, names: Names, fields: Mapping[str, Field], variables: Mapping[str, Kind]
    ) -> None:
        self._source = source
        self._names = names
        self._fields = fields
        self._variables = variables

    def target(self, target: T, path: Path) -> T:
        """The target itself; a table chooses by a text, and among the choices there are."""
        if isinstance(target, TargetDate):
            self._date(target, path)
        if not isinstance(target, TargetTable):
            return target
        if self._variables.get(target.by) != "string":
            names = [name for name, kind in self._variables.items() if kind == "string"]
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

    def _date(self, target: TargetDate, path: Path) -> None:
        """It ends with a field that holds a date, or a moment, which does not return."""
        key = (*path, "until" if target.end_of_day else "on")
        root, _, name = target.by.partition(".")
        dates = [f"data.{field.name}" for field in self._fields.values() if field.type in ("date", "moment")]
        if root == "data" and name in self._names.known("field") and name not in self._fields:
            return
        if target.by not in dates:
            self._source.fault(key, unknown("date or moment", target.by, dates), "target")
            return
        self._names.used["field"].add(name)
        if target.yearly and self._fields[name].type != "date":
            self._source.fault((*path, "yearly"), f"'{name}' is a moment: only a date returns", "target")

    def every(self, every: AnyTarget, path: Path) -> AnyTarget:
        """Dates come back by days, weeks or months: hours and working days lead to no date."""
        if isinstance(every, TargetDate):
            self._source.fault(path, "what comes back does so by days, weeks or months", "recurring")
            return every
        lengths = [("", every)] if isinstance(every, Target) else [*every.values.items(), ("*", every.otherwise)]
        for key, length in lengths:
            if length is not None and (length.unit not in ("d", "w", "mo") or length.end_of_day):
                where = (*path, key) if key else path
                self._source.fault(where, f"'{length}': what comes back does so by days, weeks or months", "recurring")
        self.target(every, path)
        return every

    def calendar(self, shape: Mapping[str, Any], path: Path) -> str:
        """The calendar of a rule."""
        self._names.ask("calendar", shape["calendar"], (*path, "calendar"))
        return str(shape["calendar"])
