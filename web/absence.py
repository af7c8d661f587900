"""One's own absence: who stands in, from when to when."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web import people
from web.admin import hints, moment
from web.context import again, directory, key, person, reader, workflow
from web.language import now

bp = Blueprint("absence", __name__, url_prefix="/absence")

MOST_PAST = 10


@bp.get("/")
def show(**_: Any) -> str:
    known, at, me = directory(), now(), person().id
    mine = sorted((s for s in known.substitutions if s.absent == me), key=lambda s: s.since, reverse=True)
    colleagues = [known.persons[one] for one in known.colleagues(me, at)]
    return render_template(
        "profile/absence.html",
        coming=[s for s in mine if s.until > at][::-1],
        past=[s for s in mine if s.until <= at][:MOST_PAST],
        standing_in=[s for s in known.substitutions if s.substitute == me and s.until > at],
        unnamed=[one for one in known.absences if one.absent == me and one.until > at],
        for_others=[one for one in known.absences if me in known.covering(one.absent, at)],
        group=known.group_of(me, at),
        hints=hints,
        colleagues=people.listed("persons-colleagues", colleagues) if colleagues else "",
    )


@bp.post("/")
@again(show)
def begin() -> Response:
    sent = request.form
    workflow().substitute(
        person().id,
        people.sent("substitute"),
        since=moment(sent.get("since", "")),
        until=moment(sent.get("until", "")),
        reason=sent.get("reason", ""),
        actor=reader(),
        key=key(),
    )
    flash(gettext("admin.substituted"), "good")
    return redirect(url_for(".show"))


@bp.post("/unnamed")
@again(show)
def report() -> Response:
    """Away without naming anybody: the linked group stands in, else the colleagues of the unit."""
    sent = request.form
    workflow().report_absence(
        person().id,
        since=moment(sent.get("since", "")),
        until=moment(sent.get("until", "")),
        reason=sent.get("reason", ""),
        actor=reader(),
        key=key(),
    )
    flash(gettext("absence.reported"), "good")
    return redirect(url_for(".show"))


@bp.post("/unnamed/<int:absence>/end")
@again(show)
def come_back(absence: int) -> Response:
    workflow().end_absence(absence, actor=reader(), key=key())
    flash(gettext("admin.substitution_ended"), "good")
    return redirect(url_for(".show"))


@bp.post("/<int:substitution>/end")
@again(show)
def end(substitution: int) -> Response:
    workflow().end_substitution(substitution, actor=reader(), key=key())
    flash(gettext("admin.substitution_ended"), "good")
    return redirect(url_for(".show"))
