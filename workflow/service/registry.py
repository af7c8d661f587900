"""The door's part about customers: their own records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflow.core import book, stints
from workflow.core.case import Case
from workflow.core.errors import (
    CaseMovedOn,
    CustomerKnown,
    CustomerNotFound,
    CustomerUnowned,
    NotPermitted,
    PersonNotFound,
    UnitNotFound,
)
from workflow.core.step import Actor
from workflow.customers import record
from workflow.customers.number import next_head, parse
from workflow.service import written
from workflow.service.base import Base
from workflow.service.unit import Unit, fresh_salt
from workflow.storage import keys, recounts, registry

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
        at: datetime | None = None,
        key: str | None = None,
    ) -> int:
        """Keep a new customer's record; gives its id. `number`: its 14 digits, else the next of its division.

        Raises `CustomerKnown` where the same number, credit code or name is there already; `Refused`.
        """
        now = at or self.clock()
        with self._refusing(actor, None, "register_customer", now), self._unit() as work:
            payload = ["register", dict(values), number, actor.person, actor.behalf]
            known = keys.claim(work.connection, key, payload, now)
            if known is not None:
                return known[0]
            self._keeper(work, actor, now)
            kept = record.checked(values)
            self._placed(work, kept, actor, now)
            _owned(kept)
            given = None if number is None else str(parse(number))
            registry.lock(work.connection)
            twin = registry.twin(
                work.connection,
                key=kept["key"],
                division=kept["division"],
                credit_code=kept["credit_code"],
                number=given,
            )
            if twin is not None:
                raise CustomerKnown(number=twin.number, by=twin.by)
            if given is None:
                last = registry.next_sequence(work.connection, kept["division"]) - 1
                given = str(next_head(kept["division"], last))
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
            after = work.take(loaded, noted)
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
            division=kept.get("division", case.data["division"]),
            credit_code=kept["credit_code"] if "credit_code" in changed else None,
            number=None,
            but=case.id,
        )
        if twin is not None:
            raise CustomerKnown(number=twin.number, by=twin.by)

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
        scope = work.directory.scope(actor.principal, at, writing=True)
        return scope.organisation or case.data.get("unit") in scope.units


def _owned(record: Mapping[str, Any]) -> None:
    """Whoever is being won or kept is somebody's. Raises `CustomerUnowned`."""
    if stints.unowned(record):
        raise CustomerUnowned(stage=record["stage"])
