"""Moves without people come to rest."""

from __future__ import annotations

from collections.abc import Mapping

from workflow.core.definition.states import Transition
from workflow.definitions.soundness.graph import Graph
from workflow.definitions.source import Source


def check(source: Source, graph: Graph) -> None:
    autos = [(n, move) for n, move in enumerate(graph.definition.transitions) if move.auto]
    for number, move in autos:
        if move.target is None and not any(f"count.{move.trigger}" in one.names for one in move.when):
            message = (
                "a move that happens by itself needs `to`, or a condition on its own count, "
                f"like count.{move.trigger} == 0: without it, it would happen again and again"
            )
            source.fault(("transitions", number), message, "auto")
        if move.by or move.form:
            key = "by" if move.by else "form"
            source.fault(("transitions", number, key), "an `auto` move happens without people", "auto")
    _check_rounds(source, autos)


def _check_rounds(source: Source, autos: list[tuple[int, Transition]]) -> None:
    ahead: dict[str, dict[str, int]] = {}
    for number, move in autos:
        for state in move.sources:
            if move.target is not None:
                ahead.setdefault(state, {}).setdefault(move.target, number)
    told: set[frozenset[str]] = set()
    for start in ahead:
        way = _round(start, ahead)
        if way and frozenset(way) not in told:
            told.add(frozenset(way))
            path = ("transitions", ahead[way[-2]][way[-1]], "to")
            source.fault(path, f"moves without people go round for ever: {' → '.join(way)}", "loop")


def _round(start: str, ahead: Mapping[str, Mapping[str, int]]) -> list[str]:
    """The shortest way from a state back to it, empty when there is none."""
    ways, seen = [[start]], set()
    while ways:
        way = ways.pop(0)
        for following in ahead.get(way[-1], {}):
            if following == start:
                return [*way, start]
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []
