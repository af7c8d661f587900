"""What needs a supervisor: overdue clocks, escalations to acknowledge, and what the system could not do."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web import language, punctuality
from web.context import actor, again, key, reader, workflow
from web.filters import after, filters

bp = Blueprint("supervisor", __name__, url_prefix="/supervision")

PERIODS = (1, 7, 30, 90)
"""Days that figures of lateness are shown for; the second unless one is chosen."""

BREACHES = 30
"""Days in which breaches are counted."""


@bp.get("/")
def index() -> str:
    page = workflow().overdue(reader(), filters=filters(), after=after())
    breaches = workflow().breaches(reader(), days=BREACHES)
    return render_template("supervisor/index.html", page=page, breaches=breaches, days=BREACHES)


@bp.get("/escalations")
def escalations(**_: Any) -> str:
    page = workflow().escalations(reader(), filters=filters(), after=after())
    return render_template("supervisor/escalations.html", page=page)


@bp.post("/escalations/<int:case>/<int:no>")
@again(escalations)
def acknowledge(case: int, no: int) -> Response:
    workflow().acknowledge(case, no, note=request.form.get("note", ""), actor=actor(), key=key())
    flash(gettext("supervisor.acknowledged"), "good")
    return redirect(url_for(".escalations"))


@bp.get("/lateness")
def lateness() -> str:
    """How late what happens by itself was."""
    days = next((one for one in PERIODS if str(one) == request.args.get("days")), PERIODS[1])
    found = workflow().lateness(reader(), days=days, zone=language.zone())
    return render_template(
        "supervisor/lateness.html",
        periods=PERIODS,
        days=days,
        found=found,
        main=punctuality.main(found),
        others=punctuality.others(found),
        bars=punctuality.bars(found),
        ranges=punctuality.ranges(found),
        told=punctuality.told,
        word=punctuality.word,
        length=punctuality.length,
    )


@bp.get("/incidents")
def incidents() -> str:
    return render_template("supervisor/incidents.html", page=workflow().incidents(reader(), after=after()))


@bp.post("/incidents/<int:incident>")
def retry(incident: int) -> Response:
    workflow().retry(incident, actor=actor())
    flash(gettext("supervisor.retried"), "good")
    return redirect(url_for(".incidents"))
