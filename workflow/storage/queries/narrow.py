"""What people narrow lists to, as conditions on cases and their customers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, or_

from workflow.core.directory import Directory
from workflow.storage.queries.paging import needle
from workflow.storage.queries.reader import within
from workflow.storage.tables import cases, customers


class Wanted(Protocol):
    """The filters as the door has them; None narrows nothing."""

    @property
    def definition(self) -> str | None: ...
    @property
    def state(self) -> str | None: ...
    @property
    def phase(self) -> str | None: ...
    @property
    def mark(self) -> str | None: ...
    @property
    def unit(self) -> int | None: ...
    @property
    def tier(self) -> str | None: ...
    @property
    def customer(self) -> int | None: ...
    @property
    def person(self) -> int | None: ...
    @property
    def task(self) -> str | None: ...
    @property
    def clock(self) -> str | None: ...
    @property
    def due_before(self) -> datetime | None: ...
    @property
    def overdue(self) -> bool: ...
    @property
    def closed(self) -> bool | None: ...
    @property
    def text(self) -> str | None: ...


def narrowed(wanted: Wanted | None, directory: Directory) -> list[ColumnElement[bool]]:
    """Conditions on `cases` joined with `customers`."""
    if wanted is None:
        return []
    equal: list[tuple[ColumnElement[Any], Any]] = [
        (cases.c.definition, wanted.definition),
        (cases.c.state, wanted.state),
        (cases.c.phase, wanted.phase),
        (cases.c.customer_id, wanted.customer),
        (customers.c.tier, wanted.tier),
    ]
    found = [column == value for column, value in equal if value is not None]
    if wanted.unit is not None:
        found.append(within(cases.c.unit_id, directory.below(wanted.unit)))
    if wanted.mark is not None:
        found.append((" " + cases.c.marks + " ").contains(f" {wanted.mark} ", autoescape=True))
    if text := needle(wanted.text):
        found.append(or_(cases.c.number.icontains(text, autoescape=True), *named(text)))
    return found


def named(text: str) -> list[ColumnElement[bool]]:
    """Ways a customer may be meant by a text."""
    columns = (customers.c.name_zh, customers.c.name_en, customers.c.number, customers.c.pinyin)
    return [column.icontains(text, autoescape=True) for column in columns]
