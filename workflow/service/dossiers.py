"""The door's part about a customer's file: who reads it, and what its cases say about its revenue.

Who reads a file is recorded (001 §4, 003 §3.1): once a day and person, and each time personal values are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Literal

from workflow.core.case import Case
from workflow.core.codec import case_from
from workflow.core.errors import CustomerNotFound
from workflow.core.step import Actor
from workflow.customers import contacts
from workflow.customers.contacts import Contact
from workflow.service.case_reads import CaseReads
from workflow.service.shown import unveiled
from workflow.service.views.customers import CustomerRow
from workflow.service.views.names import Masked, PersonName
from workflow.storage import reads, registry
from workflow.storage.queries import cases, customers, lookers
from workflow.storage.queries.paging import AnyRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

LOOKED = "customer.file"
SHOWN = "customer.personal"
ANEW = timedelta(hours=24)
REVENUE = "yearly_revenue"
"""The field by which a lifecycle says what a customer brought in within a year."""
CONTRACT = "contract_number"
CONTRACT_DAYS = ("contract_date", "contract_end")
OFF, ENDS, VALID = "off", "ends", "valid"
"""The fields and the phase by which a lifecycle says that a discount holds, how much it is and until when."""
"""The fields by which a lifecycle says what was signed; `products` and `yearly_value` beside them."""
DEVELOPMENT = "development"
KEPT = "maintained"
LONG = timedelta(days=365)
MOST = 12


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody read a file. `kind`: `customer.file`, `customer.personal`, or an export's."""

    person: PersonName | None
    at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A year's revenue in yuan as a case wrote it down."""

    case: int
    number: str
    at: datetime
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Discount:
    """A tariff discount in force or granted. `off`: percent; `ends`: a day, the last one it holds."""

    number: str
    off: Decimal
    ends: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """An agreement as a case wrote it down. `signed`, `ends`: days as `2026-03-02`; `yearly` in yuan."""

    case: int
    number: str
    signed: str
    ends: str
    products: str
    yearly: Decimal | None


Standing = Literal["new", "existing", "none"]


class Dossiers(CaseReads):
    """Customers' files as something that is read."""

    def look_at_customer(self, customer: int, reader: Actor) -> None:
        """Keep that somebody reads a file, unless that was kept within the last 24 hours. Raises CustomerNotFound."""
        with self._read(reader) as (connection, shown):
            if cases.one(connection, customer, shown.reader) is None:
                raise CustomerNotFound(customer=customer)
            since = self.clock() - ANEW
            if lookers.looked(connection, customer, LOOKED, person=reader.person, since=since):
                return
        with self.database.writing() as connection:
            reads.note(connection, LOOKED, reader=reader, case=customer, detail={}, at=self.clock())

    def show_contacts(self, customer: int, reader: Actor) -> tuple[Contact, ...] | Masked:
        """A customer's contacts; that they were shown is kept before. Raises CustomerNotFound.

        `Masked` for who is not involved, and for nobody else is anything kept.
        """
        with self._read(reader) as (connection, shown):
            row = cases.one(connection, customer, shown.reader)
            if row is None or row.kind != "customer":
                raise CustomerNotFound(customer=customer)
            held = self._view(connection, shown, row).data.get("contacts", "")
        if isinstance(held, Masked):
            return held
        with self.database.writing() as connection:
            reads.note(connection, SHOWN, reader=reader, case=customer, detail={"of": "contacts"}, at=self.clock())
        return contacts.read(held)

    def looks_at(self, customer: int, reader: Actor) -> list[Look]:
        """Who read a file last, the newest first. Raises CustomerNotFound."""
        with self._read(reader) as (connection, shown):
            if cases.one(connection, customer, shown.reader) is None:
                raise CustomerNotFound(customer=customer)
            found = lookers.latest(connection, customer, limit=MOST)
            return [Look(shown.person(row.person_id), row.at, row.kind) for row in found]

    def customer_family(self, customer: int, reader: Actor) -> list[CustomerRow]:
        """The head office of a customer and its branches that the reader may see, by number (003 §4.2(3))."""
        return self._related(customer, reader, lambda connection, row: registry.family(connection, row.number))

    def merged_into(self, customer: int, reader: Actor) -> list[CustomerRow]:
        """The records that were found to be this customer and that the reader may see, by number."""
        return self._related(customer, reader, lambda connection, row: registry.merged_into(connection, row.id))

    def contracts_of(self, customer: int, reader: Actor) -> list[Contract]:
        """A customer's agreements as its cases wrote them down, the oldest first; one that went on to a later case with
        its number stands there."""
        found = map(_contract, self._telling(customer, reader, CONTRACT))
        return list({one.number: one for one in found if one is not None}.values())

    def discounts_of(self, customer: int, reader: Actor) -> list[Discount]:
        """A customer's discounts that hold, as their cases say, the oldest first."""
        found = []
        for one in self._telling(customer, reader, OFF):
            rules, off = self.library.get(one.definition, one.version), _amount(one.data, OFF)
            if off is not None and rules.states[one.state].phase == VALID:
                found.append(Discount(one.number, off, str(one.data.get(ENDS) or "")))
        return found

    def standing_of(self, customer: int, reader: Actor) -> Standing:
        """New or existing: a fact about projects, not about time (000 §3.2.4).

        New while a project is under development: an open case in a phase that its lifecycle calls `development`, and
        not a long-running one (a year: ours). `none`: nobody keeps the customer yet.
        """
        with self._read(reader) as (connection, shown):
            row = customers.one(connection, customer, shown.reader)
            if row is None:
                raise CustomerNotFound(customer=customer)
            if lookers.in_phase(connection, customer, DEVELOPMENT, since=self.clock() - LONG):
                return "new"
            return "existing" if row.stage == KEPT else "none"

    def _related(
        self, customer: int, reader: Actor, rows: Callable[[Connection, AnyRow], Iterable[AnyRow]]
    ) -> list[CustomerRow]:
        with self._read(reader) as (connection, shown):
            row = customers.one(connection, customer, shown.reader)
            if row is None:
                raise CustomerNotFound(customer=customer)
            found = list(rows(connection, row))
            seen = customers.readable_of(connection, {one.id for one in found}, shown.reader)
            return [shown.customer_row(one, 0) for one in found if one.id in seen]

    def _telling(self, customer: int, reader: Actor, field: str) -> list[Case]:
        """The newest cases about a customer of the lifecycles that have a field, the oldest first."""
        asking = {one.name for one in self.library.latest.values() if field in one.fields}
        with self._read(reader) as (connection, shown):
            bodies = lookers.bodies(connection, customer, asking, shown.reader, limit=MOST)
            return [case_from(row.body) for row in bodies]

    def revenue_of(self, customer: int, reader: Actor) -> list[Figure]:
        """A customer's yearly revenue as its cases wrote it down, the oldest first."""
        figures = [(one, _amount(one.data, REVENUE)) for one in self._telling(customer, reader, REVENUE)]
        return [Figure(one.id, one.number, one.opened, amount) for one, amount in figures if amount is not None]


def _contract(case: Case) -> Contract | None:
    said = {name: str(unveiled(case.data.get(name), None) or "") for name in (CONTRACT, *CONTRACT_DAYS, "products")}
    if not said[CONTRACT]:
        return None
    signed, ends = (said[name] for name in CONTRACT_DAYS)
    return Contract(
        case=case.id,
        number=said[CONTRACT],
        signed=signed,
        ends=ends,
        products=said["products"],
        yearly=_amount(case.data, "yearly_value"),
    )


def _amount(data: Mapping[str, object], field: str) -> Decimal | None:
    try:
        return Decimal(str(data[field])) if data.get(field) is not None else None
    except InvalidOperation:
        return None
