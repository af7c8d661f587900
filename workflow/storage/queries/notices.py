"""Messages to a person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from workflow.storage.queries.cases import CUSTOMER, WITH_CUSTOMER
from workflow.storage.tables import cases, outbox


def addressed(person: int | None, *, unread: bool = False) -> Select[Any]:
    """The messages to a person; None, the system, gets none."""
    query = (
        select(
            outbox.c.id, outbox.c.case_id, outbox.c.kind, outbox.c.body, outbox.c.created, outbox.c.read,
            cases.c.number, cases.c.definition, cases.c.version, *CUSTOMER,
        )
        .select_from(outbox.join(WITH_CUSTOMER, cases.c.id == outbox.c.case_id))
        .where(outbox.c.person_id == (person or 0))
    )  # fmt: skip
    return query.where(outbox.c.read.is_(None)) if unread else query
