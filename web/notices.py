"""Messages to the person."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web.context import reader, workflow
from web.filters import after
from workflow.messages.notices import kinds

bp = Blueprint("notices", __name__, url_prefix="/notices")

KINDS = tuple(kind for kind in kinds() if kind != "tell")
"""What a person may be sent; what a customer is told goes to nobody here."""


@bp.get("/")
def index() -> str:
    fresh, asked = request.args.get("unread") == "1", request.args.get("kind")
    kind = asked if asked in KINDS else None
    page = workflow().notices(reader(), unread=fresh, kind=kind, after=after())
    return render_template("notices/index.html", page=page, fresh=fresh, kind=kind, kinds=KINDS)


@bp.post("/read")
def read_all() -> Response:
    workflow().read_notices(request.form.get("until", 0, type=int), reader())
    flash(gettext("notices.all_read"), "good")
    return redirect(url_for(".index"))


@bp.post("/<int:notice>/read")
def read(notice: int) -> Response:
    """Back to the list as it was narrowed."""
    workflow().read_notice(notice, reader())
    return redirect(url_for(".index", kind=request.args.get("kind"), unread=request.args.get("unread")))
