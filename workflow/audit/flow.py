"""What follows what: a directly-follows graph over any selection, with how often and after how long."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from statistics import fmean, median

from workflow.service.courses import Move

START, END = "\x00start", "\x00end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """`count`: how often `target` came directly after `source`; waiting times in seconds."""

    source: str
    target: str
    count: int
    cases: int
    middle: float
    mean: float
    longest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """`nodes`: activity → how often. Edges from `START` and to `END` have no waiting time. The most frequent first."""

    cases: int
    steps: int
    nodes: dict[str, int]
    edges: tuple[Edge, ...]


@dataclass(slots=True)
class _Between:
    waits: array[float] = field(default_factory=lambda: array("d"))
    cases: int = 0
    last: int = 0


def flow(moves: Iterable[Move], name: Callable[[Move], str], *, whole: bool = False) -> Flow:
    """The graph of the moves, which come case after case. `whole`: of every step, else of those that carry on."""
    nodes: dict[str, int] = {}
    between: dict[tuple[str, str], _Between] = {}
    cases = steps = 0
    for case, course in groupby(moves, key=lambda move: move.case):
        cases += 1
        before: Move | None = None
        was = START
        for move in course:
            if not whole and not carries(move):
                continue
            steps += 1
            activity = name(move)
            nodes[activity] = nodes.get(activity, 0) + 1
            waited = 0.0 if before is None else (move.at - before.at).total_seconds()
            _note(between, (was, activity), case, waited)
            before, was = move, activity
        if before is not None and before.over:
            _note(between, (was, END), case, 0.0)
    return Flow(cases=cases, steps=steps, nodes=nodes, edges=tuple(sorted(_edges(between), key=_order)))


def carries(move: Move) -> bool:
    """Whether the step carries the case on: it moves, or somebody's task is done by it."""
    return move.from_state != move.to_state or move.kind in ("open", "trigger", "done")


def shown(graph: Flow, *, most: int) -> Sequence[Edge]:
    """The most frequent edges, and for every activity the most frequent that leads to it and from it."""
    kept = dict.fromkeys(graph.edges[:most])
    for node in graph.nodes:
        for side in ("source", "target"):
            found = next((edge for edge in graph.edges if getattr(edge, side) == node), None)
            if found is not None:
                kept[found] = None
    return [edge for edge in graph.edges if edge in kept]


def _note(between: dict[tuple[str, str], _Between], key: tuple[str, str], case: int, waited: float) -> None:
    found = between.get(key)
    if found is None:
        found = between[key] = _Between()
    found.waits.append(waited)
    if found.last != case:
        found.last = case
        found.cases += 1


def _edges(between: dict[tuple[str, str], _Between]) -> Iterator[Edge]:
    for (source, target), one in between.items():
        yield Edge(
            source=source,
            target=target,
            count=len(one.waits),
            cases=one.cases,
            middle=median(one.waits),
            mean=fmean(one.waits),
            longest=max(one.waits),
        )


def _order(edge: Edge) -> tuple[int, str, str]:
    return -edge.count, edge.source, edge.target
