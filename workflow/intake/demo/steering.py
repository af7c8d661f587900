"""The way from one state of a lifecycle to another, so that a case can be brought where it is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Literal

from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import Transition

By = Literal["person", "time", "link"]
COST: dict[By, int] = {"person": 1, "link": 2, "time": 10}
"""What a person does can be done when it is wanted; the rest has to be waited for."""

Edge = tuple[Transition, By]


def way(rules: Definition, since: str, until: str) -> list[Edge] | None:
    """The cheapest way, empty where it is reached already, None where there is none."""
    heap: list[tuple[int, int, str, list[Edge]]] = [(0, 0, since, [])]
    seen: set[str] = set()
    count = 0
    while heap:
        cost, _, state, path = heappop(heap)
        if state == until:
            return path
        if state in seen:
            continue
        seen.add(state)
        for edge in edges(rules, state):
            target = edge[0].target
            if target is not None and target not in seen:
                count += 1
                heappush(heap, (cost + COST[edge[1]], count, target, [*path, edge]))
    return None


def edges(rules: Definition, state: str) -> Iterator[Edge]:
    """The moves out of a state: by people, by time, or by a linked case that ends."""
    rule = rules.states[state]
    timed = {timer.trigger for timer in rule.timers if timer.trigger}
    ladders = (clock.ladder for clock in rules.clocks.values() if state in clock.runs_in)
    timed |= {rung.trigger for ladder in ladders for rung in ladder if rung.trigger}
    linked = {trigger for name in rule.waits_for for trigger in rules.links[name].on_closed.values()}
    for transition in rules.transitions:
        if state not in transition.sources or transition.target in (None, state):
            continue
        if transition.by:
            yield transition, "person"
        elif transition.trigger in linked:
            yield transition, "link"
        elif transition.trigger in timed:
            yield transition, "time"


def outcome(parent: Definition, link: str, child: Definition, trigger: str) -> str | None:
    """A final state of the linked case that pulls this trigger on the one that waits for it."""
    meant = parent.links[link].on_closed
    finals = [name for name, state in child.states.items() if state.final and name != child.initial]
    return next((name for name in finals if meant.get(name, meant.get("*")) == trigger), None)
