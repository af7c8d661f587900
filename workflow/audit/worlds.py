"""What the rules may have known at a step: what they knew by all one can tell, then what may have been instead.

Moments are as fine as microseconds, and a command reads its own before it waits for its lock. Where other things were
written at that moment or just after, each order is possible, and one that gives what is recorded is good enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, product
from typing import Any, TypeVar

from workflow.audit.known import Known
from workflow.audit.past import WAITED
from workflow.audit.salts import Values
from workflow.core.calendar import Calendar
from workflow.core.case import Case
from workflow.core.definition.figures import Draft
from workflow.core.definition.lifecycle import Definition
from workflow.core.directory import Directory
from workflow.core.step import Step
from workflow.core.world import Asking, Customer, World

Other = TypeVar("Other")


@dataclass(slots=True)
class Place:
    """A step in its history: the case before it, and where among the steps it stands."""

    case: int
    before: Case | None
    step: Step
    steps: Sequence[Step]
    place: int
    imported: bool

    @property
    def onward(self) -> Iterator[Step]:
        return (self.steps[place] for place in range(self.place, len(self.steps)))

    @property
    def customer(self) -> int | None:
        return self.before.customer if self.before is not None else self._said("customer")

    @property
    def unit(self) -> int | None:
        return self.before.unit if self.before is not None else self._said("unit")

    def _said(self, what: str) -> Any:
        return next((body.get(what) for op, body in self.step.ops if op == "case"), None)


def worlds(known: Known, place: Place, values: Values, definition: Definition) -> Iterator[World]:
    at = place.step.recorded
    customer_id, seq = place.customer, place.step.seq
    organisations = known.organisations

    def made(
        directory: Directory, customer: Customer | None, calendars: Mapping[str, Calendar], others: Others
    ) -> World:
        return World(
            directory=directory,
            calendars=calendars,
            vault=values,
            customer=customer,
            open_cases=others.open,
            new_id=others.next_id,
            salt=bytes,
            definition=known.newest,
            own=directory.calendar_of(place.unit),
            taken=others.taken,
            led=nobody_else,
            other_cases=others.listed,
            # What was counted then is on record with the step; it is not counted again.
            figures=others.figures,
        )

    def customers() -> Iterator[Customer | None]:
        if customer_id is None:
            yield None
            return
        found = None
        for found in known.customers(customer_id, at, but=(place.case, seq)):
            yield found
        if found is None:
            yield None

    first = None if customer_id is None else known.customer(customer_id, at, but=(place.case, seq))
    directory, calendars = organisations.at(at), known.calendars(at)
    asked = Others(known, place, "until")
    yield made(directory, first, calendars, asked)
    late = (organisations.last(),) if place.imported else ()
    directories: Iterable[Directory] = chain((directory,), organisations.else_at(at), late)
    orders = ("until", "before", "after") if asked.was else ("until",)
    others = product(customers(), chain((calendars,), known.calendars_else(at)), orders, directories)
    for customer, found, order, one in others:
        if (customer, found, order, one) != (first, calendars, "until", directory):
            yield made(one, customer, found, Others(known, place, order))


def nobody_else(receiver: int) -> int:
    """What a person leads besides is part of what the step says was counted."""
    return 0


class Others:
    """What a decision asks of other cases, by one order of what was written at the moment of the step.

    `was`: whether it looked at the customer's other cases; only then their order matters.
    """

    __slots__ = ("_ids", "known", "order", "place", "was")

    def __init__(self, known: Known, place: Place, order: str) -> None:
        self.known = known
        self.place = place
        self.order = order
        self.was = False
        self._ids: Iterator[int] | None = None

    def open(self) -> list[str]:
        return self._of_customer(self.known.open_cases)

    def listed(self) -> list[dict[str, Any]]:
        return self._of_customer(self.known.other_cases)

    def _of_customer(self, ask: Callable[..., list[Other]]) -> list[Other]:
        self.was = True
        customer = self.place.customer
        if customer is None:
            return []
        return ask(
            customer,
            self._at(),
            but=self.place.case,
            opened_here=frozenset(_opened(self.place.onward)),
            strictly=self.order == "before",
        )

    def next_id(self) -> int:
        """The ids that cases opened from here on were given."""
        if self._ids is None:
            self._ids = _opened(self.place.onward)
        return next(self._ids, 0)

    def taken(self, name: str, receiver: int, since: datetime | None) -> int:
        """What limits counted then, customers and all, as the step itself says: it is part of what was taken."""
        ops = self.place.step.ops
        told = {(body["limit"], body["of"]): body.get("count", 0) for op, body in ops if op == "taking+"}
        return int(told.get((name.partition(".")[2], receiver), 0))

    def figures(self, draft: Draft, asking: Asking) -> Mapping[str, Any]:
        return self.place.step.form

    def _at(self) -> datetime:
        at = self.place.step.recorded
        return at + WAITED if self.order == "after" else at


def _opened(steps: Iterable[Step]) -> Iterator[int]:
    """Cases opened in these steps: those a link names for the first time, still open."""
    for step in steps:
        if step.kind in ("link", "reopened"):
            continue
        for place, (op, body) in enumerate(step.ops):
            if op == "link" and not (step.kind == "linked" and place == 0):
                yield body["case"]
