"""Cases, one and many, with what is shown beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from workflow.core.moments import exact
from workflow.storage.queries.narrow import Wanted, narrowed
from workflow.storage.queries.offering import may_open
from workflow.storage.queries.paging import AnyRow, Key, after
from workflow.storage.queries.reader import Reader, readable
from workflow.storage.tables import cases, clocks, customers, escalations, files, links, tasks, vault

CASE = (
    cases.c.id, cases.c.kind, cases.c.number, cases.c.definition, cases.c.version, cases.c.state, cases.c.phase,
    cases.c.marks, cases.c.opened, cases.c.updated, cases.c.closed, cases.c.unit_id.label("case_unit"),
)  # fmt: skip
CUSTOMER = (
    customers.c.id.label("customer"), customers.c.number.label("customer_number"), customers.c.name_zh,
    customers.c.name_en, customers.c.tier,
)  # fmt: skip
FILE = (*(column for column in files.columns if column.name != "content"), files.c.content.is_(None).label("erased"))
WITH_CUSTOMER = cases.outerjoin(customers, customers.c.id == func.coalesce(cases.c.customer_id, cases.c.id))


def one(connection: Connection, case: int, reader: Reader) -> AnyRow | None:
    """A case with its body; None when there is none, or it is neither the reader's to see nor on offer to them."""
    if not 0 <= case < 2**63:
        return None
    query = select(*CASE, cases.c.body, *CUSTOMER).select_from(WITH_CUSTOMER)
    return connection.execute(query.where(cases.c.id == case, may_open(reader))).one_or_none()


def body(connection: Connection, case: int) -> str | None:
    """A stored case, whoever asks; None when there is none. For rules, not for people."""
    found: str | None = connection.scalar(select(cases.c.body).where(cases.c.id == case))
    return found


def bodies(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """Case → its folded state as JSON, whoever asks."""
    query = select(cases.c.id, cases.c.body).where(cases.c.id.in_(ids))
    return {row.id: row.body for row in connection.execute(query)}


def listed(reader: Reader, wanted: Wanted | None) -> Select[Any]:
    """The cases (not customers' own records) a reader may see, narrowed."""
    query = select(*CASE, *CUSTOMER).select_from(WITH_CUSTOMER).where(cases.c.kind == "case", readable(reader))
    if wanted is None:
        return query
    conditions: list[ColumnElement[bool]] = narrowed(wanted, reader.directory)
    if wanted.closed is not None:
        conditions.append(cases.c.closed.is_not(None) if wanted.closed else cases.c.closed.is_(None))
    if wanted.person is not None:
        conditions.append(cases.c.id.in_(select(tasks.c.case_id).where(tasks.c.assignee_id == wanted.person)))
    if (before := reader.at if wanted.overdue else wanted.due_before) is not None:
        running = select(clocks.c.case_id).where(clocks.c.status == "running", clocks.c.due < before)
        if wanted.clock is not None:
            running = running.where(clocks.c.name == wanted.clock)
        conditions.append(cases.c.id.in_(running))
    if wanted.task is not None:
        conditions.append(cases.c.id.in_(select(tasks.c.case_id).where(tasks.c.name == wanted.task)))
    return query.where(*conditions)


def newest(query: Select[Any], key: Key | None, *, limit: int) -> Select[Any]:
    """A page of `listed`, what changed last first."""
    order = (cases.c.updated, cases.c.id)
    moved = after(order, key, descending=True)
    return query.where(*moved).order_by(cases.c.updated.desc(), cases.c.id.desc()).limit(limit)


def opened_last(query: Select[Any], key: Key | None, *, limit: int) -> Select[Any]:
    """A page of `listed`, by number, the last one given out first."""
    return query.where(*after((cases.c.id,), key, descending=True)).order_by(cases.c.id.desc()).limit(limit)


def levels(connection: Connection, ids: Iterable[int]) -> dict[int, int]:
    """Case → the level of its highest open escalation."""
    query = (
        select(escalations.c.case_id, func.max(escalations.c.level))
        .where(escalations.c.case_id.in_(set(ids)), escalations.c.ended.is_(None))
        .group_by(escalations.c.case_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def nearest(connection: Connection, ids: Iterable[int]) -> dict[int, tuple[datetime, bool, str]]:
    """Case → the first due moment of its running clocks, whether it is provisional, and the clock's name."""
    query = select(clocks.c.case_id, clocks.c.due, clocks.c.provisional, clocks.c.name).where(
        clocks.c.case_id.in_(set(ids)), clocks.c.status == "running"
    )
    found: dict[int, tuple[datetime, bool, str]] = {}
    for case, due, provisional, name in connection.execute(query.order_by(clocks.c.due)):
        found.setdefault(case, (due, bool(provisional), name))
    return found


def assignees(connection: Connection, ids: Iterable[int]) -> dict[int, list[int]]:
    """Case → who has its open tasks."""
    query = (
        select(tasks.c.case_id, tasks.c.assignee_id)
        .where(tasks.c.case_id.in_(set(ids)), tasks.c.assignee_id.is_not(None))
        .order_by(tasks.c.case_id, tasks.c.no)
    )
    found: dict[int, list[int]] = {}
    for case, person in connection.execute(query):
        if person not in found.setdefault(case, []):
            found[case].append(person)
    return found


def clocks_of(connection: Connection, case: int) -> Sequence[AnyRow]:
    query = select(clocks).where(clocks.c.case_id == case).order_by(clocks.c.started, clocks.c.name, clocks.c.run)
    return connection.execute(query).all()


def escalations_of(connection: Connection, case: int) -> Sequence[AnyRow]:
    query = select(escalations).where(escalations.c.case_id == case).order_by(escalations.c.no)
    return connection.execute(query).all()


def files_of(connection: Connection, case: int) -> Sequence[AnyRow]:
    return connection.execute(select(*FILE).where(files.c.case_id == case).order_by(files.c.id)).all()


def file(connection: Connection, case: int, number: int) -> AnyRow | None:
    """An attachment of this case with its content."""
    if not 0 <= number < 2**63:
        return None
    query = select(*FILE, files.c.content).where(files.c.case_id == case, files.c.id == number)
    return connection.execute(query).one_or_none()


def children(connection: Connection, case: int, reader: Reader) -> Sequence[AnyRow]:
    """The cases a case opened; `readable` says which of them the reader may see."""
    query = (
        select(links.c.name, links.c.nominal, links.c.late, *CASE, readable(reader).label("readable"))
        .join(cases, cases.c.id == links.c.child_id)
        .where(links.c.parent_id == case)
    )
    return connection.execute(query.order_by(cases.c.opened, cases.c.id)).all()


def parent(connection: Connection, case: int, reader: Reader) -> AnyRow | None:
    """The case that opened this one."""
    query = (
        select(links.c.name, links.c.nominal, links.c.late, *CASE, readable(reader).label("readable"))
        .join(cases, cases.c.id == links.c.parent_id)
        .where(links.c.child_id == case)
    )
    return connection.execute(query).first()


def secrets(connection: Connection, case: int) -> dict[str, str | None]:
    """Commitment → JSON text of a personal value; None for an erased one. What is sealed is not among them."""
    return secrets_of(connection, [case])


def secrets_of(connection: Connection, ids: Collection[int]) -> dict[str, str | None]:
    """The same of several cases: no two have a commitment in common."""
    query = select(vault.c.commitment, vault.c.value).where(vault.c.case_id.in_(ids), ~vault.c.sealed)
    return {row.commitment: row.value for row in connection.execute(query)}


def others_about(connection: Connection, customer: int, *, but: int) -> list[dict[str, Any]]:
    """What rules know as `customer.cases`."""
    c = cases.c
    query = select(c.id, c.definition, c.number, c.opened, c.unit_id, c.marks).where(
        c.customer_id == customer, c.closed.is_(None), c.id != but, c.kind == "case"
    )
    return [
        {"id": row.id, "definition": row.definition, "number": row.number, "opened": exact(row.opened),
         "unit": row.unit_id or 0, "marks": row.marks.split()}
        for row in connection.execute(query.order_by(c.opened, c.id))
    ]  # fmt: skip


def open_about(connection: Connection, customer: int, *, but: int) -> list[str]:
    """What rules know as `customer.open`: definitions with an open case, and `definition:mark` for each mark."""
    query = select(cases.c.definition, cases.c.marks).where(
        cases.c.customer_id == customer, cases.c.closed.is_(None), cases.c.id != but, cases.c.kind == "case"
    )
    names: dict[str, None] = {}
    for definition, marks in connection.execute(query):
        names[definition] = None
        names.update(dict.fromkeys(f"{definition}:{mark}" for mark in marks.split()))
    return list(names)
