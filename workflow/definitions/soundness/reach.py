"""Every state can be reached, and from every state an end."""

from __future__ import annotations

from workflow.definitions.faults import Path
from workflow.definitions.soundness.graph import Graph
from workflow.definitions.source import Source


def check(source: Source, graph: Graph) -> None:
    definition = graph.definition
    if not any(state.final for state in definition.states.values()):
        source.fault(("states",), "no state is final, so no case could ever end", "no-end", at=source.key(("states",)))
        return
    reached, ending = graph.from_start(), graph.to_end()
    for name, state in definition.states.items():
        path: Path = ("states", name)
        if name not in reached:
            message = f"'{name}' can never be reached from '{definition.initial}'"
            source.fault(path, message, "unreachable", at=source.key(path))
        elif name not in ending:
            source.fault(path, f"no final state can be reached from '{name}'", "no-end", at=source.key(path))
        if state.final:
            for key, given in (("tasks", state.tasks), ("timers", state.timers), ("waits_for", state.waits_for)):
                if given:
                    source.fault((*path, key), f"'{name}' is final and waits for nothing", "final")
