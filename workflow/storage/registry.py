"""Looking customers up by what makes them the same, and giving out their numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, desc, false, func, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from workflow.storage import tables as t
from workflow.storage.queries.paging import AnyRow
from workflow.storage.registry_tables import customer_phones
from workflow.storage.stint_tables import stints


@dataclass(frozen=True, slots=True)
class Twin:
    """A customer that is already there. `by`: number, credit_code or name.

    Of one that was merged into another, the other.
    """

    id: int
    number: str
    by: str


REGISTERING = 20_070_001
"""The number of the lock under which customers are registered and merged."""

HEAD = 11
"""Digits of a number that a head office and its branches have in common."""

MOST = 8
"""Customers that are told of as alike."""


def lock(connection: Connection) -> None:
    """Let one register at a time, so that two cannot both find that there is no twin. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(REGISTERING)))


def twin(
    connection: Connection,
    *,
    key: str | None,
    divisions: Collection[str],
    credit_code: str | None,
    number: str | None,
    but: int | None = None,
    family: str | None = None,
) -> Twin | None:
    """The customer with this number or credit code, or with the same normalised name in one of the divisions.

    None where nothing is the same, or only what was withdrawn; `but`: the customer that is asked about; `family`: the
    first eleven digits of a head office's number, whose branches may have its credit code.
    """
    c = t.customers.c
    same: list[ColumnElement[bool]] = []
    if key is not None:
        same.append((c.key == key) & c.division.in_(sorted(divisions)))
    if credit_code:
        mine = c.credit_code == credit_code
        same.append(mine if family is None else mine & ~c.number.startswith(family, autoescape=True))
    if number:
        same.append(c.number == number)
    query = (
        select(c.id, c.number, c.key, c.credit_code, c.merged_id)
        .where(or_(false(), *same), c.id != (but or 0), or_(c.merged_id.is_(None), c.merged_id != c.id))
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
    if row.merged_id is not None and row.merged_id != but:
        return Twin(row.merged_id, str(connection.scalar(select(c.number).where(c.id == row.merged_id))), by)
    return Twin(row.id, row.number, by) if row.merged_id is None else None


def alike(
    connection: Connection,
    *,
    key: str | None,
    heads: Sequence[str],
    endings: Sequence[str],
    credit_code: str | None,
    number: str | None,
    digests: Collection[bytes],
    but: int | None = None,
) -> Sequence[AnyRow]:
    """Customers that may be the same, and (columns `named`, `coded`, `numbered`, `branched`, `phoned`) by what.

    The same name anywhere; a head office of the name (`heads`: what it may be called); a branch of it, by how its name
    ends; a contact's telephone number. Of one that was
    merged into another, the other.
    """
    c, kept = t.customers.c, t.customers.alias()
    none: ColumnElement[Any] = false()
    named = c.key == key if key else none
    # PostgreSQL puts what is unknown first where the highest comes first.
    coded = c.credit_code.is_not(None) & (c.credit_code == credit_code) if credit_code else none
    numbered = c.number == number if number else none
    branched = or_(
        c.key.in_(heads) if heads else none,
        and_(c.key.startswith(key, autoescape=True), c.key != key, or_(*(c.key.endswith(one) for one in endings)))
        if key and len(key) > 2 and not heads and endings
        else none,
    )
    phoned = (
        c.id.in_(select(customer_phones.c.customer_id).where(customer_phones.c.digest.in_(sorted(digests))))
        if digests
        else none
    )
    query = (
        select(
            *kept.columns,
            *(one.label(n) for one, n in ((named, "named"), (coded, "coded"), (numbered, "numbered"))),
            *(one.label(n) for one, n in ((branched, "branched"), (phoned, "phoned"))),
        )
        .select_from(t.customers.join(kept, kept.c.id == func.coalesce(c.merged_id, c.id)))
        .where(or_(named, coded, numbered, branched, phoned), kept.c.id != (but or 0), c.id != (but or 0))
        .where(kept.c.merged_id.is_(None))
        .order_by(*map(desc, ("numbered", "coded", "named", "phoned")), c.number)
        .limit(MOST)
    )
    return connection.execute(query).all()


def matching(connection: Connection, column: str, values: Collection[str]) -> Sequence[AnyRow]:
    """Customers by their number, credit code or key; those that lead to another, or nowhere, are left out."""
    c = t.customers.c
    return connection.execute(select(t.customers).where(c[column].in_(values), c.merged_id.is_(None))).all()


def is_used(connection: Connection, customer: int, number: str) -> bool:
    """Whether there is a case about a customer, open or closed, or a branch of it."""
    about = select(t.cases.c.id).where(t.cases.c.customer_id == customer, t.cases.c.id != customer).limit(1)
    if connection.execute(about).first() is not None:
        return True
    return number.endswith("000") and any(row.number != number for row in family(connection, number))


def numbered(connection: Connection, customer: int) -> Sequence[AnyRow]:
    """A customer's row, whoever asks; of one that was merged into another, the other's. None is found for no id."""
    c, kept = t.customers.c, t.customers.alias()
    joined = t.customers.join(kept, kept.c.id == func.coalesce(c.merged_id, c.id))
    return connection.execute(select(*kept.columns).select_from(joined).where(c.id == customer)).all()


def held_since(connection: Connection, ids: Iterable[int]) -> dict[int, datetime]:
    """Customer → since when who leads it does, or its unit where nobody does; without those that are nobody's."""
    query = select(stints.c.customer_id, stints.c.begun).where(
        stints.c.customer_id.in_(set(ids)), stints.c.role == "lead", stints.c.ended.is_(None)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def next_sequence(connection: Connection, division: str, *, at_least: int = 0) -> int:
    """The next sequence of a division, counted in a row that two registrations queue up for."""
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    name = f"sequence:{division}"
    statement = insert(t.facts).values(name=name, value=max(1, at_least))
    raised = statement.on_conflict_do_update(index_elements=["name"], set_={"value": t.facts.c.value + 1})
    return int(connection.execute(raised.returning(t.facts.c.value)).scalar_one())


def is_taken(connection: Connection, number: str) -> bool:
    """Whether a number was given out: by an import, which brings its own."""
    return connection.execute(select(t.customers.c.id).where(t.customers.c.number == number)).first() is not None


def last_branch(connection: Connection, family: str) -> int:
    """The highest branch given out under a head office, 0 for none. `family`: the first eleven digits."""
    number = connection.scalar(
        select(func.max(t.customers.c.number)).where(t.customers.c.number.between(f"{family}000", f"{family}999"))
    )
    return int(number[HEAD:]) if number else 0


def family(connection: Connection, number: str) -> Iterable[AnyRow]:
    """The head office of a number and its branches, by number; those merged into others are left out."""
    c = t.customers.c
    stem = number[:HEAD]
    query = select(t.customers).where(c.number.between(f"{stem}000", f"{stem}999"), c.merged_id.is_(None))
    return connection.execute(query.order_by(c.number)).all()


def merged_into(connection: Connection, customer: int) -> Sequence[AnyRow]:
    """The customers that were found to be this one, by number (index ix_customers_merged)."""
    query = select(t.customers).where(t.customers.c.merged_id == customer).order_by(t.customers.c.number)
    return connection.execute(query).all()
