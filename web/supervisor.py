"""What needs a supervisor: overdue clocks, escalations to acknowledge, and what the system could not do."""

import re
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web import board, language, punctuality
from web.context import actor, again, key, reader, workflow
from web.filters import after, filters, whole
from web.names import known
from workflow.core.errors import Refused
from workflow.service.board import Of
from workflow.service.views.refusals import IncidentRow

bp = Blueprint("supervisor", __name__, url_prefix="/supervision")

PERIODS = (1, 7, 30, 90)
"""Days that figures of lateness are shown for; the second unless one is chosen."""

HOMES: dict[Of, str] = {
    "overdue": "supervisor.index",
    "soon": "supervisor.soon",
    "escalations": "supervisor.escalations",
}
"""Where each list of the board is shown."""

MOST_RETRIED = 50
"""Incidents tried again at a time: each may take as long as a sweep."""

FAULT = re.compile(r"\w+")
"""The kind of a fault, the first word of what is written about it."""

BREACHES = 30
"""Days in which breaches are counted."""


@bp.get("/")
def index() -> str:
    breaches = workflow().breaches(reader(), days=BREACHES)
    return _board("overdue", "supervisor/index.html", breaches=breaches, days=BREACHES)


@bp.get("/soon")
def soon() -> str:
    """What will be late in the next 48 hours."""
    return _board("soon", "supervisor/soon.html")


@bp.get("/escalations")
def escalations(**_: Any) -> str:
    return _board("escalations", "supervisor/escalations.html")


def _board(of: Of, template: str, **more: Any) -> str:
    """A list of the board, as the address narrows and groups it."""
    here = board.group()
    page = workflow().board(of, reader(), filters=filters(), group=here, after=after())
    return render_template(
        template,
        home=HOMES[of],
        page=page,
        ways=board.WAYS,
        way=board.way(),
        group=here,
        groups=board.groups(of),
        called=board.called,
        key_of=board.key_of,
        actions=board.ACTIONS,
        picked=request.args.get("pick") == "all",
        **more,
    )


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
    page = workflow().incidents(reader(), after=after())
    return render_template(
        "supervisor/incidents.html", page=page, meant=meant, picked=request.args.get("pick") == "all"
    )


def meant(row: IncidentRow) -> str:
    """What an incident means, and what to do about it, by its kind and by the fault at its root."""
    fault = FAULT.match(str(row.detail.get("fault", "")))
    about = known(f"incident.cause.{fault[0]}", "") if fault else ""
    return about or known(f"incident.means.{row.kind}", "")


@bp.post("/incidents")
def retry_picked() -> Response:
    """Try again several incidents, each by itself."""
    tried, failed, gone = 0, 0, 0
    for said in list(dict.fromkeys(request.form.getlist("pick")))[:MOST_RETRIED]:
        incident = whole(said)
        if incident is None:
            continue
        try:
            failed += workflow().retry(incident, actor=actor()).failed
            tried += 1
        except Refused:
            # It is no longer there, which the refusal has on record; the others are tried all the same.
            gone += 1
    if tried or gone:
        flash(gettext("supervisor.retried_many", tried=tried, failed=failed, gone=gone), "warn" if failed else "good")
    else:
        flash(gettext("bulk.nothing_picked"), "warn")
    return redirect(url_for(".incidents"))


@bp.post("/incidents/<int:incident>")
def retry(incident: int) -> Response:
    workflow().retry(incident, actor=actor())
    flash(gettext("supervisor.retried"), "good")
    return redirect(url_for(".incidents"))
