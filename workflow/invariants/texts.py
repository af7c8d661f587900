"""The lifecycles as they are kept in the database: read as plain YAML, without the engine's own reading."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from ruamel.yaml import YAML

from workflow.invariants.rule import Finding
from workflow.invariants.tables import History, Tables, asked

Way = tuple[str, str, str, str]
"""Definition, trigger, the states it leaves from, where it leads."""

Move = tuple[str, str, str]
"""Trigger, from, to."""


class Texts:
    """Every version ever used."""

    def __init__(self, tables: Tables) -> None:
        self._texts: dict[tuple[str, int], dict[str, Any]] = {}
        self._ways: dict[tuple[str, int], dict[Move, list[Way]]] = {}
        for name, version, text in asked(tables, "SELECT name, version, text FROM definitions ORDER BY name, version"):
            self._texts[name, version] = _read(text)
            ways = self._ways[name, version] = {}
            for move, way in _moves(name, self._texts[name, version]):
                ways.setdefault(move, []).append(way)

    def newest(self, name: str) -> dict[str, Any]:
        """The text of the newest version; empty for a lifecycle nobody knows."""
        versions = [version for known, version in self._texts if known == name]
        return self._texts[name, max(versions)] if versions else {}

    def ways(self) -> set[Way]:
        """Every transition of the newest versions. Those that differ by their conditions alone are one."""
        newest: dict[str, int] = {}
        for name, version in self._texts:
            newest[name] = max(version, newest.get(name, version))
        return {way for place in newest.items() for ways in self._ways[place].values() for way in ways}

    def moves(self, history: History, taken: set[Way], finding: Finding) -> None:
        """Every change of state is a transition the case's version has; what was taken is added to the others."""
        known = self._ways.get((history.definition, history.version), {})
        for step in history.steps:
            ways = known.get((step.trigger, step.before, step.after), [])
            taken.update(ways)
            if step.before != step.after:
                finding.look(
                    bool(ways), f"{history.number}: no {step.trigger} leads from {step.before} to {step.after}"
                )


@cache
def _read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return found


def _moves(name: str, text: dict[str, Any]) -> Iterator[tuple[Move, Way]]:
    for one in text.get("transitions", ()):
        sources = one["from"] if isinstance(one["from"], list) else [one["from"]]
        for source in sources:
            move = one["trigger"], source, one.get("to", source)
            yield move, (name, one["trigger"], ", ".join(sources), one.get("to", ""))
