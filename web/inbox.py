"""My tasks, and those I may take."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug import Response

from web.context import actor, key, reader, workflow
from web.filters import after, filters

bp = Blueprint("inbox", __name__, url_prefix="/inbox")


@bp.get("/")
def mine() -> str:
    page = workflow().inbox(reader(), filters=filters(), after=after())
    return render_template("inbox/mine.html", page=page)


@bp.get("/queue")
def queue() -> str:
    page = workflow().queue(reader(), filters=filters(), after=after())
    return render_template("inbox/queue.html", page=page)


@bp.post("/<int:case>/<int:no>/claim")
def claim(case: int, no: int) -> Response:
    workflow().claim(case, no, actor=actor(), key=key())
    flash(gettext("inbox.claimed"), "good")
    return redirect(url_for("tasks.show", case=case, no=no))
