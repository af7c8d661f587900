"""What the rules knew when a step was decided: organisation, customer, calendars and other cases as they were then."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from workflow.audit.organisation import Organisations
from workflow.audit.past import Timeline
from workflow.core.calendar import Calendar
from workflow.core.case import Case
from workflow.core.definition.lifecycle import Definition
from workflow.core.moments import EPOCH, exact
from workflow.core.replay import apply
from workflow.core.step import Step
from workflow.core.world import Customer, customer_of

V = TypeVar("V")

KEPT = 2000
"""Customers whose past is held at a time."""


class Archive(Protocol):
    """Where histories are read: a database, or a file of golden ones."""

    def steps(self, case: int) -> Sequence[Step]:
        """The whole history of a case, a customer's record or the organisation; empty when there is none."""
        ...

    def first(self, case: int) -> Step | None:
        """The first step of a case; None when there is none."""
        ...

    def failed(self, case: int, at: datetime) -> bool:
        """Whether a timer of the case would not fire at that moment, and it is on record as an incident."""
        ...

    def cases_of(self, customer: int) -> Sequence[int]:
        """The cases about a customer."""
        ...

    def calendars(self) -> Iterable[tuple[datetime, Calendar]]:
        """Every version of every calendar that was kept, with the moment it was, oldest first."""
        ...

    def definition(self, name: str, version: int | None) -> Definition:
        """A version of a lifecycle. Raises DefinitionUnknown."""
        ...

    def own_calendars(self) -> Mapping[str, Calendar]:
        """The calendars of the files."""
        ...


class Asked:
    """An archive that notes what it is asked for: what a verdict rests on."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.begin()

    def begin(self) -> None:
        """Forget what was asked for: another history is judged now."""
        self.histories: set[int] = set()
        self.customers: set[int] = set()
        """Those whose cases were asked for."""
        self.unsettled = False
        """Whether something was asked for that is in no history, and may change."""

    def steps(self, case: int) -> Sequence[Step]:
        self.histories.add(case)
        return self._archive.steps(case)

    def first(self, case: int) -> Step | None:
        self.histories.add(case)
        return self._archive.first(case)

    def failed(self, case: int, at: datetime) -> bool:
        self.unsettled = True
        return self._archive.failed(case, at)

    def cases_of(self, customer: int) -> Sequence[int]:
        self.customers.add(customer)
        return self._archive.cases_of(customer)

    def calendars(self) -> Iterable[tuple[datetime, Calendar]]:
        return self._archive.calendars()

    def definition(self, name: str, version: int | None) -> Definition:
        return self._archive.definition(name, version)

    def own_calendars(self) -> Mapping[str, Calendar]:
        return self._archive.own_calendars()


@dataclass(frozen=True, slots=True)
class Seen:
    """A customer's record after one of its steps. `cause`: the case and step that brought it about."""

    customer: Customer
    cause: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Presence:
    """Another case of the customer, after one of its steps."""

    open: bool
    definition: str
    marks: tuple[str, ...]
    number: str
    opened: datetime
    unit: int | None


class Known:
    """The past of everything beside the case that is looked at. Read as it is asked for, and held for the next."""

    def __init__(self, archive: Archive, *, book: int, organisations: Organisations | None = None) -> None:
        """`book`: the organisation's record; `organisations`: its history, where it was read already."""
        self.archive = Asked(archive)
        self.organisations = organisations or Organisations(archive.steps(book))
        self._customers: OrderedDict[int, Timeline[Seen]] = OrderedDict()
        self._cases: OrderedDict[int, list[tuple[int, Timeline[Presence]]]] = OrderedDict()
        self._links: OrderedDict[int, frozenset[int]] = OrderedDict()
        self._calendars = self._calendars_by_moment()

    def newest(self, name: str) -> Definition:
        """The newest version of a lifecycle. Raises DefinitionUnknown."""
        return self.archive.definition(name, None)

    def calendars(self, at: datetime) -> Mapping[str, Calendar]:
        found = self._calendars.at(at)
        return {} if found is None else found

    def calendars_else(self, at: datetime) -> Iterator[Mapping[str, Calendar]]:
        return self._calendars.else_at(at)

    def customer(self, customer: int, at: datetime, *, but: tuple[int, int]) -> Customer | None:
        """A customer as the rules saw it, without what this very step (`but`) or a later one of the case did to it."""
        return next(self.customers(customer, at, but=but), None)

    def customers(self, customer: int, at: datetime, *, but: tuple[int, int]) -> Iterator[Customer]:
        """The same, and what it may have been instead."""
        timeline = self._of_customer(customer)

        def before(one: Seen) -> bool:
            return one.cause is None or one.cause[0] != but[0] or one.cause[1] < but[1]

        found = timeline.at(at)
        if found is not None and before(found):
            yield found.customer
        for one in timeline.else_at(at):
            if before(one):
                yield one.customer

    def open_cases(
        self, customer: int, at: datetime, *, but: int, opened_here: frozenset[int], strictly: bool = False
    ) -> list[str]:
        """What `customer.open` listed. `opened_here`: cases the step itself, or a later one, opened."""
        names: dict[str, None] = {}
        for case, timeline in self._of_cases(customer):
            if case == but or case in opened_here:
                continue
            found = timeline.before(at) if strictly else timeline.until(at)
            if found is not None and found.open:
                names[found.definition] = None
                names.update(dict.fromkeys(f"{found.definition}:{mark}" for mark in found.marks))
        return list(names)

    def other_cases(
        self, customer: int, at: datetime, *, but: int, opened_here: frozenset[int], strictly: bool = False
    ) -> list[dict[str, Any]]:
        """What `customer.cases` listed; the same otherwise as `open_cases`."""
        found = []
        for case, timeline in self._of_cases(customer):
            one = timeline.before(at) if strictly else timeline.until(at)
            if case not in (but, *opened_here) and one is not None and one.open:
                found.append((one.opened, case, one))
        return [
            {
                "id": case,
                "definition": one.definition,
                "number": one.number,
                "opened": exact(opened),
                "unit": one.unit or 0,
                "marks": list(one.marks),
            }
            for opened, case, one in sorted(found, key=lambda each: each[:2])
        ]

    def ordered(self, parent: int, child: int) -> bool:
        """Whether a case opened another one, by its own history."""
        self.archive.histories.add(parent)
        return child in _held(self._links, parent, self._read_links)

    def _read_links(self, case: int) -> frozenset[int]:
        return frozenset(body["case"] for step in self.archive.steps(case) for op, body in step.ops if op == "link")

    def _of_customer(self, customer: int) -> Timeline[Seen]:
        self.archive.histories.add(customer)
        return _held(self._customers, customer, self._read_customer)

    def _of_cases(self, customer: int) -> list[tuple[int, Timeline[Presence]]]:
        self.archive.customers.add(customer)
        return _held(self._cases, customer, self._read_cases)

    def _read_customer(self, customer: int) -> Timeline[Seen]:
        timeline: Timeline[Seen] = Timeline()
        record: Case | None = None
        for step in self.archive.steps(customer):
            record = apply(record, step)
            cause = next((body["cause"] for op, body in step.ops if op == "record"), None)
            seen = Seen(customer_of(record), None if cause is None else (cause[0], cause[1]))
            timeline.add(step.recorded, seen)
        return timeline

    def _read_cases(self, customer: int) -> list[tuple[int, Timeline[Presence]]]:
        found = []
        for case in self.archive.cases_of(customer):
            timeline: Timeline[Presence] = Timeline()
            present: Presence | None = None
            for step in self.archive.steps(case):
                before, present = present, _present(present, step)
                if present is not before:
                    timeline.add(step.recorded, present)
            found.append((case, timeline))
        return found

    def _calendars_by_moment(self) -> Timeline[Mapping[str, Calendar]]:
        """What was kept first holds from the beginning; a calendar of the files nobody kept holds always."""
        timeline: Timeline[Mapping[str, Calendar]] = Timeline()
        kept = list(self.archive.calendars())
        held: dict[str, Calendar] = {}
        for _, one in kept:
            held.setdefault(one.name, one)
        for one in self.archive.own_calendars().values():
            if one.name not in held or one.version < held[one.name].version:
                held[one.name] = one
        timeline.add(EPOCH, held)
        for moment, one in kept:
            if held[one.name].version < one.version:
                held = {**held, one.name: one}
                timeline.add(moment, held)
        return timeline


def _present(before: Presence | None, step: Step) -> Presence:
    """How the case stands after a step; the very same where the step says nothing of it."""
    said = {op: body for op, body in step.ops if op in _SAYS}
    if before is not None and not said:
        return before
    opening, opened, marks = said.get("case"), said.get("close"), said.get("marks")
    now = before or Presence(True, "", (), "", step.effective, None)
    if opening is not None:
        now = replace(now, definition=opening["definition"], number=opening["number"], unit=opening["unit"])
    return Presence(
        open=opened is None if "close" in said else now.open,
        definition=now.definition,
        marks=now.marks if marks is None else tuple(marks),
        number=now.number,
        opened=now.opened,
        unit=said.get("unit", now.unit),
    )


_SAYS = frozenset({"case", "unit", "close", "marks"})
"""Facts of a step that change how other cases see the case."""


def _held(kept: OrderedDict[int, V], key: int, read: Callable[[int], V]) -> V:
    """From what is held, else read; the one held longest goes when there are too many."""
    found = kept.get(key)
    if found is None:
        found = kept[key] = read(key)
        if len(kept) > KEPT:
            kept.popitem(last=False)
    return found
