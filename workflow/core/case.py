"""A case as it stands: what the fold of its history gives, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

LARGEST = 2**63
"""Both databases keep whole numbers below this."""


def is_id(value: object) -> bool:
    """Whether a value can be the number of something kept: a yes or no is not, although Python counts with it."""
    return type(value) is int and 0 < value < LARGEST


@dataclass(frozen=True, slots=True)
class Task:
    """Open work. Only open tasks exist; a finished one is in the history.

    `no` is unique within the case; `(case id, no)` names the task for ever.
    `unit` and `role` are the queue it waits in when `assignee` is None. `owner` is set
    while the task is delegated: completing or releasing returns it to the owner.
    `provisional`: the days off around its due moment were not announced yet.
    """

    no: int
    name: str
    unit: int | None
    role: str
    assignee: int | None
    opened: datetime
    due: datetime | None = None
    owner: int | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Timer:
    """A stored moment at which something happens by itself.

    `kind`: `state` (a timer of the state), `rung` (the next step of a clock's ladder), `recurring` (the next
    nominal date of a schedule), `linked` (a linked case ended; due at once), `held` (a clock stood still by hand for
    as long as it may), `again` (an escalation nobody has acknowledged). `name` is the timer's, clock's, schedule's
    or link's name; `ref` the rung's index, the linked case's id or the escalation. `since`: when a provisional
    one began to count.
    """

    no: int
    kind: Literal["state", "rung", "recurring", "linked", "held", "again"]
    name: str
    due: datetime
    ref: int = 0
    note: str = ""
    provisional: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delay:
    """What moved a due moment: a pause from `since` to `until`, or an extension by `days`.

    `step`: the step that paused the clock by hand, whose form holds the reason; 0 for a state that did.
    """

    since: datetime
    until: datetime
    days: int = 0
    step: int = 0


@dataclass(frozen=True, slots=True)
class Clock:
    """One run of a clock.

    `due` moves while pauses are added; `seconds` is the target's length in counted seconds. `breached` is the
    due moment that passed; once set it stays, whatever happens later. `ended` is set when met or stopped.
    `target` as written, `version` of the calendar and `delays` are what `due` comes from: it can be computed again
    and explained. `held`: the step that paused it by hand, 0 otherwise. `noticed`: when the breach was written down.
    """

    name: str
    run: int
    status: Literal["running", "paused", "met", "stopped"]
    started: datetime
    due: datetime
    seconds: int
    calendar: str
    rung: int = 0
    paused: datetime | None = None
    breached: datetime | None = None
    ended: datetime | None = None
    extended: int = 0
    provisional: bool = False
    target: str = ""
    version: int = 0
    delays: tuple[Delay, ...] = ()
    held: int = 0
    noticed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """A breach handed upwards. Lives from raised over acknowledged to ended.

    `again`: how often it was raised before because nobody acknowledged it.
    """

    no: int
    clock: str
    run: int
    level: int
    role: str
    unit: int | None
    persons: tuple[int, ...]
    raised: datetime
    recorded: datetime
    acknowledged: datetime | None = None
    acknowledged_by: int | None = None
    again: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A linked case. `outcome`: its final state, None while open. `nominal`: the date it stands for.

    `late`: it was opened on a later day than it should have been, because the system stood still.
    """

    name: str
    case: int
    definition: str
    outcome: str | None = None
    nominal: str | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Taking:
    """What counts against a limit: for whom (`of`: a person or a unit), from when to when; `until` None: still.

    `count`: how many there were before it, as counted under the lock.
    """

    no: int
    limit: str
    of: int
    since: datetime
    until: datetime | None = None
    count: int = 0


@dataclass(frozen=True)
class Case:
    """A run of a definition about one customer, or (kind `customer`) a customer's own record.

    `moment` and `written`: when the last step took effect and when it was written; neither ever falls.
    `did`: trigger → who pulled it last, and whom for. `counts`: how often. `schedules`: running → anchor.
    `offers`: (unit, role) pairs; whoever holds the role there or below finds the case on offer.
    """

    id: int
    kind: Literal["case", "customer", "organisation"]
    number: str
    definition: str
    version: int
    state: str
    seq: int
    opened: datetime
    customer: int | None = None
    unit: int | None = None
    opener: int | None = None
    closed: datetime | None = None
    parent: int | None = None
    parent_link: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()
    timers: tuple[Timer, ...] = ()
    clocks: tuple[Clock, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    links: tuple[Link, ...] = ()
    did: Mapping[str, list[int]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    schedules: Mapping[str, str] = field(default_factory=dict)
    done: tuple[str, ...] = ()
    people: tuple[int, ...] = ()
    marks: tuple[str, ...] = ()
    takings: tuple[Taking, ...] = ()
    offers: tuple[tuple[int, str], ...] = ()
    next_no: int = 1
    moment: datetime | None = None
    written: datetime | None = None

    def task(self, no: int) -> Task | None:
        return next((t for t in self.tasks if t.no == no), None) if is_id(no) else None

    def clock(self, name: str) -> Clock | None:
        """The latest run of a clock, None before its first."""
        return next((c for c in reversed(self.clocks) if c.name == name), None)

    @property
    def nearest(self) -> Clock | None:
        """The running clock that runs out first, by which a task without its own limit is due; None without one."""
        return min((c for c in self.clocks if c.status == "running"), key=lambda c: c.due, default=None)
