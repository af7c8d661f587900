"""Contacts of the customers that are kept, and what was opened for some of them already; for the system alone."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, or_, select

from workflow.storage.tables import cases, customers, vault


def records(connection: Connection, stages: Collection[str]) -> list[tuple[int, str]]:
    """Customer and its record as JSON, of those in some stages."""
    query = select(cases.c.id, cases.c.body).join(customers, customers.c.id == cases.c.id)
    query = query.where(customers.c.stage.in_(sorted(stages)), customers.c.merged_id.is_(None)).order_by(cases.c.id)
    return [(row[0], row[1]) for row in connection.execute(query)]


def opened(connection: Connection, customer: int, definition: str) -> list[tuple[int, str]]:
    """Cases of a lifecycle about a customer, or about what was merged into it, whatever became of them; with what
    stands in them, as JSON."""
    same = select(customers.c.id).where(or_(customers.c.id == customer, customers.c.merged_id == customer))
    query = select(cases.c.id, cases.c.body).where(
        cases.c.definition == definition, cases.c.kind == "case", cases.c.customer_id.in_(same)
    )
    return [(row[0], row[1]) for row in connection.execute(query.order_by(cases.c.id))]


def values(connection: Connection, ids: Collection[int]) -> dict[str, str | None]:
    """Commitment → personal value as JSON, of some cases; None where it was erased."""
    query = select(vault.c.commitment, vault.c.value).where(vault.c.case_id.in_(sorted(ids)))
    return {row[0]: row[1] for row in connection.execute(query)}
