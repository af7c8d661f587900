"""Waiting time by department, beside the figures of performance: the cases behind a line, and the table for Excel."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext

from web import departments, measures, workbooks
from web.context import reader, workflow
from web.filters import after, filters, one_or_none
from web.language import moment, now, title, zone
from workflow.audit.exports.table import Cell, Heading

bp = Blueprint("waiting", __name__, url_prefix="/supervision/performance")


@bp.get("/departments/cases")
def behind() -> str:
    """The cases that were with a unit in a role."""
    role = request.args.get("role", "").replace("\0", "")[:100]
    page = workflow().waits_behind(
        reader(),
        measures.span_of(),
        unit=one_or_none("of"),
        role=role,
        filters=filters(),
        after=after(),
    )
    back = url_for("measures.index", **measures.narrowing())
    return render_template(
        "supervisor/behind.html", page=page, lifecycle=gettext("measures.table.department"), back=back
    )


@bp.get("/departments.xlsx")
def table() -> Response:
    span = measures.span_of()
    words = ("unit", "role", "side", "cases", "days", "days_each")
    headings = [
        Heading(gettext(f"measures.column.{word}"), "text" if place < 3 else "number")
        for place, word in enumerate(words)
    ]
    rows: list[list[Cell]] = [
        [
            title(one.name) if one.name else gettext("board.no_unit"), departments.role(one),
            gettext(f"measures.side.{one.side}"), one.cases, measures.days(one.spent), measures.days(one.each),
        ]
        for one in workflow().waits(reader(), span, filters=filters())
    ]  # fmt: skip
    name = gettext("measures.table.department")
    about = [
        gettext("measures.title"),
        name,
        gettext("measures.department_text"),
        gettext("measures.from_to", since=moment(span.since), until=moment(min(span.until, now()))),
    ]
    return workbooks.sent(
        f"departments-{now().astimezone(zone()):%Y%m%d}",
        "measures.department",
        [workbooks.leaf(name, headings, rows)],
        about=about,
        selection=measures.narrowing(),
    )
