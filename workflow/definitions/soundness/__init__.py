"""Whether a lifecycle that can be read can also be lived: nothing waits unseen, nothing goes round for ever."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workflow.core.definition.lifecycle import Definition
from workflow.definitions.names import Names
from workflow.definitions.soundness import clocks, loops, people, reach, seals, unused, waiting
from workflow.definitions.soundness.graph import Graph
from workflow.definitions.source import Source

Check = Callable[[Source, Graph], None]

LOOKS_AT: Mapping[Check, tuple[str, ...]] = {
    reach.check: ("initial", "states", "transitions"),
    loops.check: ("states", "transitions"),
    people.check: ("data", "states", "transitions", "roles", "clocks", "links"),
    clocks.check: ("states", "transitions", "clocks"),
    seals.check: ("data", "states", "transitions", "sealed", "opening"),
    waiting.check: ("data", "initial", "states", "transitions", "clocks", "links", "recurring", "opening"),
}
"""The parts of a file each check needs whole. One that is broken already would only bring false alarms."""


def check_soundness(source: Source, definition: Definition, names: Names) -> None:
    """Note every fault in the source."""
    broken = {fault.path.partition(".")[0] for fault in source.faults}
    graph = Graph(definition)
    for check, parts in LOOKS_AT.items():
        if not broken.intersection(parts):
            check(source, graph)
    if not broken:
        unused.check(source, definition, names)
