"""Everything the rules may know beside the definition and the case: passed in, never fetched.

`Situation` lets conditions look at it by flat names, computing only what is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflow.core.calendar import Calendar
from workflow.core.carrying import Room
from workflow.core.case import Case, Clock
from workflow.core.definition.fields import FieldType
from workflow.core.definition.figures import Draft
from workflow.core.definition.lifecycle import Definition
from workflow.core.directory import WORKING, Directory
from workflow.core.moments import EPOCH, moment_of
from workflow.core.personal import reveal
from workflow.core.step import Actor


@dataclass(frozen=True, slots=True)
class Customer:
    """What the rules see of a customer. `lead`: who leads now, `a` or `b`."""

    id: int
    number: str
    name: str
    tier: str = ""
    stage: str = ""
    lead: str = "a"
    industry: str = ""
    unit: int | None = None
    a: int | None = None
    b: int | None = None
    until: datetime | None = None
    trade: str = ""
    nature: str = ""

    @property
    def developer(self) -> int | None:
        return self.a if self.a is not None else self.b

    @property
    def maintainer(self) -> int | None:
        """B leads maintenance after the swap; before it, and where there is no B, it is A (002 §11(1))."""
        return self.b if self.lead == "b" and self.b is not None else self.developer


def customer_of(record: Case) -> Customer:
    """What the rules see of a customer, from its own record."""
    d = record.data
    until = d.get("until")
    return Customer(
        id=record.id,
        number=d["number"],
        name=d["name_zh"],
        tier=d.get("tier") or "",
        stage=d.get("stage") or "",
        lead=d.get("lead") or "a",
        industry=d.get("industry") or "",
        unit=d.get("unit"),
        a=d.get("a"),
        b=d.get("b"),
        until=None if until is None else moment_of(until),
        trade=d.get("trade") or "",
        nature=d.get("nature") or "",
    )


def nobody_counts(limit: str, receiver: int, since: datetime | None) -> int:
    """Where nobody says how to count. Raises RuntimeError."""
    raise RuntimeError(f"nobody counts {limit} here")


def nobody_leads(person: int) -> int:
    """Where nobody says how many customers a person leads. Raises RuntimeError."""
    raise RuntimeError(f"nobody counts what {person} leads here")


@dataclass(frozen=True, slots=True)
class Asking:
    """Whose work is asked for: that of `people`, from one moment until before another, beside the colleagues'.

    `told_in`: the unit in which it will be read; customers whose file is not read by everybody who works there are
    counted and never told. None: people are told of their own customers.
    """

    people: tuple[int, ...]
    told_in: int | None
    colleagues: tuple[int, ...]
    since: datetime
    until: datetime


def no_rule(receiver: int, limits: tuple[str, ...]) -> Room | None:
    """Where customers are counted alone."""
    return None


def no_figures(draft: Draft, asking: Asking) -> Mapping[str, Any]:
    """Where nothing is drafted."""
    raise RuntimeError("Figures are asked for where nothing can be counted.")


@dataclass(slots=True)
class World:
    """`customer` changes as a decision changes the customer's record. `vault`: commitment → JSON text;
    `open_cases`: what `customer.open` lists; `new_id`: an id for a case to open; `salt`: 16 fresh random bytes;
    `definition`: the latest version of that name; `own`: the working calendar of the case's unit.
    """

    directory: Directory
    calendars: Mapping[str, Calendar]
    vault: MutableMapping[str, str | None]
    customer: Customer | None
    open_cases: Callable[[], list[str]]
    new_id: Callable[[], int]
    salt: Callable[[], bytes]
    definition: Callable[[str], Definition]
    own: str = WORKING
    figures: Callable[[Draft, Asking], Mapping[str, Any]] = no_figures
    """What a draft is filled with, from the histories as they are."""
    taken: Callable[[str, int, datetime | None], int] = nobody_counts
    """How often a receiver took what a limit counts since a moment; None: how many are held now."""
    led: Callable[[int], int] = nobody_leads
    """How many customers a person leads, this case's left out."""
    room: Callable[[int, tuple[str, ...]], Room | None] = no_rule
    """What a person carries by spend, this case's customer left out and those on their way by some limits counted in,
    and what the customer would add; None where the deployment counts customers alone."""
    other_cases: Callable[[], list[dict[str, Any]]] = list
    """What `customer.cases` lists: the customer's other open cases, the first one opened first."""

    def calendar(self, name: str) -> Calendar | None:
        """The calendar of that name, `working` being the unit's own; None for natural time."""
        if name == "natural":
            return None
        return self.calendars[self.own if name == WORKING else name]

    @property
    def working(self) -> Calendar:
        return self.calendars[self.own]


EMPTY: Mapping[FieldType, Any] = {
    "line": "", "text": "", "choice": "", "date": "", "number": 0, "person": 0, "unit": 0, "file": 0,
    "money": 0.0, "percent": 0.0, "yesno": False, "moment": EPOCH, "choices": [], "rows": [],
}  # fmt: skip


def typed(kind: FieldType, value: Any) -> Any:
    """A stored field value as conditions see it; the empty value of its type for None."""
    if value is None or value == "":
        return EMPTY[kind]
    if kind in ("money", "percent"):
        return float(value)
    if kind == "moment":
        return datetime.fromisoformat(value)
    return value


@dataclass(slots=True)
class Situation(Mapping[str, Any]):
    """The facts of one decision, by name (`data.reply`, `customer.tier`): see docs/definitions.md."""

    definition: Definition
    case: Case
    world: World
    actor: Actor
    at: datetime
    finishing: int | None = None
    """The task being finished by this command, not counted in `tasks.open`."""
    form: Mapping[str, Any] = field(default_factory=dict)
    row: Mapping[str, Any] = field(default_factory=dict)
    """What one of several linked cases is opened for: typed already."""

    def __getitem__(self, name: str) -> Any:
        asked = _asked.get(name)
        if asked is None:
            head, _, rest = name.partition(".")
            found = getattr(Situation, f"_{head}", None)
            if found is None:
                raise KeyError(name)
            asked = _asked[name] = (found, rest)
        return asked[0](self, asked[1])

    def __iter__(self) -> Iterator[str]:
        raise TypeError("The facts of a situation are asked for by name.")

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def _raw(self, name: str) -> Any:
        value = self.form[name] if name in self.form else self.case.data.get(name)
        return reveal(value, self.world.vault)

    def _data(self, name: str) -> Any:
        return typed(self.definition.fields[name].type, self._raw(name))

    def _has(self, name: str) -> bool:
        return self._raw(name) not in (None, "", [])

    def _row(self, name: str) -> Any:
        return self.row[name]

    def _case(self, name: str) -> Any:
        if name == "opener":
            return self.case.opener or 0
        if name == "unit":
            return self.case.unit or 0
        if name == "level":
            unit = self.world.directory.unit(self.case.unit)
            return unit.kind if unit else ""
        return getattr(self.case, name)

    def _now(self, _: str) -> datetime:
        return self.at

    def _tasks(self, name: str) -> Any:
        if name == "done":
            return list(self.case.done)
        return sum(1 for t in self.case.tasks if t.no != self.finishing)

    def _count(self, trigger: str) -> int:
        return self.case.counts.get(trigger, 0)

    def _clocks(self, name: str) -> Any:
        clock_name, _, part = name.partition(".")
        clock: Clock | None = self.case.clock(clock_name)
        if part == "running":
            return clock is not None and clock.status == "running"
        if part == "breached":
            return clock is not None and clock.breached is not None
        if part == "due":
            return clock.due if clock is not None else EPOCH
        return getattr(clock, part) if clock is not None else 0

    def _links(self, name: str) -> Any:
        link_name, _, part = name.partition(".")
        links = [x for x in self.case.links if x.name == link_name]
        if part == "open":
            return sum(1 for x in links if x.outcome is None)
        if part == "count":
            return len(links)
        return next((x.outcome for x in reversed(links) if x.outcome is not None), "")

    def _customer(self, name: str) -> Any:
        if name == "open":
            return self.world.open_cases()
        if name == "cases":
            return self.world.other_cases()
        customer = self.world.customer
        if name == "until":
            return (customer.until if customer else None) or EPOCH
        if name in ("unit", "a", "b"):
            return (getattr(customer, name) if customer else None) or 0
        return getattr(customer, name) if customer else ""

    def _actor(self, name: str) -> Any:
        if name == "roles":
            return sorted(self.world.directory.role_names(self.actor.principal, self.at))
        if name == "unit":
            return self.world.directory.home(self.actor.principal, self.at) or 0
        return self.actor.principal or 0


_asked: dict[str, tuple[Callable[[Situation, str], Any], str]] = {}
"""A name → which question it is, and the rest of the name. There are as many as the lifecycles have names."""
