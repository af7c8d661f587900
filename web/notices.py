"""Messages to the person."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web.context import reader, workflow
from web.filters import after

bp = Blueprint("notices", __name__, url_prefix="/notices")


@bp.get("/")
def index() -> str:
    fresh = request.args.get("unread") == "1"
    page = workflow().notices(reader(), unread=fresh, after=after())
    return render_template("notices/index.html", page=page, fresh=fresh)


@bp.post("/read")
def read_all() -> Response:
    workflow().read_notices(request.form.get("until", 0, type=int), reader())
    flash(gettext("notices.all_read"), "good")
    return redirect(url_for(".index"))


@bp.post("/<int:notice>/read")
def read(notice: int) -> Response:
    workflow().read_notice(notice, reader())
    return redirect(url_for(".index"))
