"""The steps of a case."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, or_, select, tuple_

from workflow.core.step import Actor, Step
from workflow.storage.queries.paging import AnyRow
from workflow.storage.tables import steps


def rows(
    connection: Connection, case: int, *, until: datetime | None = None, last: int | None = None, since: int = 0
) -> Sequence[AnyRow]:
    """The stored steps in order; `until`: those recorded by then; `last`: up to this one; `since`: after this one."""
    query = select(steps).where(steps.c.case_id == case, steps.c.seq > since).order_by(steps.c.seq)
    if until is not None:
        query = query.where(steps.c.recorded <= until)
    if last is not None:
        query = query.where(steps.c.seq <= last)
    return connection.execute(query).all()


def numbered(connection: Connection, case: int, seq: int) -> AnyRow:
    """The stored step of this number, which is there."""
    return connection.execute(select(steps).where(steps.c.case_id == case, steps.c.seq == seq)).one()


def naming(connection: Connection, record: int, row: int, *, triggers: Collection[str], limit: int) -> Sequence[AnyRow]:
    """The newest steps of a record whose form has this number as a value; what it numbers is for the caller to see."""
    held = or_(*(steps.c.form.contains(f":{row}{end}", autoescape=True) for end in (",", "}")))
    query = select(steps).where(steps.c.case_id == record, steps.c.trigger.in_(sorted(triggers)), held)
    return connection.execute(query.order_by(steps.c.seq.desc()).limit(limit)).all()


def of_kind(connection: Connection, kind: str, numbers: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of some steps, by case and number, that are of a kind."""
    named = tuple_(steps.c.case_id, steps.c.seq)
    query = select(steps.c.case_id, steps.c.seq).where(named.in_(sorted(numbers)), steps.c.kind == kind)
    return {(row.case_id, row.seq) for row in connection.execute(query)} if numbers else set()


def queue_of(connection: Connection, case: int, task: int) -> tuple[int | None, str] | None:
    """Unit and role of the queue a task was opened for, also when it is long done; None for one there never was."""
    for row in rows(connection, case):
        for op, body in step(row).ops:
            if op == "task+" and body["no"] == task:
                return body["unit"], body["role"]
    return None


def of_cases(connection: Connection, ids: Iterable[int]) -> Mapping[int, list[AnyRow]]:
    """The stored steps of each of these cases in order."""
    query = select(steps).where(steps.c.case_id.in_(set(ids))).order_by(steps.c.case_id, steps.c.seq)
    found: dict[int, list[AnyRow]] = {}
    for row in connection.execute(query):
        found.setdefault(row.case_id, []).append(row)
    return found


def step(row: AnyRow) -> Step:
    """A stored step as the fold takes it."""
    return Step(
        case=row.case_id, seq=row.seq, kind=row.kind, trigger=row.trigger, actor=Actor(row.actor_id, row.behalf_id),
        effective=row.effective, recorded=row.recorded, from_state=row.from_state, to_state=row.to_state,
        version=row.version, task=row.task, form=json.loads(row.form), ops=json.loads(row.ops),
    )  # fmt: skip
