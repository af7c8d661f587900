"""Histories, calendars and incidents for those who decide them again."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select, text

from workflow.core.calendar import Calendar
from workflow.core.calendar_text import calendar_of
from workflow.core.codec import dumps, maker
from workflow.core.moments import EPOCH, moment_of
from workflow.core.step import Actor, Step
from workflow.storage import tables as t
from workflow.storage.verdict_tables import verdicts

_COLUMNS = (
    "case_id, seq, kind, trigger, actor_id, behalf_id, effective, recorded, from_state, to_state, version, task, form, "
    "ops"
)
_FIRST = text(f"SELECT {_COLUMNS} FROM steps WHERE case_id = :case AND seq = 1")  # noqa: S608
_MANY = text(
    f"SELECT {_COLUMNS}, previous, hash FROM steps WHERE case_id IN :cases ORDER BY case_id, seq"  # noqa: S608
).bindparams(bindparam("cases", expanding=True))
_CASES_OF = text(
    "SELECT customer_id, id FROM cases WHERE customer_id IN :customers AND kind = 'case' ORDER BY id"
).bindparams(bindparam("customers", expanding=True))
_SECRETS = text(
    "SELECT case_id, commitment, salt, CASE WHEN sealed THEN NULL ELSE value END FROM vault WHERE case_id IN :cases"
).bindparams(bindparam("cases", expanding=True))
UNREADABLE = [["unreadable", None]]
"""The facts of a step whose columns cannot be read: no fold knows what to do with them."""

_decoder = json.JSONDecoder()
_actor, _step = maker(Actor), maker(Step)
# Without types: reading a million steps through them takes longer than deciding the steps again.


def first(connection: Connection, case: int) -> Step | None:
    row = connection.execute(_FIRST, {"case": case}).one_or_none()
    return None if row is None else step(row)


def rows(connection: Connection, cases: Sequence[int]) -> Mapping[int, list[Sequence[Any]]]:
    """The histories of several cases as they are stored, every column of each step in the order of the chain."""
    found: dict[int, list[Sequence[Any]]] = {case: [] for case in cases}
    for row in connection.execute(_MANY, {"cases": list(cases)}).all():
        found[row[0]].append(tuple(row))
    return found


def many(connection: Connection, cases: Sequence[int]) -> Mapping[int, list[Step]]:
    """The histories of several cases at once."""
    return {case: [step(row) for row in found] for case, found in rows(connection, cases).items()}


def secrets(connection: Connection, cases: Sequence[int]) -> Mapping[int, dict[str, tuple[bytes, str | None]]]:
    """Case → commitment → salt and value; the value None for an erased or a sealed one."""
    found: dict[int, dict[str, tuple[bytes, str | None]]] = {case: {} for case in cases}
    for case, commitment, salt, value in connection.execute(_SECRETS, {"cases": list(cases)}):
        found[case][commitment] = (bytes(salt), value)
    return found


def step(row: Sequence[Any]) -> Step:
    """A stored row, as the fold takes it; what of the chain stands behind it is left."""
    case, seq, kind, trigger, actor, behalf, effective, recorded, old, new, version, task, form, ops = row[:14]
    try:
        answers, facts = {} if form == "{}" else _answers(form), _facts(ops)
        at, written = moment_of(effective), moment_of(recorded)
    except (ValueError, TypeError, OverflowError, RecursionError):
        answers, facts, at, written = {}, UNREADABLE, EPOCH, EPOCH
    who = _actor(actor, behalf)
    return _step(case, seq, kind, trigger, who, at, written, old, new, version, task, answers, facts)


def _answers(stored: str) -> dict[str, Any]:
    found = _read(stored)
    if type(found) is not dict:
        raise TypeError
    return found


def _facts(stored: str) -> Any:
    found = _read(stored)
    if any(type(op) is not str for op, _ in found):
        raise TypeError
    return found


def _read(stored: str) -> Any:
    """JSON as it is stored, without blanks around it; what has them is read as well. Raises ValueError, TypeError."""
    try:
        found, end = _decoder.raw_decode(stored)
    except ValueError:
        return _decoder.decode(stored)
    if "\\ud" in stored or "\\uD" in stored:
        # Half of a surrogate pair is no text, and could not be said again.
        dumps(found).encode()
    return found if end == len(stored) else _decoder.decode(stored)


def cases_of(connection: Connection, customers: Collection[int]) -> Mapping[int, list[int]]:
    """The cases about each of some customers."""
    found: dict[int, list[int]] = {customer: [] for customer in customers}
    for customer, case in connection.execute(_CASES_OF, {"customers": list(customers)}):
        found[customer].append(case)
    return found


def calendars(connection: Connection) -> Iterable[tuple[datetime, Calendar]]:
    """Every version of every calendar with the moment it was kept at, oldest first."""
    c = t.calendars.c
    rows = connection.execute(select(c.stored, c.text).order_by(c.stored, c.name, c.version))
    return [(row.stored, calendar_of(row.text)) for row in rows]


def failed(connection: Connection, case: int, at: datetime) -> bool:
    """Whether an incident about the case's timers was open at a moment."""
    c = t.incidents.c
    open_then = (c.raised <= at) & or_(c.resolved.is_(None), c.resolved >= at)
    return connection.scalar(select(c.id).where(c.case_id == case, c.kind == "timer", open_then).limit(1)) is not None


def kept(connection: Connection, *, after: int, limit: int) -> Iterator[tuple[int, str, str, int]]:
    """Id, number, kind and length of the histories after one, by id."""
    c = t.cases.c
    rows = connection.execute(select(c.id, c.number, c.kind, c.seq).where(c.id > after).order_by(c.id).limit(limit))
    return ((row.id, row.number, row.kind, row.seq) for row in rows)


@dataclass(frozen=True, slots=True)
class Head:
    """A history by its name. `about`: the customer it is about or belongs to; itself where there is none.

    `ends`: how the case says that its chain ends.
    """

    case: int
    number: str
    kind: str
    about: int
    ends: bytes


def heads(connection: Connection, *, behind: bool = False) -> list[Head]:
    """Every history, a customer's record and the cases about it together; `behind`: with steps since its verdict."""
    c, v = t.cases.c, verdicts.c
    about = func.coalesce(c.customer_id, c.id)
    query = select(c.id, c.number, c.kind, about, c.head)
    if behind:
        query = query.outerjoin(verdicts, v.case_id == c.id).where(or_(v.steps.is_(None), v.steps != c.seq))
    return [Head(*row) for row in connection.execute(query.order_by(about, c.id))]


def head(connection: Connection, case: int) -> Head | None:
    c = t.cases.c
    row = connection.execute(select(c.id, c.number, c.kind, c.head).where(c.id == case)).one_or_none()
    return None if row is None else Head(row.id, row.number, row.kind, case, row.head)
