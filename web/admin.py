"""The organisation: people, units, roles, and who stands in for whom."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web import forms
from web.context import actor, again, directory, reader, workflow
from web.filters import after
from web.language import from_local, now
from workflow.core.errors import SubstitutionInvalid

bp = Blueprint("admin", __name__, url_prefix="/organisation")


@bp.get("/")
def people() -> str:
    there = forms.members()
    lists = [(unit, there[unit.id]) for unit in forms.tree() if unit.id in there]
    return render_template("admin/people.html", lists=lists)


@bp.get("/units")
def units() -> str:
    return render_template("admin/units.html", units=[(one, len(directory().above(one.id))) for one in forms.tree()])


@bp.get("/messages")
def messages() -> str:
    return render_template("admin/messages.html", page=workflow().deliveries(reader(), after=after()))


@bp.get("/substitutions")
def substitutions(**_: Any) -> str:
    at = now()
    known = sorted(directory().substitutions, key=lambda one: one.since, reverse=True)
    return render_template(
        "admin/substitutions.html",
        lists=(("now", [s for s in known if s.holds(at)]), ("later", [s for s in known if s.since > at])),
        people=forms.people(),
    )


@bp.post("/substitutions")
@again(substitutions)
def substitute() -> Response:
    sent = request.form
    workflow().substitute(
        sent.get("absent", 0, type=int),
        sent.get("substitute", 0, type=int),
        since=moment(sent.get("since", "")),
        until=moment(sent.get("until", "")),
        reason=sent.get("reason", ""),
        actor=actor(),
    )
    flash(gettext("admin.substituted"), "good")
    return redirect(url_for(".substitutions"))


@bp.post("/substitutions/<int:substitution>/end")
@again(substitutions)
def end_substitution(substitution: int) -> Response:
    workflow().end_substitution(substitution, actor=actor())
    flash(gettext("admin.substitution_ended"), "good")
    return redirect(url_for(".substitutions"))


def moment(typed: str) -> datetime:
    """What a moment field sent. Raises `SubstitutionInvalid`."""
    try:
        return datetime.fromisoformat(from_local(typed)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise SubstitutionInvalid(why="order") from None
