"""Figures of people's work in a period, for a draft: counted over all histories, whoever may see them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, true

from workflow.core.deadline import add_months
from workflow.core.definition.figures import Asked, Draft, Figure
from workflow.core.personal import is_commitment
from workflow.core.world import Asking
from workflow.storage.queries.paging import AnyRow
from workflow.storage.revenue_tables import revenue
from workflow.storage.stint_tables import stints
from workflow.storage.tables import cases, customers, steps

BY_PEOPLE = ("trigger", "done")
MOST_LINES = 40
LONGEST_LINE = 120
MOST_MOVED = 5
TENTH = Decimal("0.1")
HUNDREDTH = Decimal("0.01")


def figures(connection: Connection, draft: Draft, asking: Asking) -> Mapping[str, Any]:
    """The value of each field of a draft. Counts are numbers, averages texts with one decimal, lists lines of text."""
    whose = frozenset(asking.people)
    done = _done(connection, draft.values.values(), whose.union(asking.colleagues), asking)
    mine = [row for row in done if row.actor_id in whose]
    kinds = {figure.kind for figure in draft.values.values()}
    led = _led(connection, asking) if kinds & {"customers", "share"} else 0
    found: dict[str, Any] = {}
    for name, figure in draft.values.items():
        if figure.kind == "count":
            found[name] = sum(_means(figure, row) for row in mine)
        elif figure.kind == "share":
            found[name] = _share(sum(_means(figure, row) for row in mine), led)
        elif figure.kind == "customers":
            found[name] = led
        elif figure.kind == "average":
            count = sum(_means(figure, row) for row in done if row.actor_id in asking.colleagues)
            found[name] = _mean(count, len(asking.colleagues))
        elif figure.kind == "lines":
            found[name] = _text(line for row in mine if row.told for line in _lines(figure, row))
        elif figure.kind == "open":
            found[name] = _text(_open(connection, figure, asking))
        elif figure.kind == "left":
            found[name] = connection.scalar(select(func.count()).select_from(_left(figure, asking).subquery()))
        else:
            found[name] = _text(_movement(connection, asking))
    return found


def _done(
    connection: Connection, figures: Iterable[Figure], people: Collection[int], asking: Asking
) -> Sequence[AnyRow]:
    """The steps all figures are made of, in the order they were done in."""
    done = [figure for figure in figures if figure.kind not in ("open", "left")]
    asked = {(one.definition, one.trigger) for figure in done for one in figure.asked}
    pairs: list[ColumnElement[bool]] = [
        and_(cases.c.definition == definition, steps.c.trigger == trigger) for definition, trigger in sorted(asked)
    ]
    if not pairs:
        return []
    source = steps.join(cases, cases.c.id == steps.c.case_id)
    source = source.outerjoin(customers, customers.c.id == cases.c.customer_id)
    asked_of = (cases.c.definition, customers.c.name_zh, _told(asking).label("told"))
    query = select(steps.c.actor_id, steps.c.trigger, steps.c.form, *asked_of)
    query = query.select_from(source).where(
        steps.c.actor_id.in_(sorted(people)),
        steps.c.recorded >= asking.since,
        steps.c.recorded < asking.until,
        steps.c.kind.in_(BY_PEOPLE),
        or_(*pairs),
    )
    return connection.execute(query.order_by(steps.c.recorded, steps.c.case_id, steps.c.seq)).all()


def _means(figure: Figure, row: AnyRow) -> bool:
    if not any((one.definition, one.trigger) == (row.definition, row.trigger) for one in figure.asked):
        return False
    if not figure.where:
        return True
    form = json.loads(row.form)
    return all(form.get(name) == value for name, value in figure.where.items())


def _lines(figure: Figure, row: AnyRow) -> Iterable[str]:
    form = json.loads(row.form)
    for one in figure.asked:
        written = form.get(one.field) if _is(one, row) else None
        if written and not is_commitment(written):
            text = " ".join(str(written).split())[:LONGEST_LINE]
            yield f"{row.name_zh}: {text}" if row.name_zh else text


def _is(one: Asked, row: AnyRow) -> bool:
    return (one.definition, one.trigger) == (row.definition, row.trigger)


def _told(asking: Asking) -> ColumnElement[bool]:
    """Whether a customer may be named to whoever reads the draft."""
    if asking.told_in is None:
        return true()
    everybodys = and_(customers.c.level == 0, customers.c.unit_id == asking.told_in)
    return or_(customers.c.id.is_(None), everybodys)


def _open(connection: Connection, figure: Figure, asking: Asking) -> Iterable[str]:
    query = _left(figure, asking).where(_told(asking)).order_by(cases.c.opened, cases.c.id).limit(MOST_LINES)
    return [f"{row.name_zh}: {row.number}" for row in connection.execute(query)]


def _left(figure: Figure, asking: Asking) -> Select[Any]:
    """The cases of their customers that were open at the end of the period."""
    return (
        select(cases.c.number, customers.c.name_zh)
        .join(customers, customers.c.id == cases.c.customer_id)
        .where(
            _theirs(asking),
            cases.c.definition.in_({one.definition for one in figure.asked}),
            cases.c.opened < asking.until,
            or_(cases.c.closed.is_(None), cases.c.closed >= asking.until),
        )
    )


def _theirs(asking: Asking) -> ColumnElement[bool]:
    return or_(customers.c.a_id.in_(asking.people), customers.c.b_id.in_(asking.people))


def _led(connection: Connection, asking: Asking) -> int:
    """How many customers they led when the period ended; what was merged into another is none."""
    s = stints.c
    query = (
        select(func.count())
        .select_from(stints.join(customers, customers.c.id == s.customer_id))
        .where(
            s.role == "lead",
            s.person_id.in_(asking.people),
            s.begun < asking.until,
            or_(s.ended.is_(None), s.ended >= asking.until),
            customers.c.merged_id.is_(None),
        )
    )
    return connection.scalar(query) or 0


def _share(count: int, led: int) -> str | None:
    """In percent of the customers led, at most all of them; None where there is none."""
    if not led:
        return None
    return str((Decimal(min(count, led)) * 100 / led).quantize(HUNDREDTH, ROUND_HALF_UP))


def _movement(connection: Connection, asking: Asking) -> Iterable[str]:
    """The newest month of their customers that is known by the end of the period, beside the month before:
    all of them, then those that moved most. Nothing where no revenue is known; a customer without a figure for the
    newest month is left out of both: a file that is late is no drop."""
    r, ours = revenue.c, _theirs(asking)
    said = customers.alias()
    # What was merged into another customer is told as that one's.
    standing = revenue.join(said, said.c.id == r.customer_id).join(
        customers, customers.c.id == func.coalesce(said.c.merged_id, said.c.id)
    )
    last = asking.until.strftime("%Y-%m")
    newest = select(func.max(r.month)).select_from(standing).where(ours, r.until.is_(None), r.month <= last)
    month = connection.scalar(newest)
    if month is None:
        return []
    before = add_months(date.fromisoformat(f"{month}-01"), -1).isoformat()[:7]
    query = (
        select(customers.c.id, customers.c.name_zh, _told(asking), r.month, func.sum(r.cents))
        .select_from(standing)
        .where(ours, r.until.is_(None), r.month.in_((before, month)))
        .group_by(customers.c.id, r.month)
    )
    names: dict[int, str] = {}
    moved: dict[int, dict[str, int]] = {}
    for customer, name, told, of, cents in connection.execute(query):
        if told:
            names[customer] = name
        moved.setdefault(customer, {})[of] = int(cents or 0)
    pairs = {customer: (by.get(before, 0), by.get(month, 0)) for customer, by in moved.items() if month in by}
    whole = sum(old for old, _ in pairs.values()), sum(new for _, new in pairs.values())
    named = names.keys() & pairs.keys()
    most = sorted(named, key=lambda customer: (-abs(pairs[customer][1] - pairs[customer][0]), customer))[:MOST_MOVED]
    return [
        f"{before} → {month}: {_moved(*whole)}",
        *(f"{names[one]}: {_moved(*pairs[one])}" for one in most if pairs[one][0] != pairs[one][1]),
    ]


def _moved(old: int, new: int) -> str:
    """Two sums of cents in yuan, and by how much the second is more."""
    rate = f" ({Decimal(new - old) * 100 / old:+.1f} %)" if old else ""
    return f"{Decimal(old) / 100:,.2f} → {Decimal(new) / 100:,.2f}{rate}"


def _text(lines: Iterable[str]) -> str | None:
    found = list(dict.fromkeys(lines))
    return "\n".join(found[:MOST_LINES]) or None


def _mean(count: int, people: int) -> str:
    return str((Decimal(count) / max(people, 1)).quantize(TENTH, ROUND_HALF_UP))
