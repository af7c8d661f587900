"""What people narrow lists to, as conditions on cases and their customers."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, and_, or_, select

from workflow.core.bidi import straight
from workflow.core.definition.lifecycle import DIGITS
from workflow.core.directory import Directory
from workflow.storage.queries.paging import needle
from workflow.storage.queries.reader import published, within
from workflow.storage.tables import cases, customers

SAID = re.compile(r"(?P<letters>[A-Za-z]{1,9})[ -]?0*(?P<digits>[0-9]{1,9})")
"""A number as people say it: the letters of its lifecycle and the digits that count."""


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
        (customers.c.tier, wanted.tier),
    ]
    found = [column == value for column, value in equal if value is not None]
    if wanted.customer is not None:
        found.append(cases.c.customer_id.in_(selves(wanted.customer)))
    if wanted.unit is not None:
        found.append(within(cases.c.unit_id, directory.below(wanted.unit)))
    if wanted.mark is not None:
        found.append((" " + cases.c.marks + " ").contains(f" {wanted.mark} ", autoescape=True))
    if text := needle(wanted.text):
        kept = customers.alias()
        merged = customers.c.merged_id.in_(select(kept.c.id).where(or_(*named(text, kept))))
        found.append(or_(*numbered(text), *named(text), merged, written(text)))
    return found


def numbered(text: str, column: ColumnElement[str] = cases.c.number) -> list[ColumnElement[bool]]:
    """Ways a case may be meant by its number: a part of it, or all of it without its noughts, as it is said: KH 354."""
    said = SAID.fullmatch(unicodedata.normalize("NFKC", straight(text)))
    whole = [column == said["letters"].upper() + said["digits"].zfill(DIGITS)] if said else []
    return [column.icontains(text, autoescape=True), *whole]


def written(text: str) -> ColumnElement[bool]:
    """Published cases in which a text stands. It is looked for as JSON has it, in what was filled in and beside it."""
    return and_(published(), cases.c.body.icontains(json.dumps(text, ensure_ascii=False)[1:-1], autoescape=True))


def selves(customer: int) -> Select[Any]:
    """The ids of a customer: its own, and those of the records that were merged into it."""
    return select(customers.c.id).where(or_(customers.c.id == customer, customers.c.merged_id == customer))


def named(text: str, table: Any = customers) -> list[ColumnElement[bool]]:
    """Ways a customer may be meant by a text: a part of a name or its sound, of the number however it is spaced, or
    the credit code. `table`: the customers, or an alias of them."""
    plain = unicodedata.normalize("NFKC", straight(text))
    joined = "".join(plain.split())
    digits = joined.replace("-", "")
    parts = [(table.c.name_zh, plain), (table.c.name_en, plain), (table.c.pinyin, joined), (table.c.number, digits)]
    parts += [(table.c.name_zh, joined)] if joined != plain else []
    return [
        *(column.icontains(part, autoescape=True) for column, part in parts if part),
        table.c.credit_code == joined.upper(),
    ]
