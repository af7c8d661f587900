"""For the auditor: who opened, uncovered or took out what."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from web import people
from web.context import directory, reader, workflow
from web.filters import after, midnight, number, text
from workflow.audit.looks import Looks

bp = Blueprint("looks", __name__, url_prefix="/audit/looks")


@bp.get("/")
def index() -> str:
    page = Looks(workflow()).all(
        reader(),
        person=people.asked("person"),
        since=midnight(request.args.get("since", "")),
        until=midnight(request.args.get("until", ""), after=1),
        text=text("case"),
        unit=number("unit"),
        after=after(),
    )
    return render_template(
        "audit/looks.html",
        page=page,
        people=people.listed("persons-ever", directory().persons.values()),
        person=people.spelled(request.args.get("person", "")),
    )
