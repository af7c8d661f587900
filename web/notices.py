"""Messages to the person."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug import Response

from web.context import reader, workflow
from web.filters import after

bp = Blueprint("notices", __name__, url_prefix="/notices")


@bp.get("/")
def index() -> str:
    return render_template("notices/index.html", page=workflow().notices(reader(), after=after()))


@bp.post("/<int:notice>/read")
def read(notice: int) -> Response:
    workflow().read_notice(notice, reader())
    return redirect(url_for(".index"))
