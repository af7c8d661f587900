"""The door's part about birthdays on customers' files: a case is opened for each, once, some weeks before (001 §4)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from workflow.core import decide
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.links import Birthdays
from workflow.core.personal import reveal
from workflow.core.step import SYSTEM
from workflow.core.stints import OWNED
from workflow.core.world import customer_of
from workflow.customers import contacts
from workflow.service.base import Base
from workflow.storage.queries import birthdays

if TYPE_CHECKING:
    from sqlalchemy import Connection

CONTACTS = "contacts"
PORTION = 500
"""Records whose contacts are read at a time."""
Born = tuple[str, str]
"""`MM-DD`, and whose birthday it is."""


class BirthdaysOnFile(Base):
    def watch_birthdays(self, today: date, *, at: datetime | None = None) -> int:
        """Open what the birthdays of the coming weeks call for; gives how many. Doing it again opens nothing twice.

        A birthday that was seen once is never opened again, whatever became of its case: it returns by itself each
        year, and whoever ended it meant to.
        """
        done = 0
        for rules in self.library.latest.values():
            wanted = rules.birthdays
            if wanted is not None:
                with self.database.reading() as connection:
                    near = list(self._near(connection, wanted, today))
                done += sum(self._open_birthdays(customer, rules, wanted, today, at) for customer in near)
        return done

    def _near(self, connection: Connection, wanted: Birthdays, today: date) -> Iterator[int]:
        """The customers with a birthday that comes soon."""
        records = birthdays.records(connection, OWNED)
        for first in range(0, len(records), PORTION):
            some = records[first : first + PORTION]
            values = birthdays.values(connection, [customer for customer, _ in some])
            for customer, body in some:
                born = _born(json.loads(body)["data"], values, today)
                if any(0 <= (day - today).days <= wanted.days for _, day in born):
                    yield customer

    def _open_birthdays(
        self, customer: int, rules: Definition, wanted: Birthdays, today: date, at: datetime | None
    ) -> int:
        """Open those of one customer that are not there yet; two that would at once wait for each other."""
        now, opened = at or self.clock(), 0
        with self._refusing(SYSTEM, customer, f"open:{rules.name}", now), self._unit() as work:
            record = work.store.load(customer)
            found = customer_of(record.case)
            there = set(_opened(work.connection, customer, rules, wanted))
            values = birthdays.values(work.connection, [customer])
            for (said, whom), day in _born(record.case.data, values, today):
                if not 0 <= (day - today).days <= wanted.days or {(said, whom), (said, "")} & there:
                    continue
                case_id = work.store.new_id()
                form = {**wanted.values, wanted.day: day.isoformat(), wanted.whom: whom}
                decision = decide.open_case(
                    rules, work.new_world(case_id, found, found.unit), case_id=case_id,
                    number=rules.number(case_id), customer=customer, unit=found.unit, form=form, actor=SYSTEM,
                    at=now, recorded=now,
                )  # fmt: skip
                work.begin(case_id, found, decision)
                opened += 1
            work.flush()
        return opened


def _born(record: Mapping[str, Any], values: Mapping[str, str | None], today: date) -> list[tuple[Born, date]]:
    """The birthdays on a customer's file, each with the day it comes next."""
    some = contacts.read(reveal(record.get(CONTACTS), values))
    return [((one.birthday[-5:], one.name), comes(one.birthday, today)) for one in some if one.birthday]


def _opened(connection: Connection, customer: int, rules: Definition, wanted: Birthdays) -> Iterator[Born]:
    """What was opened for a customer already; whom it was for is "" where that was erased."""
    found = birthdays.opened(connection, customer, rules.name)
    values = birthdays.values(connection, [case for case, _ in found]) if found else {}
    for _, body in found:
        data: Any = json.loads(body)["data"]
        if all(data.get(name) == value for name, value in wanted.values.items()) and data.get(wanted.day):
            yield str(data[wanted.day])[-5:], str(reveal(data.get(wanted.whom), values) or "")


def comes(birthday: str, today: date) -> date:
    """When a birthday is next, today included; the 29 February is kept on the 28th where there is none."""
    month, day = int(birthday[-5:-3]), int(birthday[-2:])
    for year in (today.year, today.year + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            found = date(year, month, day - 1)
        if found >= today:
            return found
    raise AssertionError(birthday)
