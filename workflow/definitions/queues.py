"""The lists that stand beside everybody's inbox, from their files in `queues/`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.core.definition.expressions import Text
from workflow.core.definition.lifecycle import Definition
from workflow.definitions.faults import unknown
from workflow.definitions.source import Source, bilingual, entries

QUEUES = "queues"
"""The folder, beside the definitions."""

LISTS = ("mine", "queue", "cases")
KEYS = ("title", "list", "where", "source")
WHERE = ("definition", "state", "phase", "task", "tier", "overdue", "due", "clock", "person")
DUE = re.compile(r"today|[1-9]\d{0,2}[hd]")
"""`today`: by the end of it; else hours or days from now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A standing list: `where` narrows the list as its address would. `source`: why it is there, None for ours."""

    name: str
    title: Text
    list: str
    where: Mapping[str, str]
    source: str | None = None


def load_queues(folder: Path, known: Mapping[str, Definition]) -> tuple[Queue, ...]:
    """The queues of all files of a folder, in their order; names are looked up in `known`.

    Raises DefinitionErrors with every fault of every file.
    """
    return tuple(entries(folder, "queue", lambda source, name, spec: _queue(source, name, spec, known)).values())


def _queue(source: Source, name: str, spec: Any, known: Mapping[str, Definition]) -> Queue:
    spec = spec if isinstance(spec, dict) else {}
    for key in spec:
        if key not in KEYS:
            source.fault((name, key), unknown("key", key, KEYS), "shape", at=source.key((name, key)))
    kind = str(spec.get("list", ""))
    if kind not in LISTS:
        source.fault((name, "list"), unknown("list", kind, LISTS), "queue")
    where = spec.get("where") or {}
    where = {key: str(value) for key, value in where.items()} if isinstance(where, dict) else {}
    _check(source, name, kind, where, known)
    return Queue(
        name=name,
        title=bilingual(source, (name, "title"), "a queue's title"),
        list=kind,
        where=where,
        source=str(spec["source"]) if "source" in spec else None,
    )


def _check(source: Source, name: str, kind: str, where: Mapping[str, str], known: Mapping[str, Definition]) -> None:
    """Every name in `where` is there, so that no queue is empty because of a slip of the pen."""
    for key in where:
        if key not in WHERE:
            source.fault((name, "where", key), unknown("key", key, WHERE), "shape", at=source.key((name, "where", key)))
    if "due" in where and not DUE.fullmatch(where["due"]):
        source.fault((name, "where", "due"), "'due' is today, or a length like 8h or 14d", "queue")
    if "clock" in where and kind != "cases":
        source.fault((name, "where", "clock"), "only a list of cases is narrowed by a clock", "queue")
    if where.get("person", "me") != "me":
        source.fault((name, "where", "person"), "'person' can only be me", "queue")
    lifecycle = where.get("definition")
    if lifecycle is None:
        for key in ("state", "phase", "task", "clock"):
            if key in where:
                source.fault((name, "where", key), f"'{key}' says nothing without a definition", "queue")
        return
    definition = known.get(lifecycle)
    if definition is None:
        source.fault((name, "where", "definition"), unknown("definition", lifecycle, known), "queue")
        return
    names = {
        "state": definition.states,
        "phase": definition.phases,
        "clock": definition.clocks,
        "task": {task.name for state in definition.states.values() for task in state.tasks},
    }
    for key, have in names.items():
        if key in where and where[key] not in have:
            source.fault((name, "where", key), unknown(key, where[key], have), "queue")
