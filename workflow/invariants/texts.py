"""The lifecycles as they are kept in the database: read as plain YAML, without the engine's own reading."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML

from workflow.invariants.rule import Finding
from workflow.invariants.tables import History, Tables, asked

Way = tuple[str, str, str, str]
"""Definition, trigger, from, to."""


class Texts:
    """Every version ever used."""

    def __init__(self, tables: Tables) -> None:
        yaml = YAML(typ="safe", pure=True)
        self._texts: dict[tuple[str, int], dict[str, Any]] = {}
        self._ways: dict[tuple[str, int], set[tuple[str, str, str]]] = {}
        for name, version, text in asked(tables, "SELECT name, version, text FROM definitions ORDER BY name, version"):
            self._texts[name, version] = yaml.load(text)
            self._ways[name, version] = set(_ways(self._texts[name, version]))

    def newest(self, name: str) -> dict[str, Any]:
        """The text of the newest version; empty for a lifecycle nobody knows."""
        versions = [version for known, version in self._texts if known == name]
        return self._texts[name, max(versions)] if versions else {}

    def ways(self) -> set[Way]:
        """Every move there is in the newest versions: one for each state a transition leaves from."""
        names = {name for name, _ in self._texts}
        newest = ((name, max(version for known, version in self._texts if known == name)) for name in names)
        return {(name, *way) for name, version in newest for way in self._ways[name, version]}

    def moves(self, history: History, taken: set[Way], finding: Finding) -> None:
        """Every change of state is a move the case's version has; what was taken is added to the others."""
        ways = self._ways.get((history.definition, history.version), set())
        for step in history.steps:
            way = (step.trigger, step.before, step.after)
            if way in ways:
                taken.add((history.definition, *way))
            if step.before != step.after:
                finding.look(
                    way in ways, f"{history.number}: no {step.trigger} leads from {step.before} to {step.after}"
                )


def _ways(text: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for one in text.get("transitions", ()):
        sources = one["from"] if isinstance(one["from"], list) else [one["from"]]
        for source in sources:
            yield one["trigger"], source, one.get("to", source)
