"""For the auditor: who opened, uncovered or took out what."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from web.context import directory, reader, workflow
from web.filters import after, midnight, number
from workflow.audit.looks import Looks

bp = Blueprint("looks", __name__, url_prefix="/audit/looks")


@bp.get("/")
def index() -> str:
    page = Looks(workflow()).all(
        reader(),
        person=number("person"),
        since=midnight(request.args.get("since", "")),
        until=midnight(request.args.get("until", ""), after=1),
        after=after(),
    )
    people = sorted(directory().persons.values(), key=lambda one: one.login)
    return render_template("audit/looks.html", page=page, people=people, person=number("person"))
