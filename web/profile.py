"""What a person chooses for themselves: language, light or dark, and how e-mail comes."""

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, refresh
from werkzeug import Response

from web import density, gate
from web.context import directory, person, reader, workflow
from web.language import COOKIE, LANGUAGES, now

bp = Blueprint("profile", __name__)

THEMES = ("light", "dark")
YEAR = 365 * 86_400


@bp.get("/settings")
def show() -> str:
    at = now()
    roles = [(directory().unit(unit), sorted(names)) for unit, names in directory().roles_of(person().id, at).items()]
    absent = [directory().person(one) for one in directory().substituting(person().id, at)]
    return render_template(
        "profile/show.html",
        held=roles,
        absent=absent,
        languages=LANGUAGES,
        themes=THEMES,
        densities=density.DENSITIES,
        choice=workflow().mail_choice(reader()),
        feed_since=workflow().feed_since(reader()),
        calendars=sorted(workflow().calendars().items()),
    )


@bp.post("/settings")
def save() -> Response:
    language, theme = request.form.get("language"), request.form.get("theme")
    chosen = {
        "language": language if language in LANGUAGES else None,
        "theme": theme if theme in THEMES else None,
    }
    workflow().change_person(person().id, chosen, actor=reader())
    g.pop("directory", None)
    g.person = directory().person(person().id)
    refresh()
    flash(gettext("profile.saved"), "good")
    answer = redirect(url_for(".show"))
    density.keep(answer, request.form.get("density"))
    return answer


@bp.post("/settings/mail")
def mail() -> Response:
    chosen = {"mail": request.form.get("mail") or None, "mail_hours": request.form.get("mail_hours") or None}
    workflow().change_person(person().id, chosen, actor=reader())
    flash(gettext("profile.saved"), "good")
    return redirect(url_for(".show"))


@bp.post("/language")
def language() -> Response:
    """Choose a language before signing in; kept by the browser."""
    answer = redirect(gate.own_page(request.form.get("next")))
    chosen = request.form.get("language")
    if chosen in LANGUAGES:
        answer.set_cookie(
            COOKIE,
            chosen,
            max_age=YEAR,
            samesite="Lax",
            httponly=True,
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        )
    return answer
