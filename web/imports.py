"""Bringing files in: a template, a check of every cell, applying, and taking a whole file back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web import exports, incoming
from web.context import actor, reader, workflow
from web.language import current
from workflow.intake import customer_file
from workflow.intake.kinds import KINDS
from workflow.intake.sheet import SheetUnfit, marked, title

bp = Blueprint("imports", __name__, url_prefix="/imports")

AT_ONCE = 10
"""Portions applied or taken back by one click; a large file asks for more."""

SHOWN = 50
"""Faults on a page; all of them are in the file to take away."""


@bp.get("/")
def index(problem: str | None = None, of: str = "") -> str:
    """`problem`: what is wrong with the file of a kind that was sent."""
    rows = workflow().uploads(reader())
    return render_template("imports/index.html", kinds=KINDS, rows=rows, problem=problem, of=of)


@bp.get("/<kind>/template.xlsx")
def template(kind: str) -> Response:
    of = KINDS.get(kind) or abort(404)
    name = f"{gettext(f'imports.kind.{kind}')}.xlsx"
    return exports.sent(name, lambda path: of.template(workflow(), path, current()))


@bp.post("/<kind>")
def bring(kind: str) -> Any:
    """Check a file. Nothing of it is done yet."""
    of = KINDS.get(kind) or abort(404)
    file = request.files.get("file")
    if file is None or not file.filename:
        return index(gettext("imports.no_file"), kind), 422
    mode = request.form.get("mode", "")
    try:
        upload = of.keep(
            workflow(), file.filename, file.read(), actor(), mode if mode in of.modes else "".join(of.modes[:1])
        )
    except SheetUnfit as unfit:
        columns = [title(current(), column) for column in unfit.columns]
        said = gettext(f"imports.unfit.{unfit.why}", columns=gettext("list.comma").join(columns))
        return index(said, kind), 422
    return redirect(url_for(".show", upload=upload))


@bp.get("/<int:upload>/")
def show(upload: int) -> str:
    row = workflow().upload(upload, reader())
    one = row.upload
    faults = KINDS[one.kind].found(workflow(), one, reader())[1] if one.report["bad"] or one.report.get("left") else []
    changes = incoming.changes(row) if one.kind == customer_file.KIND and one.state == "checked" else None
    return render_template(
        "imports/show.html", row=row, one=one, faults=faults[:SHOWN], more=len(faults) - SHOWN, changes=changes,
        stands=incoming.stands(row), column_title=lambda column: title(current(), column),
    )  # fmt: skip


@bp.get("/<int:upload>/marked.xlsx")
def copy(upload: int) -> Response:
    """The rows with faults, or all of them, the reason beside each cell."""
    whole = request.args.get("rows") == "all"
    row = workflow().upload(upload, reader())
    of = KINDS[row.upload.kind]
    sheet, faults = of.found(workflow(), row.upload, reader())
    stem = row.upload.name.rpartition(".")[0] or row.upload.name
    ending = sheet.form if of.as_sent else "xlsx"
    return exports.sent(
        f"{stem}-{gettext('imports.marked')}.{ending}",
        lambda path: marked(path, sheet, faults, language=current(), name=of.page, as_sent=of.as_sent, whole=whole),
    )


@bp.post("/<int:upload>/apply")
def apply(upload: int) -> Response:
    """Apply the next portions. Pressed twice, or by two, each is applied once."""
    row = workflow().upload(upload, reader()).upload
    KINDS[row.kind].apply(workflow(), upload, actor(), AT_ONCE)
    if workflow().upload(upload, reader()).upload.state == "applied":
        flash(gettext("imports.applied"), "good")
    return redirect(url_for(".show", upload=upload))


@bp.post("/<int:upload>/undo")
def undo(upload: int) -> Response:
    """Take the next portions back."""
    of = KINDS[workflow().upload(upload, reader()).upload.kind]
    for _ in range(AT_ONCE):
        if not of.undo(workflow(), upload, actor()):
            flash(gettext("imports.undone"), "good")
            break
    return redirect(url_for(".show", upload=upload))
