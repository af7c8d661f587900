"""Ways to people and units: `unit.parent`, `customer.maintainer`, `data.department`, `did.submit`."""

from __future__ import annotations

from collections.abc import Mapping

from workflow.core.definition.fields import Field
from workflow.definitions.faults import Path, unknown
from workflow.definitions.names import Names
from workflow.definitions.source import Source
from workflow.definitions.vocabulary import PERSON_WAYS, WAYS, leads_upwards

NOBODY = "a case with `subject: none` has no customer"


def about_nobody(source: Source) -> bool:
    return bool(source.value.get("subject") == "none")


class Ways:
    """Checks where an `of` leads."""

    def __init__(self, source: Source, names: Names, fields: Mapping[str, Field]) -> None:
        self._source = source
        self._names = names
        self._fields = fields

    def check(self, of: str, path: Path, *, to_unit: bool = False) -> None:
        """Note a fault unless the way exists and leads to a unit or, where allowed, a person."""
        root, _, rest = of.partition(".")
        if root == "customer" and about_nobody(self._source):
            self._source.fault(path, f"'{of}' leads nowhere: {NOBODY}", "way")
            return
        name, dot, upwards = rest.partition(".")
        if root == "data" and name and leads_upwards(dot + upwards):
            self._check_field(name, path, to_unit=to_unit or bool(upwards))
        elif root == "did" and rest:
            self._names.ask("trigger", rest, path)
            if to_unit:
                self._source.fault(path, f"'{of}' leads to a person, but a unit is wanted", "way")
        elif of in PERSON_WAYS:
            if to_unit:
                self._source.fault(path, f"'{of}' leads to a person, but a unit is wanted", "way")
        elif not any(
            of.startswith(start) and leads_upwards(of.removeprefix(start)) for start in ("unit", "customer.unit")
        ):
            self._source.fault(path, unknown("way", of, WAYS), "way")

    def _check_field(self, name: str, path: Path, *, to_unit: bool) -> None:
        if not self._names.ask("field", name, path) or name not in self._fields:
            return
        kind = self._fields[name].type
        wanted = ("unit",) if to_unit else ("person", "unit")
        if kind not in wanted:
            self._source.fault(path, f"'{name}' is of type {kind}, but it must be a {' or a '.join(wanted)}", "way")
