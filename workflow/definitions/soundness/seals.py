"""What is sealed stays so: nothing carries it out before the end, and the end comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workflow.core.definition.effects import ChangeCustomer, Effect, Open, Set
from workflow.core.definition.expressions import Expression
from workflow.core.definition.lifecycle import Sealed
from workflow.definitions.faults import Path
from workflow.definitions.soundness.graph import Graph
from workflow.definitions.source import Source


def check(source: Source, graph: Graph) -> None:
    seal = graph.definition.sealed
    if seal is None:
        return
    finals = [name for name in seal.states if graph.definition.states[name].final]
    for name in finals:
        source.fault(("sealed", "in"), f"'{name}' is final: what is sealed there is never read", "seal")
    if graph.definition.initial in seal.states:
        _check(source, seal, graph.definition.opening, ("opening",))
    for number, move in enumerate(graph.definition.transitions):
        if set(move.sources) & set(seal.states) and move.target in (None, *seal.states):
            _check(source, seal, move.effects, ("transitions", number, "effects"))


def _check(source: Source, seal: Sealed, effects: Iterable[Effect], path: Path) -> None:
    for number, effect in enumerate(effects):
        values: Mapping[str, Expression] = {}
        key = "set"
        match effect:
            case Set(found):
                values = {name: value for name, value in found.items() if name not in seal.fields}
            case Open(data=found):
                values, key = found, "with"
            case ChangeCustomer(found):
                values, key = found, "customer"
            case _:
                continue
        for name, value in values.items():
            leaking = sorted(value.names & {f"data.{field}" for field in seal.fields})
            if leaking:
                message = f"{leaking[0]} is sealed here, so '{name}' must be sealed too"
                source.fault((*path, number, key, name), message, "seal")
