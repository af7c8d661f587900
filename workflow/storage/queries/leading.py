"""Who leads a customer, in SQL: the same person as `core/stints.owner` says of its record."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, case, func, or_

from workflow.storage.tables import customers

_C = customers.c


def leader() -> ColumnElement[int | None]:
    """B once it leads maintenance, else A, and where there is none of them, the other (002 §11(1))."""
    return case((_C.lead == "b", func.coalesce(_C.b_id, _C.a_id)), else_=func.coalesce(_C.a_id, _C.b_id))


def led_by(person: int) -> ColumnElement[bool]:
    """The customers somebody leads, found by the indices over A and B."""
    return and_(or_(_C.a_id == person, _C.b_id == person), leader() == person)
