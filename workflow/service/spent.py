"""Where the time of cases goes: in which states it counts, and whose it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from workflow.core.definition.lifecycle import Definition
from workflow.storage.queries.stretches import Gathered, State, Stretch

Side = Literal["front", "back", "lead", "other"]
"""Who a case waits for: the front line, the back office, those who decide, or nobody of these (a customer, a date)."""

SIDES: dict[str, Side] = {
    "account_manager": "front",
    "reporter": "front",
    "department": "back",
    "project_manager": "back",
    "director": "lead",
    "supervisor": "lead",
    "account_administrator": "lead",
}


@dataclass(slots=True)
class Sum:
    """Of some stretches: their cases, and how long they are together in microseconds."""

    cases: set[int] = field(default_factory=set)
    spent: int = 0

    def add(self, cases: Iterable[int], spent: int) -> None:
        self.cases.update(cases)
        self.spent += spent


@dataclass(frozen=True, slots=True)
class Spent:
    """Where the time of cases went: what is told together, and the stretches told one by one."""

    together: Sequence[Gathered]
    single: Sequence[Stretch]

    def by_state(self) -> Mapping[State, Sum]:
        """Of those of a length."""
        sums: dict[State, Sum] = defaultdict(Sum)
        for some in self.together:
            if some.cases:
                sums[some.definition, some.state].add(some.cases, some.spent)
        for one in self.single:
            if one.left > one.begun:
                sums[one.definition, one.state].add((one.case,), one.left - one.begun)
        return sums

    def again(self) -> Mapping[str, set[int]]:
        """The cases that came back from an end, by lifecycle."""
        found: dict[str, set[int]] = defaultdict(set)
        for some in self.together:
            if some.again:
                found[some.definition] |= some.again
        for one in self.single:
            if one.again:
                found[one.definition].add(one.case)
        return found


def limited(rules: Definition, state: str) -> bool:
    """Whether anything is due in a state: where nothing is, cases stay and do not wait."""
    found = rules.states[state]
    due = any(task.within is not None for task in found.tasks) or bool(found.timers)
    return not found.final and (due or any(state in clock.runs_in for clock in rules.clocks.values()))


def side(rules: Definition, state: str) -> Side:
    """Who a case in this state waits for: whose its first task is."""
    tasks = rules.states[state].tasks
    return SIDES.get(rules.roles[tasks[0].role].role, "other") if tasks else "other"
