"""What the rules may have known at a step: what they knew by all one can tell, then what may have been instead.

Moments are as fine as microseconds, and a command reads its own before it waits for its lock. Where other things were
written at that moment or just after, each order is possible, and one that gives what is recorded is good enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice, product
from typing import Any

from workflow.audit.known import Known
from workflow.audit.past import WAITED
from workflow.audit.salts import Values
from workflow.core.case import Case
from workflow.core.definition import Definition
from workflow.core.step import Step
from workflow.core.world import Customer, World

NO_TIME = timedelta()


@dataclass(frozen=True, slots=True)
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
        return islice(self.steps, self.place, None)

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
    asked = Asked()

    def made(directory: Any, customer: Customer | None, calendars: Any, order: str) -> World:
        return World(
            directory=directory,
            calendars=calendars,
            vault=values,
            customer=customer,
            open_cases=asked.noting(known, place, order),
            new_id=asked.ids(place),
            salt=bytes,
            definition=lambda name: known.archive.definition(name, None),
            own=directory.calendar_of(place.unit),
            taken=counts(place.step),
            led=lambda receiver: 0,
            other_cases=asked.listing(known, place, order),
            # What was counted then is on record with the step; it is not counted again.
            figures=lambda _draft, _asking: place.step.form,
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

    first = next(customers())
    directory, calendars = organisations.at(at), known.calendars(at)
    yield made(directory, first, calendars, "until")
    late = (organisations.last(),) if place.imported else ()
    directories: Iterable[Any] = chain((directory,), organisations.else_at(at), late)
    orders = ("until", "before", "after") if asked.was else ("until",)
    others = product(customers(), chain((calendars,), known.calendars_else(at)), orders, directories)
    for customer, found, order, one in others:
        if (customer, found, order, one) != (first, calendars, "until", directory):
            yield made(one, customer, found, order)


class Asked:
    """Whether a decision looked at the customer's other cases: only then their order matters."""

    def __init__(self) -> None:
        self.was = False

    def noting(self, known: Known, place: Place, order: str) -> Any:
        def open_cases() -> list[str]:
            self.was = True
            if place.customer is None:
                return []
            return known.open_cases(
                place.customer,
                place.step.recorded + (WAITED if order == "after" else NO_TIME),
                but=place.case,
                opened_here=frozenset(_opened(place.onward)),
                strictly=order == "before",
            )

        return open_cases

    def listing(self, known: Known, place: Place, order: str) -> Any:
        def other_cases() -> list[dict[str, Any]]:
            self.was = True
            if place.customer is None:
                return []
            return known.other_cases(
                place.customer,
                place.step.recorded + (WAITED if order == "after" else NO_TIME),
                but=place.case,
                opened_here=frozenset(_opened(place.onward)),
                strictly=order == "before",
            )

        return other_cases

    def ids(self, place: Place) -> Any:
        """The ids that cases opened from here on were given."""
        given = _opened(place.onward)
        return lambda: next(given, 0)


def counts(step: Step) -> Callable[[str, int, datetime | None], int]:
    """What limits counted then, as the step itself says: the count, customers and all, is part of what was taken."""

    def taken(name: str, receiver: int, since: datetime | None) -> int:
        told = {(body["limit"], body["of"]): body.get("count", 0) for op, body in step.ops if op == "taking+"}
        return int(told.get((name.partition(".")[2], receiver), 0))

    return taken


def _opened(steps: Iterable[Step]) -> Iterator[int]:
    """Cases opened in these steps: those a link names for the first time, still open."""
    for step in steps:
        if step.kind in ("link", "reopened"):
            continue
        for place, (op, body) in enumerate(step.ops):
            if op == "link" and not (step.kind == "linked" and place == 0):
                yield body["case"]
