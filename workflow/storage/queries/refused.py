"""What was refused, failed sign-ins among it, as one list that can be searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, not_, null, or_, select, tuple_, union_all

from workflow.storage.queries.cases import WITH_CUSTOMER
from workflow.storage.queries.narrow import numbered
from workflow.storage.queries.paging import needle
from workflow.storage.queries.reader import Reader, readable, within
from workflow.storage.tables import cases, persons, refusals, sign_ins

SIGN_IN = "SignInRefused"
"""What stands for the code of a failed sign-in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What the list is narrowed to; None narrows nothing.

    `codes`: of refusals, `SIGN_IN` among them for sign-ins; `but`: of all others. `attempts`: what was tried, as it is
    kept. `of`: pairs of a lifecycle and an attempt.
    """

    person: int | None = None
    codes: frozenset[str] | None = None
    but: frozenset[str] | None = None
    definition: str | None = None
    attempts: frozenset[str] | None = None
    of: frozenset[tuple[str, str]] | None = None
    number: str | None = None
    unit: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None


def sought(reader: Reader, wanted: Sought) -> Select[Any]:
    """Rows with the columns of a refusal and its case; a failed sign-in has none of a case."""
    both = union_all(_refused(reader, wanted), _sign_ins(reader, wanted)).subquery()
    return select(both)


def newest(query: Select[Any], key: tuple[Any, ...] | None, *, limit: int) -> Select[Any]:
    """A page of `sought`, the last first."""
    (both,) = query.get_final_froms()
    order = (both.c.at, both.c.code_, both.c.id)
    after = [] if key is None else [tuple_(*order) < tuple_(*key)]
    return query.where(*after).order_by(*(one.desc() for one in order)).limit(limit)


def _refused(reader: Reader, wanted: Sought) -> Select[Any]:
    c, r = cases.c, refusals.c
    conditions: list[ColumnElement[bool]] = [_seen(reader)]
    if wanted.codes is not None:
        conditions.append(r.code.in_(sorted(wanted.codes)))
    if wanted.but is not None:
        conditions.append(r.code.not_in(sorted(wanted.but)))
    if wanted.person is not None:
        conditions.append(or_(r.actor_id == wanted.person, r.behalf_id == wanted.person))
    if wanted.definition is not None:
        conditions.append(or_(c.definition == wanted.definition, r.attempt == f"open:{wanted.definition}"))
    if wanted.attempts is not None:
        conditions.append(r.attempt.in_(sorted(wanted.attempts)))
    if wanted.of is not None:
        pairs = sorted(wanted.of)
        conditions.append(tuple_(c.definition, r.attempt).in_(pairs) if pairs else false())
    if wanted.unit is not None:
        conditions.append(within(c.unit_id, reader.directory.below(wanted.unit)))
    if number := needle(wanted.number):
        conditions.append(or_(*numbered(number, c.number)))
    if text := needle(wanted.text):
        conditions.append(_holds(text, (r.attempt, r.facts, r.code, c.number)))
    columns = (r.id, r.at, r.actor_id, r.behalf_id, r.case_id, r.code, r.attempt, r.facts)
    query = select(*columns, c.number, c.definition, c.version, r.code.label("code_"))
    query = query.select_from(refusals.outerjoin(WITH_CUSTOMER, c.id == r.case_id))
    return query.where(*conditions, *_period(r.at, wanted))


def _sign_ins(reader: Reader, wanted: Sought) -> Select[Any]:
    s = sign_ins.c
    # Of no case: what narrows to one leaves none of them. Those who audit see them, and the system.
    none = (wanted.definition, wanted.attempts, wanted.of, wanted.number, wanted.unit)
    seen = (reader.audits or reader.everything) and all(one is None for one in none)
    conditions: list[ColumnElement[bool]] = [not_(s.succeeded)]
    if not seen or (wanted.codes is not None and SIGN_IN not in wanted.codes) or SIGN_IN in (wanted.but or ()):
        conditions.append(false())
    if wanted.person is not None:
        conditions.append(persons.c.id == wanted.person)
    if text := needle(wanted.text):
        conditions.append(_holds(text, (s.login, s.address)))
    columns = (
        s.id, s.at, persons.c.id, null(), null(), literal(SIGN_IN), s.login, s.address, null(), null(), null(),
        literal(""),
    )  # fmt: skip
    query = select(*columns).select_from(sign_ins.outerjoin(persons, persons.c.login == func.lower(s.login)))
    return query.where(and_(*conditions), *_period(s.at, wanted))


def _seen(reader: Reader) -> ColumnElement[bool]:
    """One's own; for overseers and auditors those about cases they may see; those about none for auditors."""
    r = refusals.c
    mine: list[ColumnElement[bool]] = [r.actor_id == reader.person, r.behalf_id.in_(reader.persons)]
    if reader.overseen or reader.audits or reader.everything:
        mine.append(cases.c.id.is_not(None) & readable(reader))
    if reader.audits or reader.everything:
        mine.append(r.case_id.is_(None))
    return or_(*mine)


def _period(at: ColumnElement[Any], wanted: Sought) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        found.append(at >= wanted.since)
    if wanted.until is not None:
        found.append(at < wanted.until)
    return found


def _holds(text: str, columns: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    return or_(*(column.icontains(text, autoescape=True) for column in columns))
