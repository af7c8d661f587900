"""Bringing files in: a template, a check of every cell, applying, and taking a whole file back.

What kinds of files there are stands in `KINDS`; the pages are the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web import exports
from web.context import actor, reader, workflow
from web.language import current
from workflow import Actor, Workflow
from workflow.intake import revenue
from workflow.intake.sheet import Fault, Sheet, SheetUnfit, marked, title
from workflow.service.uploads import UploadRow

bp = Blueprint("imports", __name__, url_prefix="/imports")

AT_ONCE = 10
"""Portions applied or taken back by one click; a large file asks for more."""

SHOWN = 50
"""Faults on a page; all of them are in the file to take away."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file. `check`: content → the sheet and its faults; `keep`: → the id of what is kept;
    `apply`: some portions of it; `template`: writes an empty file."""

    name: str
    check: Callable[[Workflow, bytes, Actor, Any], tuple[Sheet, list[Fault]]]
    keep: Callable[[Workflow, str, bytes, Actor], int]
    apply: Callable[[Workflow, int, Actor, int], None]
    template: Callable[[Workflow, Path, str], None]


def _checked(door: Workflow, content: bytes, who: Actor, at: Any) -> tuple[Sheet, list[Fault]]:
    found = revenue.check(door, content, actor=who, at=at)
    return found.sheet, found.faults


KINDS: dict[str, Kind] = {
    revenue.KIND: Kind(
        name=revenue.KIND,
        check=_checked,
        keep=lambda door, name, content, who: revenue.keep(door, name, content, actor=who),
        apply=lambda door, upload, who, most: revenue.apply(door, upload, actor=who, most=most),
        template=lambda door, path, language: revenue.template(door, path, language=language),
    ),
}


@bp.get("/")
def index(problem: str | None = None) -> str:
    return render_template("imports/index.html", kinds=KINDS, rows=workflow().uploads(reader()), problem=problem)


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
        return index(gettext("imports.no_file")), 422
    try:
        upload = of.keep(workflow(), file.filename, file.read(), actor())
    except SheetUnfit as unfit:
        columns = [title(current(), column) for column in unfit.columns]
        return index(gettext(f"imports.unfit.{unfit.why}", columns=gettext("list.comma").join(columns))), 422
    return redirect(url_for(".show", upload=upload))


@bp.get("/<int:upload>/")
def show(upload: int) -> str:
    row = workflow().upload(upload, reader())
    faults = _faults(row)[1] if row.upload.report["bad"] else []
    return render_template(
        "imports/show.html", row=row, one=row.upload, faults=faults[:SHOWN], more=len(faults) - SHOWN,
        column_title=lambda column: title(current(), column),
    )  # fmt: skip


@bp.get("/<int:upload>/marked.xlsx")
def copy(upload: int) -> Response:
    """The rows with faults, the reason beside each cell."""
    row = workflow().upload(upload, reader())
    sheet, faults = _faults(row)
    stem = row.upload.name.rpartition(".")[0] or row.upload.name
    name = f"{stem}-{gettext('imports.marked')}.xlsx"
    return exports.sent(name, lambda path: marked(path, sheet, faults, language=current()))


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
    for _ in range(AT_ONCE):
        if not workflow().take_back(upload, actor=actor()):
            flash(gettext("imports.undone"), "good")
            break
    return redirect(url_for(".show", upload=upload))


def _faults(row: UploadRow) -> tuple[Sheet, list[Fault]]:
    """Found again in the file as it was checked."""
    one = row.upload
    content = workflow().upload_content(one.id, reader())
    who = Actor(one.person) if one.person is not None else reader()
    return KINDS[one.kind].check(workflow(), content, who, one.created)
