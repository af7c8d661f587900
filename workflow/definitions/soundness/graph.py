"""A definition as a graph, and who pulls what in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import Transition
from workflow.core.definition.targets import AnyTarget, Target, TargetDate, TargetTable
from workflow.definitions.faults import Path
from workflow.definitions.vocabulary import TIERS


@dataclass(frozen=True, slots=True)
class Pull:
    """A trigger that is pulled without a person: by a timer, a rung or a linked case, in one state.

    `sure`: it comes in any case, not only for some customers or some kinds of case.
    """

    state: str
    trigger: str
    path: Path
    what: str
    sure: bool = True


class Graph:
    """States and the moves between them."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.ahead: dict[str, set[str]] = {name: set() for name in definition.states}
        self.back: dict[str, set[str]] = {name: set() for name in definition.states}
        for transition in definition.transitions:
            for state in transition.sources:
                if transition.target in self.ahead and state in self.ahead:
                    self.ahead[state].add(transition.target)
                    self.back[transition.target].add(state)
        self.pulls = (*_timers(definition), *_rungs(definition), *_linked(definition))

    def from_start(self) -> set[str]:
        """States that can be reached."""
        return self._walk([self.definition.initial], self.ahead)

    def to_end(self) -> set[str]:
        """States from which a final one can be reached."""
        return self._walk([state.name for state in self.definition.states.values() if state.final], self.back)

    def within(self, start: Iterable[str], inside: Iterable[str]) -> set[str]:
        """States one comes to from `start` while staying `inside`; the first one outside counts."""
        inside = set(inside)
        return self._walk(start, {name: ahead if name in inside else set() for name, ahead in self.ahead.items()})

    def moves(self, state: str, trigger: str) -> list[tuple[int, Transition]]:
        """The transitions of a trigger from a state, with their places in the file."""
        return [
            (number, transition)
            for number, transition in enumerate(self.definition.transitions)
            if transition.trigger == trigger and state in transition.sources
        ]

    def moves_on(self, state: str, trigger: str) -> bool:
        """Whether the trigger can take the case to another state."""
        return any(move.target not in (None, state) for _, move in self.moves(state, trigger))

    def needs_answers(self, transition: Transition) -> bool:
        """Whether a form must be filled, which only a person can do."""
        fields = self.definition.fields
        return any(asked.required and fields[asked.name].default is None for asked in transition.form)

    @staticmethod
    def _walk(start: Iterable[str], ahead: dict[str, set[str]]) -> set[str]:
        seen: set[str] = set()
        waiting = list(start)
        while waiting:
            state = waiting.pop()
            if state not in seen:
                seen.add(state)
                waiting += ahead.get(state, ())
        return seen


def applies_always(definition: Definition, target: AnyTarget) -> bool:
    """Whether there is a length for every case: a table may leave some out, a date may be empty."""
    if isinstance(target, TargetDate):
        field = definition.fields.get(target.by.removeprefix("data."))
        return field is not None and field.required
    if isinstance(target, Target) or target.otherwise is not None:
        return True
    return set(_possible(definition, target)) <= set(target.values)


def _possible(definition: Definition, table: TargetTable) -> Iterable[str]:
    root, _, name = table.by.partition(".")
    if root == "data" and name in definition.fields:
        field = definition.fields[name]
        return [*field.of, *([] if field.required or field.default is not None else [""])]
    return TIERS if table.by == "customer.tier" else [""]


def _timers(definition: Definition) -> Iterator[Pull]:
    for state in definition.states.values():
        for number, timer in enumerate(state.timers):
            if timer.trigger is not None:
                path = ("states", state.name, "timers", number, "trigger")
                sure = applies_always(definition, timer.after)
                yield Pull(state.name, timer.trigger, path, f"timer '{timer.name}'", sure)


def _rungs(definition: Definition) -> Iterator[Pull]:
    for clock in definition.clocks.values():
        for number, rung in enumerate(clock.ladder):
            if rung.trigger is not None:
                path = ("clocks", clock.name, "ladder", number, "trigger")
                sure = applies_always(definition, clock.target) and not clock.once
                for state in clock.runs_in:
                    yield Pull(state, rung.trigger, path, f"clock '{clock.name}'", sure)


def _linked(definition: Definition) -> Iterator[Pull]:
    for state in definition.states.values():
        for name in state.waits_for:
            for outcome, trigger in definition.links[name].on_closed.items() if name in definition.links else ():
                path = ("links", name, "on_closed", outcome)
                yield Pull(state.name, trigger, path, f"link '{name}'")
