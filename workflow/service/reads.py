"""What the door answers. Every read takes the reader, and is narrowed in the query by unit and role."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from workflow.core.case import is_id
from workflow.core.directory import Directory
from workflow.core.errors import CustomerNotFound, NoticeNotFound
from workflow.core.moments import micros
from workflow.core.step import Actor
from workflow.customers.contacts import normalised_phone
from workflow.customers.names import normalised
from workflow.service.calendar_reads import CalendarReads
from workflow.service.due_reads import DueReads
from workflow.service.shown import Shown
from workflow.service.views.cases import CaseRow
from workflow.service.views.clocks import ClockRow, EscalationRow
from workflow.service.views.customers import CustomerRow, CustomerView
from workflow.service.views.lists import Filters, Page
from workflow.service.views.notices import DeliveryRow, NoticeRow
from workflow.service.views.refusals import IncidentRow, RefusalRow
from workflow.service.views.tasks import TaskRow
from workflow.storage import phones
from workflow.storage.queries import cases, customers, history, notices, oversight, tasks
from workflow.storage.queries.paging import AnyRow, by_newest, needle
from workflow.storage.tables import deliveries, incidents, outbox, refusals

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST_OF_A_CUSTOMER = 100
"""How many of a customer's cases are shown with the customer."""


class Reads(DueReads, CalendarReads):
    """The reading half of the door. `limit` of a page: at most 200; `after`: the `next` of the page before."""

    def directory(self) -> Directory:
        """The organisation as it is now."""
        with self.database.reading() as connection:
            return self._directory(connection)

    def inbox(
        self,
        reader: Actor,
        *,
        filters: Filters | None = None,
        after: str | None = None,
        limit: int = 50,
        others: bool = False,
    ) -> Page[TaskRow]:
        """The reader's tasks, and (marked `behalf`) those of absent persons stood in for; the first due first."""
        with self._read(reader) as (connection, shown):
            lists = tasks.inboxes(shown.reader)
            return self._tasks(connection, shown, lists, filters=filters, after=after, limit=limit, others=others)

    def queue(
        self,
        reader: Actor,
        *,
        filters: Filters | None = None,
        after: str | None = None,
        limit: int = 50,
        others: bool = False,
    ) -> Page[TaskRow]:
        """Tasks nobody has yet that the reader may claim; the first due first."""
        with self._read(reader) as (connection, shown):
            lists = tasks.queues(shown.reader)
            return self._tasks(connection, shown, lists, filters=filters, after=after, limit=limit, others=others)

    def cases(
        self,
        reader: Actor,
        *,
        filters: Filters | None = None,
        order: Literal["changed", "opened"] = "changed",
        after: str | None = None,
        limit: int = 50,
    ) -> Page[CaseRow]:
        """Cases the reader may see, what changed or was opened last first."""
        with self._read(reader) as (connection, shown):
            return self._paged(
                connection,
                cases.listed(shown.reader, filters),
                cases.newest if order == "changed" else cases.opened_last,
                like=(0, 0) if order == "changed" else (0,),
                key=lambda row: (micros(row.updated), row.id) if order == "changed" else (row.id,),
                shown=lambda rows: self._case_rows(connection, shown, rows),
                after=after,
                limit=limit,
            )

    def overdue(
        self, reader: Actor, *, filters: Filters | None = None, after: str | None = None, limit: int = 50
    ) -> Page[ClockRow]:
        """Running clocks past due, the longest first; with `due_before` in the filters, those due by then too."""
        with self._read(reader) as (connection, shown):

            def show(rows: Sequence[AnyRow]) -> Iterable[ClockRow]:
                beside = self._beside(connection, {row.case_id for row in rows})
                return [shown.clock(row, row, beside) for row in rows]

            return self._paged(
                connection,
                oversight.late(shown.reader, filters),
                oversight.late_page,
                like=(0, 0, "", 0),
                key=lambda row: (micros(row.due), row.case_id, row.name, row.run),
                shown=show,
                after=after,
                limit=limit,
            )

    def escalations(
        self, reader: Actor, *, filters: Filters | None = None, after: str | None = None, limit: int = 50
    ) -> Page[EscalationRow]:
        """Open escalations, the highest level first; with `closed` True in the filters, ended ones."""
        with self._read(reader) as (connection, shown):
            return self._paged(
                connection,
                oversight.raised(shown.reader, filters),
                oversight.raised_page,
                like=(0, 0, 0, 0),
                key=lambda row: (-row.level, micros(row.raised), row.case_id, row.no),
                shown=lambda rows: shown.escalations(
                    rows, None, history.of_cases(connection, (r.case_id for r in rows))
                ),
                after=after,
                limit=limit,
            )

    def customers(
        self,
        reader: Actor,
        *,
        filters: Filters | None = None,
        order: Literal["number", "name", "tier"] = "number",
        after: str | None = None,
        limit: int = 50,
    ) -> Page[CustomerRow]:
        """Customers the reader may see, by number, by the sound of the name, or the highest tier first.

        Filters: tier, unit, person (A or B), state (stage), text: a part of a name, of its pinyin or initials, of the
        number, the credit code, or the telephone number of a contact.
        """
        with self._read(reader) as (connection, shown):
            sought = _sought(connection, filters)

            def show(rows: Sequence[AnyRow]) -> Iterable[CustomerRow]:
                counts = customers.open_cases(connection, shown.reader, {row.id for row in rows})
                return [shown.customer_row(row, counts.get(row.id, 0)) for row in rows]

            return self._paged(
                connection,
                customers.listed(shown.reader, filters, sought=sought),
                partial(customers.ordered, order=order),
                like={"number": ("",), "name": ("", ""), "tier": (0, "")}[order],
                key=lambda row: customers.place_of(row, order),
                shown=show,
                after=after,
                limit=limit,
            )

    def customer_row(self, customer: int, reader: Actor) -> CustomerRow | None:
        """A customer's line alone; None where the reader may not see the customer."""
        with self._read(reader) as (connection, shown):
            row = customers.one(connection, customer, shown.reader) if is_id(customer) else None
            if row is None:
                return None
            return shown.customer_row(row, customers.open_cases(connection, shown.reader, {customer}).get(customer, 0))

    def customer(self, customer: int, reader: Actor) -> CustomerView:
        """A customer, the record's own case and the cases about it. Raises CustomerNotFound."""
        with self._read(reader) as (connection, shown):
            row = customers.one(connection, customer, shown.reader) if is_id(customer) else None
            record = cases.one(connection, customer, shown.reader) if is_id(customer) else None
            if row is None or record is None:
                raise CustomerNotFound(customer=customer)
            about = cases.newest(cases.listed(shown.reader, Filters(customer=customer)), None, limit=MOST_OF_A_CUSTOMER)
            counts = customers.open_cases(connection, shown.reader, {customer})
            return CustomerView(
                row=shown.customer_row(row, counts.get(customer, 0)),
                case=self._view(connection, shown, record),
                cases=tuple(self._case_rows(connection, shown, connection.execute(about).all())),
            )

    def notices(
        self,
        reader: Actor,
        *,
        unread: bool = False,
        kind: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[NoticeRow]:
        """Messages to the reader, the newest first; of one kind, or those not read alone."""
        with self._read(reader) as (connection, shown):
            return self._paged(
                connection,
                notices.addressed(shown.reader.person, unread=unread, kind=kind),
                by_newest(outbox.c.id),
                like=(0,),
                key=lambda row: (row.id,),
                shown=lambda rows: [shown.notice(row) for row in rows],
                after=after,
                limit=limit,
            )

    def deliveries(self, reader: Actor, *, after: str | None = None, limit: int = 50) -> Page[DeliveryRow]:
        """What left the house, and what did not, the newest first: to the reader; everything for those who look
        after the organisation or audit it."""
        with self._read(reader) as (connection, shown):
            return self._paged(
                connection,
                notices.sent(shown.reader),
                by_newest(deliveries.c.id),
                like=(0,),
                key=lambda row: (row.id,),
                shown=lambda rows: [shown.delivery(row) for row in rows],
                after=after,
                limit=limit,
            )

    def read_notice(self, notice: int, reader: Actor) -> None:
        """Note that the reader has seen a message; a second time changes nothing. Raises NoticeNotFound."""
        with self.database.writing() as connection:
            if not is_id(notice) or not notices.mark_read(connection, notice, reader.person, self.clock()):
                raise NoticeNotFound(notice=notice)

    def read_notices(self, until: int, reader: Actor) -> int:
        """Note that the reader has seen every message up to this one, not what came after; how many were new."""
        if not is_id(until):
            return 0
        with self.database.writing() as connection:
            return notices.mark_all_read(connection, reader.person, until, self.clock())

    def unread(self, reader: Actor, *, most: int = 100) -> int:
        """How many messages the reader has not seen; `most` stands for that many and more."""
        with self.database.reading() as connection:
            return notices.unread(connection, reader.person, most=most)

    def refusals(
        self, reader: Actor, *, filters: Filters | None = None, after: str | None = None, limit: int = 50
    ) -> Page[RefusalRow]:
        """What the rules said no to, the newest first. Filters: those of the case it was about, and `person`."""
        with self._read(reader) as (connection, shown):
            return self._paged(
                connection,
                oversight.refused(shown.reader, filters),
                by_newest(refusals.c.id),
                like=(0,),
                key=lambda row: (row.id,),
                shown=lambda rows: [shown.refusal(row) for row in rows],
                after=after,
                limit=limit,
            )

    def incidents(self, reader: Actor, *, after: str | None = None, limit: int = 50) -> Page[IncidentRow]:
        """Open incidents the reader must look at, the newest first."""
        with self._read(reader) as (connection, shown):
            return self._paged(
                connection,
                oversight.troubles(shown.reader),
                by_newest(incidents.c.id),
                like=(0,),
                key=lambda row: (row.id,),
                shown=lambda rows: [shown.incident(row) for row in rows],
                after=after,
                limit=limit,
            )

    def _case_rows(self, connection: Connection, shown: Shown, rows: Sequence[AnyRow]) -> list[CaseRow]:
        beside = self._beside(connection, {row.id for row in rows})
        called = self._called(connection, rows)
        return [replace(shown.case(row, beside), called=called.get(row.id)) for row in rows]

    def _called(self, connection: Connection, rows: Sequence[AnyRow]) -> dict[int, str]:
        """What is shown for the names of cases whose lifecycle says by which field; of all rows at once."""
        rules = {row.id: self.library.versions.get((row.definition, row.version)) for row in rows}
        named = {case: one.named_by for case, one in rules.items() if one is not None and one.named_by is not None}
        if not named:
            return {}
        bodies = cases.bodies(connection, named)
        said = {case: json.loads(body)["data"].get(named[case]) for case, body in bodies.items()}
        return {case: name for case, name in said.items() if name}


def _sought(connection: Connection, filters: Filters | None) -> customers.Sought:
    text = needle(filters.text if filters is not None else None)
    if not text:
        return customers.NOTHING
    phone = normalised_phone(text)
    digests = phones.digests(connection, [phone]) if phone is not None else ()
    return customers.Sought(normalised(text), frozenset(digests))
