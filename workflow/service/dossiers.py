"""The door's part about a customer's file: who reads it, and what its cases say about its revenue.

Who reads a file is recorded (001 §4, 003 §3.1): once a day and person, and each time personal values are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from workflow.core.codec import case_from
from workflow.core.errors import CustomerNotFound
from workflow.core.step import Actor
from workflow.customers import contacts
from workflow.customers.contacts import Contact
from workflow.service.case_reads import CaseReads
from workflow.service.views import Masked, PersonName
from workflow.storage import reads
from workflow.storage.queries import cases, lookers

LOOKED = "customer.file"
SHOWN = "customer.personal"
ANEW = timedelta(hours=24)
REVENUE = "yearly_revenue"
"""The field by which a lifecycle says what a customer brought in within a year."""
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

    def revenue_of(self, customer: int, reader: Actor) -> list[Figure]:
        """A customer's yearly revenue as its cases wrote it down, the oldest first."""
        asking = {one.name for one in self.library.latest.values() if REVENUE in one.fields}
        with self._read(reader) as (connection, shown):
            found = [
                case_from(row.body) for row in lookers.bodies(connection, customer, asking, shown.reader, limit=MOST)
            ]
        figures = [(one, _amount(one.data)) for one in found]
        return [Figure(one.id, one.number, one.opened, amount) for one, amount in figures if amount is not None]


def _amount(data: Mapping[str, object]) -> Decimal | None:
    try:
        return Decimal(str(data[REVENUE])) if data.get(REVENUE) is not None else None
    except InvalidOperation:
        return None
