"""The door's part about customers: their own records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflow.core import book, confidence, stints
from workflow.core.case import Case, is_id
from workflow.core.errors import (
    BranchUnfit,
    CaseMovedOn,
    CustomerAlike,
    CustomerKnown,
    CustomerNotFound,
    CustomerUnowned,
    NotPermitted,
    PersonNotFound,
    UnitNotFound,
)
from workflow.core.step import Actor
from workflow.core.world import customer_of
from workflow.customers import contacts, divisions, names, record
from workflow.customers.number import CustomerNumber, next_branch, next_head, parse
from workflow.service import written
from workflow.service.base import Base
from workflow.service.unit import Unit
from workflow.service.vault import fresh_salt
from workflow.storage import keys, phones, recounts, registry

KEEPERS = frozenset({"account_administrator", "director", "account_manager", "supervisor", "administrator"})
"""Who may write customers' records (003 §3.1: the account administrator keeps the files)."""

OWNED = frozenset({"a", "b", "lead", "stage", "until", "unit"})
"""What only a lifecycle changes, so that every owner has a case to show for it."""


class Registry(Base):
    """Customers: registered once, changed with a step each."""

    def register_customer(
        self,
        values: Mapping[str, Any],
        *,
        actor: Actor,
        number: str | None = None,
        head: int | None = None,
        despite: bool = True,
        at: datetime | None = None,
        key: str | None = None,
    ) -> int:
        """Keep a new customer's record; gives its id. `number`: its 14 digits, else the next of its division.

        `head`: the customer whose branch it is, with the next number under it (003 §4.2(3)); `despite` False: refuse
        also what is only alike, so that a person looks at it first. Raises `CustomerKnown` where the same number,
        credit code or name is there already; `CustomerAlike`; `BranchUnfit`; `Refused`.
        """
        now = at or self.clock()
        with self._refusing(actor, None, "register_customer", now), self._unit() as work:
            payload = ["register", dict(values), number, actor.person, actor.behalf]
            payload += [] if head is None else [head]
            known = keys.claim(work.connection, key, payload, now)
            if known is not None:
                return known[0]
            self._keeper(work, actor, now)
            kept = record.checked(values)
            self._placed(work, kept, actor, now)
            _owned(kept)
            given = None if number is None else str(parse(number))
            registry.lock(work.connection)
            above = None if head is None else self._head(work, head, kept, actor, now)
            twin = registry.twin(
                work.connection,
                key=kept["key"],
                divisions=divisions.alike(kept["division"]),
                credit_code=kept["credit_code"],
                number=given,
                family=None if above is None else str(above)[: registry.HEAD],
            )
            if twin is not None:
                raise CustomerKnown(number=twin.number, by=twin.by)
            if not despite:
                self._unlike(work, kept, above)
            if given is None:
                given = self._next(work, kept["division"], above)
            case_id = work.store.new_id()
            decision = book.begin(
                "customer",
                case_id=case_id,
                number=given,
                values={"number": given, **kept},
                actor=actor,
                at=now,
                salt=fresh_salt,
            )
            case = work.begin(case_id, None, decision).case
            if numbers := contacts.phones(kept["contacts"]):
                phones.keep(work.connection, case_id, numbers)
            keys.answer(work.connection, key, case.id, case.seq)
            work.flush()
            return case_id

    def change_customer(
        self,
        customer: int,
        values: Mapping[str, Any],
        *,
        actor: Actor,
        reason: str = "",
        seen: int | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> None:
        """Change a record; owners and stages change by lifecycles only. `seen`: the step the person looked at.

        Raises `CustomerKnown` where another customer has the credit code or name already; `CaseMovedOn`; `Refused`.
        """
        now = at or self.clock()
        with self._refusing(actor, customer, "change_customer", now), self._unit() as work:
            payload = ["change", customer, dict(values), reason, actor.person, actor.behalf]
            if keys.claim(work.connection, key, payload, now) is not None:
                return
            loaded = work.store.load(customer)
            now = max(now, loaded.case.written or now)
            self._keeper(work, actor, now)
            if loaded.case.kind != "customer" or not self._in_reach(work, loaded.case, actor, now):
                raise CustomerNotFound(customer=customer)
            if actor.person is not None and OWNED & values.keys():
                raise NotPermitted(action="change_owner")
            if seen is not None and seen != loaded.case.seq:
                raise CaseMovedOn
            kept = record.checked(values, partial=True)
            self._known(work, kept)
            _owned({**loaded.case.data, **kept})
            self._alone(work, loaded.case, kept)
            noted = book.note(
                loaded.case,
                "change",
                values=kept,
                reason=written.text("reason", reason, needed=False),
                actor=actor,
                at=now,
                recorded=now,
                salt=fresh_salt,
            )
            old = customer_of(loaded.case)
            after = work.take(loaded, noted)
            work.hand_on(old, customer_of(after), now)
            if "contacts" in kept:
                phones.keep(work.connection, customer, contacts.phones(kept["contacts"]))
            if {f"customer.{name}" for name in kept} & self.library.chosen_by:
                recounts.ask(work.connection, now, customer=customer)
            keys.answer(work.connection, key, after.id, after.seq)
            work.flush()

    def _placed(self, work: Unit, kept: dict[str, Any], actor: Actor, at: datetime) -> None:
        """A new customer begins with nobody's, in a unit of who registers it; the system brings owners along."""
        self._known(work, kept)
        if actor.person is None:
            return
        if kept["a"] or kept["b"] or kept["until"] or kept["stage"] != "potential" or kept["lead"] != "a":
            raise NotPermitted(action="change_owner")
        held = work.directory.roles_of(actor.principal, at)
        within = held.keys() | work.directory.scope(actor.principal, at, writing=True).units
        if kept["unit"] is None:
            kept["unit"] = work.directory.home(actor.principal, at)
        elif kept["unit"] not in within and "administrator" not in work.directory.role_names(actor.principal, at):
            raise NotPermitted(action="change_customer")

    def _alone(self, work: Unit, case: Case, kept: Mapping[str, Any]) -> None:
        """A changed name or credit code may not be another customer's."""
        changed = {
            name
            for name in ("key", "division", "credit_code")
            if kept.get(name, case.data.get(name)) != case.data.get(name)
        }
        if not changed:
            return
        registry.lock(work.connection)
        twin = registry.twin(
            work.connection,
            key=kept.get("key", case.data["key"]) if changed & {"key", "division"} else None,
            divisions=divisions.alike(kept.get("division", case.data["division"])),
            credit_code=kept["credit_code"] if "credit_code" in changed else None,
            number=None,
            but=case.id,
            family=str(case.data["number"])[: registry.HEAD],
        )
        if twin is not None:
            raise CustomerKnown(number=twin.number, by=twin.by)

    def _head(self, work: Unit, head: int, kept: dict[str, Any], actor: Actor, at: datetime) -> CustomerNumber:
        """The head office of a new branch, which shares its division. Raises `CustomerNotFound`, `BranchUnfit`."""
        if not is_id(head):
            raise CustomerNotFound(customer=head)
        found = work.store.load(head).case
        if found.kind != "customer" or not self._in_reach(work, found, actor, at):
            raise CustomerNotFound(customer=head)
        number = parse(found.data["number"])
        if not number.is_head or found.data.get("merged") is not None:
            raise BranchUnfit(number=str(number))
        kept["division"] = number.division
        return number

    def _next(self, work: Unit, division: str, head: CustomerNumber | None) -> str:
        """The next number nobody has: imports bring their own."""
        if head is not None:
            return str(next_branch(head, registry.last_branch(work.connection, str(head)[: registry.HEAD])))
        while True:
            last = registry.next_sequence(work.connection, division) - 1
            given = str(next_head(division, last))
            if not registry.is_taken(work.connection, given):
                return given

    def _unlike(self, work: Unit, kept: Mapping[str, Any], head: CustomerNumber | None) -> None:
        """Raises `CustomerAlike` where somebody should look first; a branch is like its own family, and may be."""
        numbers = contacts.phones(kept["contacts"])
        found = registry.alike(
            work.connection,
            key=kept["key"],
            heads=names.heads_of(kept["key"]),
            endings=names.ENDINGS,
            credit_code=None,
            number=None,
            digests=phones.digests(work.connection, numbers) if numbers else (),
        )
        stem = None if head is None else str(head)[: registry.HEAD]
        others = {row.id for row in found if stem is None or row.number[: registry.HEAD] != stem}
        if others:
            raise CustomerAlike(count=len(others))

    def _known(self, work: Unit, kept: Mapping[str, Any]) -> None:
        """Whoever a record names must be there."""
        if kept.get("unit") is not None and work.directory.unit(kept["unit"]) is None:
            raise UnitNotFound(unit=kept["unit"])
        for name in ("a", "b"):
            if kept.get(name) is not None and work.directory.person(kept[name]) is None:
                raise PersonNotFound(person=kept[name])

    def _keeper(self, work: Unit, actor: Actor, at: datetime) -> None:
        self._check_actor(work, actor, at)
        if actor.person is not None and not work.directory.role_names(actor.principal, at) & KEEPERS:
            raise NotPermitted(action="change_customer")

    def _in_reach(self, work: Unit, case: Case, actor: Actor, at: datetime) -> bool:
        if actor.person is None or actor.principal in (case.data.get("a"), case.data.get("b")):
            return True
        if work.directory.scope(actor.principal, at, writing=True).organisation:
            return True
        reach = confidence.reach(work.directory, actor.principal, at, writing=True)
        return case.data.get("unit") in reach.of(confidence.level_of(case.data))


def _owned(record: Mapping[str, Any]) -> None:
    """Whoever is being won or kept is somebody's. Raises `CustomerUnowned`."""
    if stints.unowned(record):
        raise CustomerUnowned(stage=record["stage"])
