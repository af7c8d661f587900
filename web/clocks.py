"""One clock of a case: when it is due, how that came about, and letting it stand still."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web import language, titles
from web.context import actor, again, key, reader, workflow
from workflow import messages
from workflow.messages.derivations import length

bp = Blueprint("clocks", __name__, url_prefix="/cases/<int:case>/clocks/<name>")


@bp.get("/")
def show(case: int, name: str, **_: Any) -> str:
    """The latest run, or the one asked for."""
    found = workflow().explain(case, name, reader(), run=request.args.get("run", type=int))
    return render_template(
        "cases/clock.html",
        found=found,
        title=titles.clock(found.row),
        lines=messages.derivation(found.lines, language.current(), zone=language.zone()),
        used=length(found.standing.elapsed, language.current()),
        left=length(found.standing.remaining, language.current()),
    )


@bp.post("/pause")
@again(show)
def pause(case: int, name: str) -> Response:
    workflow().pause(case, name, reason=request.form.get("reason", ""), actor=actor(), key=key())
    flash(gettext("clock.was_paused"), "good")
    return redirect(url_for(".show", case=case, name=name))


@bp.post("/resume")
@again(show)
def resume(case: int, name: str) -> Response:
    workflow().resume(case, name, actor=actor(), key=key())
    flash(gettext("clock.was_resumed"), "good")
    return redirect(url_for(".show", case=case, name=name))
