"""Signing in and out, one's password, and where one is signed in."""

from __future__ import annotations

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext
from werkzeug import Response

from web import gate
from web.context import accounts, again, person
from web.errors import STATUS
from web.language import now
from web.limits import SIGN_IN, limiter
from workflow.core.errors import Refused

bp = Blueprint("auth", __name__)


@bp.get("/sign-in")
def sign_in() -> Response:
    if g.person is not None:
        return redirect(gate.own_page(request.args.get("next")))
    return sign_in_page(target=request.args.get("next", ""))


@bp.post("/sign-in")
@limiter.limit(SIGN_IN)
def enter() -> Response:
    """Sign in; a form kept from before is shown again, for the person to send."""
    kept, target = request.form.get("kept", ""), request.form.get("next", "")
    try:
        token = accounts().sign_in(
            request.form.get("login", ""),
            request.form.get("password", ""),
            address=request.remote_addr or "",
            agent=request.user_agent.string,
            at=now(),
        )
    except Refused as refusal:
        g.refusal = refusal
        return sign_in_page(target=target, kept=kept, status=STATUS[type(refusal)])
    session.clear()
    found = gate.kept(kept) if kept else None
    answer = resume(*found) if found else redirect(gate.own_page(target))
    gate.set_cookie(answer, token)
    return answer


def sign_in_page(*, target: str = "", kept: str = "", status: int = 200) -> Response:
    page = render_template("auth/sign_in.html", target=target, kept=kept, login=request.form.get("login", ""))
    return make_response(page, status)


def resume(path: str, fields: object) -> Response:
    """What was typed before the session ended, to be looked at and sent."""
    return make_response(render_template("auth/resume.html", path=path, fields=fields))


@bp.post("/sign-out")
def sign_out() -> Response:
    accounts().revoke(request.cookies.get(gate.COOKIE, ""), now())
    session.clear()
    answer = redirect(url_for("auth.sign_in"))
    gate.drop_cookie(answer)
    return answer


@bp.get("/password")
def password() -> str:
    return render_template("auth/password.html", forced=g.must_change)


@bp.post("/password")
@limiter.limit(SIGN_IN)
@again(password)
def change_password() -> Response:
    """A new password; everywhere else the person is signed out."""
    sent = request.form
    if sent.get("fresh") != sent.get("repeat"):
        flash(gettext("auth.password_differs"), "danger")
        return make_response(password(), 422)
    accounts().change_password(
        person().id,
        current=sent.get("current", ""),
        fresh=sent.get("fresh", ""),
        secret=request.cookies.get(gate.COOKIE, ""),
        address=request.remote_addr or "",
        at=now(),
    )
    flash(gettext("auth.password_changed"), "good")
    return redirect(url_for("profile.show"))


@bp.get("/sessions")
def sessions() -> str:
    mine = accounts().sessions_of(person().id, now(), secret=request.cookies.get(gate.COOKIE, ""))
    return render_template("auth/sessions.html", sessions=mine)


@bp.post("/sessions/<mark>/end")
def revoke(mark: str) -> Response:
    accounts().revoke_marked(person().id, mark, now())
    flash(gettext("auth.session_ended"), "good")
    return redirect(url_for(".sessions"))
