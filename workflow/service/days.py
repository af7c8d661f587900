"""What stands in a person's calendar: what is due, and the moments and days their cases name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from workflow.core.codec import case_from
from workflow.core.definition.lifecycle import Definition
from workflow.core.step import Actor
from workflow.service.reads import Reads
from workflow.service.shown import Shown
from workflow.service.views.names import CustomerName, PersonName
from workflow.storage.queries import days

DATED = ("moment", "date")
"""Types of fields that say when something is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing on one day: a task that is due (`no`), or a field of a case that says when (`no` None).

    `name`: of the task or the field. `at` None: the whole of the day `on`. `behalf`: whose it is, where the reader
    stands in.
    """

    case: int
    no: int | None
    number: str
    definition: str
    version: int
    state: str
    name: str
    at: datetime | None
    on: date | None
    customer: CustomerName | None
    behalf: PersonName | None = None


class Days(Reads):
    def days(self, reader: Actor, *, since: datetime, until: datetime) -> list[Entry]:
        """What stands in the reader's calendar in a span, in order; whole days, of the span's own time zone, first.

        Moments that are personal data, in cases that are over, or that had passed when the case was opened (when
        something was heard or registered) are left out.
        """
        lifecycles = {name for (name, _), one in self.library.versions.items() if dated(one)}
        with self._read(reader) as (connection, shown):
            due = [_due(row, shown) for row in days.due(connection, shown.reader, since, until)]
            rows = days.dated(connection, shown.reader, lifecycles) if lifecycles else ()
            named = [entry for row in rows for entry in self._named(row, shown, since, until)]
        return sorted([*due, *named], key=lambda entry: _place(entry, since))

    def _named(self, row: Any, shown: Shown, since: datetime, until: datetime) -> Iterator[Entry]:
        rules = self.library.versions.get((row.definition, row.version))
        case = case_from(row.body)
        begun = case.opened.astimezone(since.tzinfo).date()
        for name in dated(rules) if rules else ():
            at, on = _when(case.data.get(name))
            if (at is not None and at <= case.opened) or (on is not None and on < begun):
                continue
            inside = since <= at < until if at else on is not None and since.date() <= on < until.date()
            if inside:
                yield Entry(
                    case=row.case_id,
                    no=None,
                    number=row.number,
                    definition=row.definition,
                    version=row.version,
                    state=row.state,
                    name=name,
                    at=at,
                    on=on,
                    customer=shown.customer(row),
                )


def dated(rules: Definition) -> Sequence[str]:
    """The fields of a lifecycle that say when something is, and of nobody in person."""
    return [name for name, field in rules.fields.items() if field.type in DATED and not field.personal]


def _due(row: Any, shown: Shown) -> Entry:
    task = shown.task(row)
    return Entry(
        case=task.case,
        no=task.no,
        number=task.number,
        definition=task.definition,
        version=task.version,
        state=task.state,
        name=task.name,
        at=task.due,
        on=None,
        customer=task.customer,
        behalf=task.behalf,
    )


def _when(value: Any) -> tuple[datetime | None, date | None]:
    """The moment or the day a form's value says."""
    if not isinstance(value, str):
        return None, None
    return (datetime.fromisoformat(value), None) if "T" in value else (None, date.fromisoformat(value))


def _place(entry: Entry, since: datetime) -> tuple[str, int, str, int, str]:
    day = entry.on or (entry.at or since).astimezone(since.tzinfo).date()
    return day.isoformat(), int(entry.at is not None), entry.at.isoformat() if entry.at else "", entry.case, entry.name
