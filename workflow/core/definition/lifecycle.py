"""One version of one lifecycle: everything its file says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from workflow.core.definition.clocks import ClockRule
from workflow.core.definition.effects import Effect
from workflow.core.definition.expressions import Condition, Text
from workflow.core.definition.fields import Field, FormField
from workflow.core.definition.limits import Limit, Proposal
from workflow.core.definition.links import Birthdays, LinkRule, RecurringRule
from workflow.core.definition.states import RoleExpr, State, Transition
from workflow.core.definition.targets import Target

DIGITS = 6
"""Of a case's number, at least."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Fields nobody can read while the case is in one of these states; only the rules look at them."""

    fields: frozenset[str]
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of one lifecycle. `text` is the file as read, `hash` its SHA-256 in hex.

    `hears`: triggers that other cases may pull here by a signal. `open_when`, `open_limits`: what must hold, and leave
    room, for one to be opened; `by_hand_when`: where a person opens it; `reads_file`: only who may read the customer's
    file does, also where cases are marked `outside`; `opened_in`: the unit of a case where none is said, the customer's
    or that in which its opener works. `named_by`: the field whose value is shown for the name of a case.
    """

    name: str
    version: int
    title: Text
    about: Text | None
    prefix: str
    fields: Mapping[str, Field]
    roles: Mapping[str, RoleExpr]
    phases: Mapping[str, Text]
    initial: str
    states: Mapping[str, State]
    transitions: tuple[Transition, ...]
    start_form: tuple[FormField, ...]
    opened_by: tuple[str, ...]
    clocks: Mapping[str, ClockRule]
    links: Mapping[str, LinkRule]
    recurring: Mapping[str, RecurringRule]
    marks: Mapping[str, Condition]
    text: str
    hash: str
    opening: tuple[Effect, ...] = ()
    subject: Literal["customer", "none"] = "customer"
    hears: tuple[str, ...] = ()
    limits: Mapping[str, Limit] = field(default_factory=dict)
    proposals: Mapping[str, Proposal] = field(default_factory=dict)
    sealed: Sealed | None = None
    open_when: tuple[Condition, ...] = ()
    open_limits: tuple[str, ...] = ()
    by_hand_when: tuple[Condition, ...] = ()
    reads_file: bool = False
    opened_in: Literal["customer", "opener"] = "customer"
    named_by: str | None = None
    birthdays: Birthdays | None = None
    personal: frozenset[str] = field(init=False, repr=False, compare=False)
    """The fields the file says are personal."""
    picks_lengths: bool = field(init=False, repr=False, compare=False)
    """Whether a clock, a task or a timer takes its length from a table or a date."""
    _moves: Mapping[tuple[str, str], tuple[Transition, ...]] = field(init=False, repr=False, compare=False)
    _by_itself: Mapping[str, tuple[Transition, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        moves: dict[tuple[str, str], tuple[Transition, ...]] = {}
        by_itself: dict[str, tuple[Transition, ...]] = {}
        for way in self.transitions:
            for state in dict.fromkeys(way.sources):
                moves[state, way.trigger] = (*moves.get((state, way.trigger), ()), way)
                if way.auto:
                    by_itself[state] = (*by_itself.get(state, ()), way)
        object.__setattr__(self, "personal", frozenset(f.name for f in self.fields.values() if f.personal))
        lengths = [clock.target for clock in self.clocks.values()]
        for one in self.states.values():
            lengths += [task.within for task in one.tasks if task.within is not None]
            lengths += [timer.after for timer in one.timers]
        object.__setattr__(self, "picks_lengths", any(not isinstance(length, Target) for length in lengths))
        object.__setattr__(self, "_moves", moves)
        object.__setattr__(self, "_by_itself", by_itself)

    def moves(self, state: str, trigger: str) -> tuple[Transition, ...]:
        """The transitions a trigger may take from a state, in file order."""
        return self._moves.get((state, trigger), ())

    def moves_by_itself(self, state: str) -> tuple[Transition, ...]:
        """The transitions a case takes from a state as soon as their conditions hold, in file order."""
        return self._by_itself.get(state, ())

    def number(self, case: int) -> str:
        """What people call a case by: the letters of its lifecycle, then its digits."""
        return f"{self.prefix}{case:0{DIGITS}d}"
