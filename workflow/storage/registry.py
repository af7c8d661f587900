"""Looking customers up by what makes them the same, and giving out their numbers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, false, func, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from workflow.storage import tables as t


@dataclass(frozen=True, slots=True)
class Twin:
    """A customer that is already there. `by`: number, credit_code or name."""

    id: int
    number: str
    by: str


REGISTERING = 20_070_001
"""The number of the lock under which customers are registered."""


def lock(connection: Connection) -> None:
    """Let one register at a time, so that two cannot both find that there is no twin. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(REGISTERING)))


def twin(
    connection: Connection,
    *,
    key: str | None,
    division: str,
    credit_code: str | None,
    number: str | None,
    but: int | None = None,
) -> Twin | None:
    """The customer with this number or credit code, or with the same normalised name in the division.

    None where nothing is the same; `but`: the customer that is asked about.
    """
    c = t.customers.c
    same: list[ColumnElement[bool]] = []
    if key is not None:
        same.append((c.key == key) & (c.division == division))
    if credit_code:
        same.append(c.credit_code == credit_code)
    if number:
        same.append(c.number == number)
    query = (
        select(c.id, c.number, c.key, c.credit_code)
        .where(or_(false(), *same), c.id != (but or 0))
        .order_by(c.id)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    by = (
        "number"
        if row.number == number
        else "credit_code"
        if credit_code == row.credit_code and credit_code
        else "name"
    )
    return Twin(row.id, row.number, by)


def next_sequence(connection: Connection, division: str, *, at_least: int = 0) -> int:
    """The next sequence of a division, counted in a row that two registrations queue up for."""
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    name = f"sequence:{division}"
    statement = insert(t.facts).values(name=name, value=max(1, at_least))
    raised = statement.on_conflict_do_update(index_elements=["name"], set_={"value": t.facts.c.value + 1})
    return int(connection.execute(raised.returning(t.facts.c.value)).scalar_one())
