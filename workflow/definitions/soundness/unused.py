"""What a file names and never uses is a mistake. Fields aside: a form of tomorrow may ask for them."""

from __future__ import annotations

from workflow.core.definition.lifecycle import Definition
from workflow.definitions.faults import Path
from workflow.definitions.names import SECTIONS, Names
from workflow.definitions.source import Source

MUST_BE_USED = ("role", "condition", "phase", "link", "limit", "proposal")


def check(source: Source, definition: Definition, names: Names) -> None:
    for what in MUST_BE_USED:
        section = SECTIONS[what]
        for name in sorted(names.known(what) - names.used[what]):
            path: Path = (section, name)
            source.fault(path, f"{what} '{name}' is never used", "unused", at=source.key(path))
    for name, rule in definition.recurring.items():
        if not rule.automatic and name not in names.used["schedule"]:
            path = ("recurring", name)
            source.fault(path, f"'{name}' is not automatic, and nothing starts it", "unused", at=source.key(path))
