"""The names a file gives, who uses them, and the remark when one is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workflow.core.directory import BUSINESS_ROLES
from workflow.definitions.faults import Path, unknown
from workflow.definitions.source import Source

SECTIONS = {
    "field": "data",
    "phase": "phases",
    "role": "roles",
    "state": "states",
    "condition": "conditions",
    "clock": "clocks",
    "link": "links",
    "schedule": "recurring",
    "limit": "limits",
    "proposal": "proposals",
}


class Names:
    """All names of one file. `ask` notes a fault for an unknown one and remembers that the known are used."""

    def __init__(self, source: Source, *, calendars: Iterable[str] = ()) -> None:
        self._source = source
        self._known: dict[str, frozenset[str]] = {
            what: frozenset(_keys(source.value.get(section))) for what, section in SECTIONS.items()
        }
        self._known["trigger"] = frozenset(_triggers(source.value.get("transitions")))
        self._known["business role"] = frozenset(BUSINESS_ROLES)
        self._known["calendar"] = frozenset({"natural", "working", *calendars})
        self.used: dict[str, set[str]] = {what: set() for what in self._known}

    def known(self, what: str) -> frozenset[str]:
        return self._known[what]

    def ask(self, what: str, name: str, path: Path) -> bool:
        """Whether there is such a name."""
        if name in self._known[what]:
            self.used[what].add(name)
            return True
        self._source.fault(path, unknown(what, name, sorted(self._known[what])), "unknown-name")
        return False

    def ask_all(self, what: str, names: Iterable[str], path: Path) -> tuple[str, ...]:
        """The same for one name or a list of them, as the file has it there."""
        names = tuple(names)
        for number, name in enumerate(names):
            self.ask(what, name, (*path, number) if (*path, number) in self._source.values else path)
        return names


def _keys(value: Any) -> list[str]:
    return list(value) if isinstance(value, Mapping) else []


def _triggers(value: Any) -> list[str]:
    items = value if isinstance(value, list) else []
    found = [item.get("trigger") for item in items if isinstance(item, Mapping)]
    return [trigger for trigger in found if isinstance(trigger, str)]
