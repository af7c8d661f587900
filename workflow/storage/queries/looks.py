"""Who read what: files opened, personal values shown, exports taken."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from workflow.storage.queries.cases import CUSTOMER
from workflow.storage.queries.narrow import named, numbered
from workflow.storage.queries.paging import needle
from workflow.storage.queries.reader import Reader, readable, within
from workflow.storage.read_tables import reads
from workflow.storage.tables import cases, customers


def looks(
    reader: Reader,
    *,
    person: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    text: str | None = None,
    unit: int | None = None,
    of: Collection[int] | None = None,
) -> Select[Any]:
    """What was read of cases and customers the reader may see; of no single one, for those who audit.

    `text`: in the number, or meaning the customer it is about; `unit`: of this one and those below; `of`: of these
    cases and customers alone.
    """
    general = [reads.c.case_id.is_(None)] if reader.audits or reader.everything else []
    query = select(*reads.c, cases.c.number, cases.c.kind.label("of"), *CUSTOMER)
    about = func.coalesce(cases.c.customer_id, cases.c.id)
    joined = reads.outerjoin(cases, cases.c.id == reads.c.case_id).outerjoin(customers, customers.c.id == about)
    query = query.select_from(joined)
    query = query.where(or_(cases.c.id.is_not(None) & readable(reader), reads.c.person_id == reader.person, *general))
    if person is not None:
        query = query.where(reads.c.person_id == person)
    if meant := needle(text):
        query = query.where(or_(*numbered(meant), *named(meant)))
    if unit is not None:
        query = query.where(within(cases.c.unit_id, reader.directory.below(unit)))
    if of is not None:
        query = query.where(reads.c.case_id.in_(sorted(of)))
    if since is not None:
        query = query.where(reads.c.at >= since)
    return query if until is None else query.where(reads.c.at < until)
