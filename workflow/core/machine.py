"""The kernel: one `transitions.Machine` per definition version, and a throwaway cursor moved on it.

No model is ever registered (the machine would keep it for ever) and no string from a file becomes a
condition (the library would import and call dotted names): conditions are our callables.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from transitions import EventData, Machine
from transitions.core import Event
from transitions.core import Transition as Arrow

from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import Transition

Test = Callable[[Transition], bool]


class Cursor:
    """A place on the machine: a state, and the transition that was taken to leave it."""

    __slots__ = ("state", "taken")

    def __init__(self, state: str) -> None:
        self.state = state
        self.taken: Transition | None = None


def move(definition: Definition, state: str, trigger: str, test: Test) -> Transition | None:
    """The first transition of `trigger` from `state` whose `test` holds, in file order; None if there is none."""
    event = _events(definition).get(trigger)
    if event is None or not event.transitions.get(state):
        return None
    cursor = Cursor(state)
    event.trigger(cursor, test=test)
    return cursor.taken


def _events(definition: Definition) -> dict[str, Event]:
    return _machine(_Key(definition)).events


class _Key:
    """A definition as a cache key: this very one.

    One read a second time from the same text has conditions of its own, and its transitions are not the other's.
    """

    __slots__ = ("definition",)

    def __init__(self, definition: Definition) -> None:
        self.definition = definition

    def __hash__(self) -> int:
        return id(self.definition)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.definition is self.definition


class Way(Arrow):
    """A transition that is nothing but its conditions and where it leads: nobody listens to what it does."""

    def execute(self, event_data: EventData) -> bool:
        if not all(condition.check(event_data) for condition in self.conditions):
            return False
        if self.dest is not None:
            cursor: Any = event_data.model
            cursor.state = self.dest
        return True


class Pull(Event):
    """A trigger on a cursor, without the queue, the log and the callbacks between which the library moves a model."""

    def trigger(self, model: Any, *args: Any, **kwargs: Any) -> bool:
        event = EventData(None, self, self.machine, model, args=args, kwargs=kwargs)
        return any(way.execute(event) for way in self.transitions[model.state])


class Kernel(Machine):
    transition_cls = Way
    event_cls = Pull


@lru_cache(maxsize=256)
def _machine(key: _Key) -> Machine:
    definition = key.definition
    machine = Kernel(
        model=None,
        states=list(definition.states),
        initial=definition.initial,
        auto_transitions=False,
        send_event=True,
    )
    for transition in definition.transitions:
        machine.add_transition(
            transition.trigger,
            list(transition.sources),
            transition.target,
            conditions=_condition(transition),
        )
    return machine


def _condition(transition: Transition) -> Callable[[EventData], bool]:
    def holds(event: EventData) -> bool:
        test: Any = event.kwargs["test"]
        if not test(transition):
            return False
        cursor: Any = event.model
        cursor.taken = transition
        return True

    return holds
