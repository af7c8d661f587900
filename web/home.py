"""The start: where each person's work is."""

from flask import Blueprint, redirect, url_for
from werkzeug import Response

from web.places import may

bp = Blueprint("home", __name__)

STARTS = ("inbox.mine", "audit.index", "admin.people")


@bp.get("/")
def show() -> Response:
    start = next((endpoint for endpoint in STARTS if may(endpoint)), "profile.show")
    return redirect(url_for(start))
