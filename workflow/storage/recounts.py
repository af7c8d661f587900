"""What is to be computed again after a change: asked for in its transaction, done in portions by the sweep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from workflow.storage.tables import cases, recounts


@dataclass(frozen=True, slots=True)
class Recount:
    """`customer`: whose open cases, None for all. `position`: the last case looked at."""

    id: int
    customer: int | None
    position: int


def ask(connection: Connection, at: datetime, *, customer: int | None = None) -> None:
    """Let the open cases, of one customer or all, be looked at from the first on."""
    connection.execute(insert(recounts).values(customer_id=customer, position=0, at=at))


def first(connection: Connection) -> Recount | None:
    """The one to go on with; None when all is done."""
    c = recounts.c
    row = connection.execute(select(c.id, c.customer_id, c.position).order_by(c.id).limit(1)).first()
    return None if row is None else Recount(*row)


def next_cases(connection: Connection, recount: Recount, *, limit: int) -> list[int]:
    """The next open cases in order of their ids."""
    c = cases.c
    query = select(c.id).where(c.kind == "case", c.closed.is_(None), c.id > recount.position)
    if recount.customer is not None:
        query = query.where(c.customer_id == recount.customer)
    return list(connection.scalars(query.order_by(c.id).limit(limit)))


def advance(connection: Connection, recount: Recount, position: int | None) -> None:
    """Note how far it has come; None: it is done. Two sweeps at once do the same work twice, never half of it."""
    c = recounts.c
    if position is None:
        connection.execute(delete(recounts).where(c.id == recount.id))
    else:
        further = (c.id == recount.id) & (c.position < position)
        connection.execute(update(recounts).where(further).values(position=position))
