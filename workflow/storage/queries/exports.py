"""Whole histories in bulk, a portion of cases at a time, and everything that is stored of one case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, select, text
from sqlalchemy import case as either

from workflow.core.chain import Column
from workflow.storage.queries.cases import CASE, CUSTOMER, WITH_CUSTOMER, listed
from workflow.storage.queries.narrow import Wanted
from workflow.storage.queries.paging import AnyRow
from workflow.storage.queries.reader import Reader
from workflow.storage.tables import calendars, cases, definitions, links, steps, vault

AT_ONCE = 2_000
"""Steps of a portion, about: what is held in memory while it is written."""
STEP = [column.name for column in steps.columns]
"""The columns of a step in the order they are hashed, then `previous` and `hash`."""
# Without types: what the driver gives, so that nothing is read and written again before somebody hashes it.
_RAW = text(f"SELECT {', '.join(STEP)} FROM steps WHERE case_id = :case ORDER BY seq")  # noqa: S608


class Chosen(Protocol):
    """Which cases; None narrows nothing. `since`, `until`: opened then (`until` excluded)."""

    @property
    def filters(self) -> Wanted: ...
    @property
    def since(self) -> datetime | None: ...
    @property
    def until(self) -> datetime | None: ...
    @property
    def numbers(self) -> Sequence[str]: ...


def chosen(connection: Connection, reader: Reader, wanted: Chosen) -> list[tuple[int, int]]:
    """Id and number of steps of every case meant that the reader may see, in the order they were opened."""
    query = listed(reader, wanted.filters).with_only_columns(cases.c.id, cases.c.seq)
    if wanted.since is not None:
        query = query.where(cases.c.opened >= wanted.since)
    if wanted.until is not None:
        query = query.where(cases.c.opened < wanted.until)
    if wanted.numbers:
        query = query.where(cases.c.number.in_(wanted.numbers))
    return [(row.id, row.seq) for row in connection.execute(query.order_by(cases.c.id))]


def portions(found: Sequence[tuple[int, int]], *, most: int = AT_ONCE) -> Iterator[list[int]]:
    """The ids in portions of about so many steps, at least one case each."""
    portion: list[int] = []
    held = 0
    for case, count in found:
        if portion and held + count > most:
            yield portion
            portion, held = [], 0
        portion.append(case)
        held += count
    if portion:
        yield portion


def rows(connection: Connection, ids: Sequence[int]) -> Sequence[AnyRow]:
    """Cases with body and customer, by id."""
    query = select(*CASE, cases.c.body, cases.c.parent_id, *CUSTOMER).select_from(WITH_CUSTOMER)
    return connection.execute(query.where(cases.c.id.in_(ids)).order_by(cases.c.id)).all()


def histories(connection: Connection, ids: Sequence[int]) -> dict[int, list[AnyRow]]:
    """Case → its steps in order."""
    found: dict[int, list[AnyRow]] = {case: [] for case in ids}
    query = select(steps).where(steps.c.case_id.in_(ids)).order_by(steps.c.case_id, steps.c.seq)
    for row in connection.execute(query):
        found[row.case_id].append(row)
    return found


def moves(connection: Connection, ids: Sequence[int]) -> Sequence[AnyRow]:
    """The steps of cases in order, without what was filled in or followed from them."""
    c = steps.c
    columns = (c.case_id, c.seq, c.kind, c.trigger, c.from_state, c.to_state, c.version, c.effective)
    query = select(*columns, cases.c.number, cases.c.definition, cases.c.closed).join(cases, cases.c.id == c.case_id)
    return connection.execute(query.where(c.case_id.in_(ids)).order_by(c.case_id, c.seq)).all()


def linked(connection: Connection, ids: Sequence[int]) -> dict[int, list[AnyRow]]:
    """Case → what it opened: name of the link and the other case's id, number and definition."""
    query = (
        select(links.c.parent_id, links.c.name, links.c.nominal, cases.c.id, cases.c.number, cases.c.definition)
        .join(cases, cases.c.id == links.c.child_id)
        .where(links.c.parent_id.in_(ids))
        .order_by(links.c.parent_id, links.c.child_id)
    )
    found: dict[int, list[AnyRow]] = {case: [] for case in ids}
    for row in connection.execute(query):
        found[row.parent_id].append(row)
    return found


def secrets_of(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, str | None]]:
    """Case → commitment → JSON text of a personal value; None for an erased one. What is sealed is not among them."""
    query = select(vault.c.case_id, vault.c.commitment, vault.c.value).where(vault.c.case_id.in_(ids), ~vault.c.sealed)
    found: dict[int, dict[str, str | None]] = {case: {} for case in ids}
    for row in connection.execute(query):
        found[row.case_id][row.commitment] = row.value
    return found


def stored_steps(connection: Connection, case: int) -> list[dict[str, Column]]:
    """Every column of every step exactly as it is stored, by name; hashes are bytes."""
    return [
        dict(zip(STEP, (_plain(one) for one in row), strict=True)) for row in connection.execute(_RAW, {"case": case})
    ]


def vault_of(connection: Connection, case: int) -> Sequence[AnyRow]:
    """The rows of the vault of a case: commitment, salt, value, erased. What is sealed has neither salt nor value."""
    opened = (either((~vault.c.sealed, column)) for column in (vault.c.salt, vault.c.value))
    salt, value = (one.label(name) for one, name in zip(opened, ("salt", "value"), strict=True))
    query = select(vault.c.commitment, salt, value, vault.c.erased)
    return connection.execute(query.where(vault.c.case_id == case).order_by(vault.c.commitment)).all()


def definition_text(connection: Connection, name: str, version: int) -> AnyRow | None:
    c = definitions.c
    query = select(c.name, c.version, c.hash, c.text).where(c.name == name, c.version == version)
    return connection.execute(query).one_or_none()


def calendar_texts(connection: Connection, wanted: Sequence[tuple[str, int]]) -> Sequence[AnyRow]:
    """The calendars of these names and versions, those of them that are kept."""
    c = calendars.c
    query = select(c.name, c.version, c.text).order_by(c.name, c.version)
    names = sorted({name for name, _ in wanted})
    return [row for row in connection.execute(query.where(c.name.in_(names))) if (row.name, row.version) in wanted]


def _plain(value: Any) -> Column:
    return bytes(value) if isinstance(value, (bytearray, memoryview)) else value
