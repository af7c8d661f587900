"""One writing unit of the door: a store, the organisation as it is now, and the rules applied in between."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from workflow.core import book, decide, hands, standing, unasked
from workflow.core.carrying import Carrying, Room
from workflow.core.case import Case, Timer
from workflow.core.definition.figures import Draft
from workflow.core.definition.lifecycle import Definition
from workflow.core.errors import CaseNotFound, CustomerNotFound, FileClosed
from workflow.core.moments import micros
from workflow.core.step import Actor
from workflow.core.work import Decision, Opening, StartForm
from workflow.core.world import Asking, Customer, World, customer_of
from workflow.definitions.library import Library
from workflow.service.directories import Directories
from workflow.service.vault import Vault, fresh_salt
from workflow.storage import recounts, registry
from workflow.storage.due import DueTimer
from workflow.storage.faults import of_database
from workflow.storage.queries import drafts, load
from workflow.storage.store import Loaded, Mark, Store

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = logging.getLogger(__name__)

MOST_FIRINGS = 500
"""How many of one case's timers fire in one unit; the next sweep goes on."""


@dataclass(frozen=True, slots=True)
class Due:
    """What has come due on a case: its decisions in order, and the case after them.

    `moments`: the kind of each timer, and when it was due.
    """

    decisions: tuple[Decision, ...]
    case: Case
    timers: int
    moments: tuple[tuple[str, datetime], ...] = ()


class Unit:
    """Inside one transaction. Nothing is written before `flush`."""

    def __init__(
        self, connection: Connection, library: Library, directories: Directories, carrying: Carrying | None = None
    ) -> None:
        self.connection = connection
        self.library = library
        self.directories = directories
        self.carrying = carrying
        self.store = Store(connection)
        self.directory = directories.current(connection, self.store.directory_version())
        self._vaults: dict[int, Vault] = {}
        self.told: set[int] = set()
        """Cases a linked case ended for: they are swept as soon as this unit is committed."""
        self.fired: list[tuple[str, datetime]] = []
        """The kind of each timer that fired here, and when it was due."""

    def definition(self, case: Case) -> Definition:
        """The version the case was opened with."""
        return self.library.get(case.definition, case.version)

    def world(self, loaded: Loaded) -> World:
        """What the rules may know about a case."""
        case = loaded.case
        return self._world(case.id, self._present(loaded), lambda: self.store.vault(case.id), case.unit)

    def _present(self, loaded: Loaded) -> Customer | None:
        """The customer of a case as it is by now: another case may have changed its record in this unit."""
        customer = loaded.customer
        if customer is not None and self.store.holds(customer.id):
            customer = customer_of(self.store.load(customer.id).case)
        return customer

    def _world(
        self, case: int, customer: Customer | None, read: Callable[[], dict[str, str | None]], unit: int | None
    ) -> World:
        # One vault a case: what a first decision hides, a second one in this unit must be able to look at.
        vault = self._vaults.setdefault(case, Vault(read))

        def open_cases() -> list[str]:
            return self.store.open_of(customer.id, but=case) if customer is not None else []

        return World(
            directory=self.directory,
            calendars=self.directories.calendars(self.library),
            vault=vault,
            customer=customer,
            open_cases=open_cases,
            new_id=self.store.new_id,
            salt=fresh_salt,
            definition=self.library.get,
            own=self.directory.calendar_of(unit),
            taken=self.store.taken,
            led=lambda person: self.store.led(person, but=customer.id if customer else 0),
            room=lambda receiver, limits: self._room(receiver, limits, customer),
            other_cases=lambda: [] if customer is None else self.store.cases_of(customer.id, but=case),
            figures=self._figures,
        )

    def _figures(self, draft: Draft, asking: Asking) -> Mapping[str, Any]:
        return drafts.figures(self.connection, draft, asking)

    def _room(self, receiver: int, limits: tuple[str, ...], customer: Customer | None) -> Room | None:
        if self.carrying is None:
            return None
        added = {customer.id} if customer is not None else set()
        led = load.coming_to(self.connection, receiver, limits) - added
        spent = load.spends(self.connection, led | added)
        adds = sum(self.carrying.part(spent[one]) for one in added)
        return Room(self.carrying.carried(spent[one] for one in led), adds)

    def catch_up(self, loaded: Loaded, at: datetime) -> int:
        """Fire what has come due on a case before anything else happens to it; gives the number of timers.

        A late answer is a breach also when no sweep came by in between; one at the due moment itself is in time.
        A timer that fails is left to the sweep, which makes an incident of it: people can go on working on the case.
        """
        mark, told = self.store.mark(), set(self.told)
        try:
            due = self.due(loaded, at - timedelta(microseconds=1), recorded=at)
            self.take_due(loaded, due)
        except Exception as failure:
            if of_database(failure):
                raise
            log.exception("A timer of case %s failed before a command", loaded.case.id)
            self.forget(mark)
            self.told = told
            return 0
        return due.timers

    def forget(self, mark: Mark) -> None:
        """Take back what was kept since the mark."""
        self.store.back(mark)

    def due(
        self, loaded: Loaded, at: datetime, *, case: Case | None = None, world: World | None = None, recorded: datetime
    ) -> Due:
        """Decide, without keeping anything yet, on all that has come due, in due order.

        `case` and `world` go on from decisions made already.
        """
        case = case or loaded.case
        world = world or self.world(loaded)
        decisions: list[Decision] = []
        moments: list[tuple[str, datetime]] = []
        while len(decisions) < MOST_FIRINGS and (timer := _next(case, at)) is not None:
            decision = unasked.fire(self.definition(case), case, world, timer, recorded=recorded)
            case = _after(decision)
            decisions.append(decision)
            moments.append((timer.kind, timer.due))
        return Due(tuple(decisions), case, len(decisions), tuple(moments))

    def customer_moved(self, loaded: Loaded) -> bool:
        """Lock the record of a case's customer; gives whether another case changed it since this one looked.

        Of two that would take one customer over at once, the second must decide again on what the first has made of it.
        """
        if loaded.customer is None or self.store.holds(loaded.customer.id):
            return False
        return customer_of(self.store.load(loaded.customer.id).case) != loaded.customer

    def take_due(self, loaded: Loaded, due: Due) -> None:
        for decision in due.decisions:
            self.take(loaded, decision)
        self.fired.extend(due.moments)

    def take(self, loaded: Loaded, decision: Decision) -> Case:
        """Keep a decision: its steps, the cases it opens, the customer's record, word to the case above."""
        before, after = loaded.case, _after(decision)
        self.store.append(loaded.before, after, decision.steps, decision.secrets, sealed=decision.sealed)
        if self._opens_seal(before, after):
            self.store.unseal(after.id)
        loaded.case = after
        last = decision.steps[-1]
        if after.customer is not None:
            for definition, trigger in decision.signals:
                others = self.store.others_of(after.customer, definition, but=after.id)
                above = after.parent
                if above is not None and above not in others and self.store.definition_of(above) == definition:
                    others = [*others, above]
                for other in others:
                    self.store.word(other, after.id, trigger, micros(last.effective))
                    self.told.add(other)
        # Of those about other customers in the order of their numbers: two plans lock what they share alike.
        for opening in sorted(decision.openings, key=lambda one: one.about or ""):
            self._open(loaded, opening, actor=decision.steps[0].actor, at=last.effective, recorded=last.recorded)
        if decision.customer and after.customer is not None:
            self._note_customer(loaded, after.customer, decision)
        reopened = before.closed is not None and after.closed is None
        if after.parent is not None and (decision.ended or reopened):
            self.store.signal(after.parent, after.id, after.state if decision.ended else "", micros(last.effective))
            self.told.add(after.parent)
        return after

    def _opens_seal(self, before: Case, after: Case) -> bool:
        if after.kind != "case":
            return False
        seal = self.definition(after).sealed
        return seal is not None and before.state in seal.states and after.state not in seal.states

    def heard(self, case: Case, world: World, word: DueTimer, *, recorded: datetime) -> Decision | None:
        """Word from elsewhere: a linked case ended, one of the customer pulls a trigger here, or it changed hands."""
        if word.kind == "linked":
            return self.linked(case, world, -word.no, word.name, at=word.due, recorded=recorded)
        if word.kind == hands.OP:
            said = hands.read(word.name)
            return unasked.handed(self.definition(case), case, world, said=said, at=word.due, recorded=recorded)
        sender, _, trigger = word.name.partition(":")
        return unasked.signalled(
            self.definition(case), case, world, trigger=trigger, sender=int(sender), at=word.due, recorded=recorded
        )

    def linked(
        self, case: Case, world: World, child: int, outcome: str, *, at: datetime, recorded: datetime
    ) -> Decision:
        """A linked case of this one ended."""
        rules = self.definition(case)
        return unasked.linked(rules, case, world, child=child, outcome=outcome, at=at, recorded=recorded)

    def begin(self, case_id: int, customer: Customer | None, decision: Decision) -> Loaded:
        """Keep the first steps of a new case."""
        case = _after(decision)
        self.store.append(None, case, (), ())
        loaded = self.store.load(case_id)
        loaded.customer = customer
        self.take(loaded, decision)
        return loaded

    def flush(self) -> None:
        self.store.flush(self._phase)

    def new_world(self, case_id: int, customer: Customer | None, unit: int | None) -> World:
        """What the rules may know about a case that is about to be opened."""
        return self._world(case_id, customer, dict, unit)

    def _phase(self, case: Case) -> str:
        if case.kind != "case":
            return ""
        return self.definition(case).states[case.state].phase

    def _open(self, parent: Loaded, opening: Opening, *, actor: Actor, at: datetime, recorded: datetime) -> None:
        definition = self.library.get(opening.definition)
        customer, unit = self._present(parent), opening.unit
        form: Mapping[str, Any] | None = None
        if opening.asks:
            start = opening.start or StartForm({})
            form = start.answers
            if customer is None and start.customer is not None:
                customer = self.subject(start.customer)
            if customer is not None:
                self.insist_on_file(definition, customer.id, actor=actor, at=at)
        elif opening.about is not None:
            customer = self._numbered(opening.about, parent.case)
            unit = customer.unit if customer.unit is not None else unit
        elif definition.open_when and customer is not None:
            # Of two that would be opened at once the second finds the first.
            customer = customer_of(self.store.load(customer.id).case)
        world = self.new_world(opening.id, customer, unit)
        decision = decide.open_case(
            definition,
            world,
            case_id=opening.id,
            number=definition.number(opening.id),
            customer=parent.case.customer if customer is None else customer.id,
            unit=unit,
            form=form,
            actor=actor,
            at=at,
            recorded=recorded,
            parent=parent.case,
            link=opening.link,
            given=opening.data,
        )
        self.begin(opening.id, world.customer, decision)

    def subject(self, customer: int) -> Customer:
        """Lock the customer a case is to be about; for one merged into another, that. Raises `CustomerNotFound`."""
        try:
            record = self.store.load(customer)
        except CaseNotFound:
            raise CustomerNotFound(customer=customer) from None
        if record.case.kind != "customer":
            raise CustomerNotFound(customer=customer)
        kept = record.case.data.get("merged")
        if kept == customer:
            raise CustomerNotFound(customer=customer)
        return customer_of(record.case if kept is None else self.store.load(kept).case)

    def insist_on_file(self, rules: Definition, customer: int, *, actor: Actor, at: datetime) -> None:
        """Who opens a case reads the customer's file, unless the lifecycle asks nothing such. Raises `FileClosed`."""
        if actor.person is None or not standing.asks_for_file(rules):
            return
        some = [actor.behalf] if actor.behalf else [actor.person, *self.directory.substituting(actor.person, at)]
        if not standing.reads_file(
            self.directory,
            self.store.load(customer).case,
            some,
            at,
            took_part=lambda: any(self.store.took_part(customer, person, but=standing.OUTSIDE) for person in some),
        ):
            raise FileClosed(customer=customer)

    def _numbered(self, number: str, parent: Case) -> Customer:
        """Lock the customer of that number, of the parent's unit or one below. Raises `CustomerNotFound`."""
        row = next(iter(registry.matching(self.connection, "number", (number,))), None)
        customer = None if row is None else customer_of(self.store.load(row.id).case)
        within = self.directory.below(parent.unit) if parent.unit is not None else frozenset()
        if customer is None or customer.unit not in within:
            raise CustomerNotFound(customer=number)
        return customer

    def _note_customer(self, loaded: Loaded, customer: int, decision: Decision) -> None:
        record = self.store.load(customer)
        old = customer_of(record.case)
        last = decision.steps[-1]
        noted = book.note(
            record.case,
            last.trigger,
            values=decision.customer,
            actor=last.actor,
            at=max(last.effective, record.case.moment or last.effective),
            recorded=max(last.recorded, record.case.written or last.recorded),
            salt=fresh_salt,
            cause=(last.case, last.seq),
        )
        self.store.append(record.before, _after(noted), noted.steps, noted.secrets)
        if {f"customer.{name}" for name in decision.customer} & self.library.chosen_by:
            recounts.ask(self.connection, last.effective, customer=customer)
        loaded.customer = customer_of(record.case)
        self.hand_on(old, loaded.customer, noted.steps[-1].effective)

    def hand_on(self, old: Customer, new: Customer, at: datetime) -> None:
        """Tell the customer's open cases that it has changed hands; each gives its tasks on by itself, later.

        Not in this unit of work: no transaction holds two cases. The word is committed with the change, so
        whoever dies in between is followed by a sweep that goes on.
        """
        if hands.turned(old, new):
            for case in self.store.cases_of(new.id, but=new.id):
                self.store.handed(case["id"], hands.written(hands.before(old)), micros(at))
                self.told.add(case["id"])


def _after(decision: Decision) -> Case:
    if decision.case is None:
        raise AssertionError("a decision has at least one step")
    return decision.case


def _next(case: Case, at: datetime) -> Timer | None:
    due = [t for t in case.timers if t.due <= at]
    return min(due, key=lambda t: (t.due, t.no)) if due else None
