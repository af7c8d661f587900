"""Plans of a year by Excel: a table with what is said by now, a check of every cell, and entering it.

What it says of people's pay is personal. The file is not kept; what is entered goes through the form of the check.
"""

from __future__ import annotations

import json
from typing import Any, cast

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from web import results, workbooks
from web.context import key, reader, workflow
from web.language import current
from workflow.core.plans import COUNTED
from workflow.intake import plan_table
from workflow.intake.plan_table import Checked
from workflow.intake.sheet import SheetUnfit, title
from workflow.service.plans import Of

bp = Blueprint("plan_files", __name__, url_prefix="/results/plans")

OF: tuple[Of, ...] = ("person", "unit")
SHOWN = 200
"""Rows and faults on a page."""


@bp.get("/")
def index(problem: str | None = None, found: Checked | None = None) -> str:
    """`problem`: what is wrong with the file; `found`: what a file that was sent would change."""
    changes = [] if found is None else found.changes
    said = json.dumps([[one.one.id, dict(one.values)] for one in changes], separators=(",", ":"))
    return render_template(
        "results/plans.html", year=results.year(), of=of(), ofs=OF, problem=problem, found=found,
        changes=changes[:SHOWN], faults=[] if found is None else found.faults[:SHOWN], said=said,
        counted=COUNTED, column_title=lambda column: title(current(), column),
    )  # fmt: skip


@bp.get("/table.xlsx")
def table() -> Response:
    """Everybody, or every unit, the reader plans for, with what was said last; to be filled in."""
    known = workflow().plannable(reader(), of(), results.year())
    leaf = workbooks.leaf(
        f"{gettext('results.plans')} {results.year()}",
        plan_table.headings(of(), current()),
        plan_table.rows(of(), known, current()),
    )
    about = [gettext("results.plans_lead")]
    selection = {"of": of(), "year": results.year()}
    return workbooks.sent(f"plans-{of()}-{results.year()}", "plans", [leaf], about=about, selection=selection)


@bp.post("/")
def check() -> Any:
    """Look at a file. Nothing of it is entered, or kept."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return index(gettext("imports.no_file")), 422
    try:
        found = plan_table.check(file.read(), of(), workflow().plannable(reader(), of(), results.year()))
    except SheetUnfit as unfit:
        columns = gettext("list.comma").join(title(current(), column) for column in unfit.columns)
        return index(gettext(f"imports.unfit.{unfit.why}", columns=columns)), 422
    return index(found=found)


@bp.post("/enter")
def enter() -> Response:
    """Enter what a check showed; pressed twice, each is said once. What nobody changed stays as it is by then."""
    known = {one.id: one for one in workflow().plannable(reader(), of(), results.year())}
    sent, count = key(), 0
    for row, values in _said():
        before = known[row].plan.values if row in known else {}
        once = None if sent is None else f"{sent}:{of()}:{row}"
        workflow().plan(of(), row, results.year(), {**before, **values}, actor=reader(), key=once)
        count += 1
    flash(ngettext("results.plans_entered", "results.plans_entered", count), "good")
    return redirect(url_for("results.scores", year=results.year()))


def of() -> Of:
    asked = request.args.get("of", "")
    return cast(Of, asked) if asked in OF else OF[0]


def _said() -> list[tuple[int, dict[str, int]]]:
    """What the form of the check says; what is no such thing says nothing."""
    try:
        rows = json.loads(request.form.get("said", ""))
        return [(int(row), {str(name): int(value) for name, value in values.items()}) for row, values in rows]
    except (ValueError, TypeError, AttributeError):
        return []
