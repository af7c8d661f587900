"""The gate before every page: who is it, and may they come here. Closed unless `access` says otherwise."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, current_app, g, redirect, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug import Response
from werkzeug.datastructures import MultiDict

from web import access
from web.context import accounts, directory, roles
from web.language import now

COOKIE = "baton_session"
KEPT_SECONDS = 12 * 3600
KEPT_LENGTH = 200_000
NOT_KEPT = {"csrf_token", "password", "current", "fresh", "repeat"}
PASSWORD_FIRST = {"auth.password", "auth.change_password", "auth.sign_out"}
UNGUARDED = {"static", "health.show"}


def install(app: Flask) -> None:
    app.before_request(identify)
    app.before_request(guard)


def identify() -> None:
    """Find out who is signed in; nobody for a session that ended, or a person no longer active."""
    g.person = None
    token = request.cookies.get(COOKIE)
    if not token or request.endpoint in UNGUARDED:
        return
    signed_in = accounts().session(token, now())
    if signed_in is not None:
        g.person = directory().person(signed_in.person)
        g.must_change = signed_in.must_change


def guard() -> Any:
    """Let through, ask to sign in, or refuse."""
    if request.endpoint is None or access.is_public(request.endpoint):
        return None
    if g.person is None:
        return ask()
    if not access.allowed(request.endpoint, roles()):
        abort(403 if request.endpoint in access.ACCESS else 404)
    if g.must_change and request.endpoint not in PASSWORD_FIRST:
        return redirect(url_for("auth.password"))
    return None


def ask() -> Any:
    """The sign-in page; a form that came too late is kept in it, so that nothing typed is lost."""
    if request.method == "POST":
        from web.auth import sign_in_page

        return sign_in_page(kept=keep(), status=401)
    target = request.full_path.rstrip("?")
    return redirect(url_for("auth.sign_in", next=target if target != "/" else None))


def keep() -> str:
    """The form of this request, signed; empty when it is too long to be carried along."""
    fields = [(k, v) for k, v in request.form.items(multi=True) if k not in NOT_KEPT]
    if sum(len(k) + len(v) for k, v in fields) > KEPT_LENGTH:
        return ""
    return serializer().dumps({"path": request.path, "fields": fields})


def kept(text: str) -> tuple[str, MultiDict[str, str]] | None:
    """The path and fields of a form that was kept; None for one that is too old or not ours."""
    try:
        found = serializer().loads(text, max_age=KEPT_SECONDS)
    except BadSignature:
        return None
    return found["path"], MultiDict([(k, v) for k, v in found["fields"]])


def serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="kept form")


def own_page(target: str | None) -> str:
    """Where to go after signing in: a page of ours, else the start. Never another site."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return url_for("home.show")
    if any(ord(c) < 33 or c == "\\" for c in target):
        return url_for("home.show")
    return target


def set_cookie(response: Response, token: str) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(current_app.config["BATON_SESSION_SECONDS"]),
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )


def drop_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax")
