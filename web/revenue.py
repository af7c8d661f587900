"""The revenue statement: by unit and manager, for months; every figure opens what it is made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext

from web import workbooks
from web.context import directory, reader, units, workflow
from web.filters import whole
from web.language import current, name, now, zone
from web.workbooks import heading
from workflow.audit.exports.table import Cell
from workflow.core.case import is_id
from workflow.core.splits import later, month_of
from workflow.service.statement import PartRow, Statement
from workflow.service.views.names import UnitName

bp = Blueprint("revenue", __name__, url_prefix="/revenue")

MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
MOST = 36
"""Months of a statement."""


@bp.get("/")
def index() -> str:
    since, until = months()
    return render_template(
        "revenue/index.html", found=statement(), since=since, until=until, units=units(), unit=unit()
    )


@bp.get("/parts")
def parts() -> str:
    """What a figure is made of, by customer and month."""
    since, until = months()
    rows = _parts()
    total = sum(row.cents for row in rows)
    return render_template("revenue/parts.html", rows=rows, since=since, until=until, whom=_whom(), total=total)


@bp.get("/statement.xlsx")
def table() -> Response:
    """The statement for Excel, and every part of it: two sheets that add up to the same."""
    since, until = months()
    found = statement()
    headings = [
        heading("results.unit"), heading("revenue.manager"), heading("revenue.customers", "number"),
        heading("revenue.amount", "money"),
    ]  # fmt: skip
    rows: list[Sequence[Cell]] = [
        [_unit(line.unit), _called(line.person), line.customers, _yuan(line.cents)]
        for group in found.units
        for line in group.lines
    ]
    rows.append([gettext("revenue.total"), "", None, _yuan(found.cents)])
    of_parts = [
        *headings[:2], heading("measures.column.number"), heading("revenue.customer"), heading("revenue.month"),
        heading("revenue.month_whole", "money"), heading("revenue.share", "number"), heading("revenue.amount", "money"),
    ]  # fmt: skip
    whole = workflow().statement_whole(reader(), since=since, until=until, zone=zone(), unit=unit())
    parts: list[Sequence[Cell]] = [
        [
            _unit(one.unit), _called(one.person), one.number,
            name(one) if one.number else gettext("revenue.veiled"), one.month, _yuan(one.whole),
            _yuan(one.hundredths), _yuan(one.cents),
        ]
        for one in whole
    ]  # fmt: skip
    leaves = [
        workbooks.leaf(gettext("revenue.title"), headings, rows),
        workbooks.leaf(gettext("revenue.parts"), of_parts, parts),
    ]
    about = [
        gettext("revenue.title"), gettext("revenue.from_to", since=since, until=until), gettext("revenue.rounding"),
    ]  # fmt: skip
    selection = {"since": since, "until": until, "unit": unit()}
    return workbooks.sent(f"revenue-{since}-{until}", "revenue", leaves, about=about, selection=selection)


def statement() -> Statement:
    since, until = months()
    return workflow().statement(reader(), since=since, until=until, zone=zone(), unit=unit())


def months() -> tuple[str, str]:
    """The months asked for, else this year's up to now; at most `MOST`, the last of them."""
    present = month_of(now(), zone())
    until = _month("until") or present
    since = _month("since") or f"{until[:4]}-01"
    return min(max(since, later(until, 1 - MOST)), until), until


def unit() -> int | None:
    found = whole(request.args.get("unit", ""))
    return found if is_id(found) else None


def _parts() -> list[PartRow]:
    since, until = months()
    who = whole(request.args.get("person", ""))
    return workflow().statement_parts(
        reader(), since=since, until=until, zone=zone(), unit=unit(), person=who if is_id(who) else None,
        alone=request.args.get("alone") == "1",
    )  # fmt: skip


def _whom() -> str:
    """Whose figure it is."""
    who, place = whole(request.args.get("person", "")), unit()
    known = directory()
    someone = known.person(who) if who is not None and is_id(who) else None
    where = known.unit(place) if place is not None else None
    called = [one.name[current()] for one in (where, someone) if one is not None]
    if request.args.get("alone") == "1":
        called.append(gettext("revenue.unit_alone"))
    return " · ".join(called) or gettext("revenue.nobody")


def _month(key: str) -> str | None:
    given = request.args.get(key, "")
    return given if MONTH.fullmatch(given) else None


def _called(who: object) -> str:
    return gettext("revenue.unit_alone") if who is None else name(who)


def _unit(one: UnitName | None) -> str:
    return "" if one is None else name(one)


def _yuan(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
