"""For the auditor: findings with what was said to them, samples by their seed, and periods signed off."""

from __future__ import annotations

from secrets import randbelow

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web.context import actor, again, reader, roles, workflow
from web.filters import midnight
from web.language import title
from workflow.service.findings import MOST_DRAWN, OF, SEVERITIES

bp = Blueprint("findings", __name__, url_prefix="/audit/findings")

SEEDS = 1_000_000


def page(no: int | None = None) -> str:
    """`no`: the finding a form was about, whose page this is as well."""
    door = workflow()
    lifecycles = {one.name: title(one.title) for one in door.library.latest.values()}
    return render_template(
        "audit/findings.html",
        findings=door.findings(reader()),
        samples=door.samples(reader()),
        sign_offs=door.sign_offs(reader()),
        severities=[(one, gettext(f"findings.severity_{one}")) for one in SEVERITIES],
        kinds=[(one, gettext(f"findings.of_{one}")) for one in OF],
        lifecycles=lifecycles,
        controls={one.name: title(one.title) for one in door.library.controls},
        seed=randbelow(SEEDS),
        most=MOST_DRAWN,
        auditor="auditor" in roles(),
    )


@bp.get("/")
def index() -> str:
    """With `case` and `seq`, or `control`, in the address the form is about these."""
    return page()


@bp.post("/")
@again(page)
def raise_() -> Response:
    workflow().add_finding(
        request.form.get("text", ""),
        severity=request.form.get("severity", ""),
        case=request.form.get("case", type=int),
        seq=request.form.get("seq", type=int),
        control=text_of("control"),
        actor=actor(),
    )
    return done("raised", "all")


@bp.post("/<int:no>/answers")
@again(page)
def answer(no: int) -> Response:
    workflow().answer_finding(no, request.form.get("text", ""), actor=actor())
    return done("was_answered", "all")


@bp.post("/<int:no>/closing")
@again(page)
def close(no: int) -> Response:
    workflow().close_finding(no, request.form.get("text", ""), actor=actor())
    return done("was_closed", "all")


@bp.post("/samples")
@again(page)
def sample() -> Response:
    form = request.form
    workflow().draw_sample(
        form.get("count", 0, type=int),
        seed=form.get("seed", -1, type=int),
        of=form.get("of", ""),
        definition=text_of("definition"),
        since=midnight(form.get("since", "")),
        until=midnight(form.get("until", ""), after=1),
        actor=actor(),
    )
    return done("was_drawn", "samples")


@bp.post("/sign-offs")
@again(page)
def sign_off() -> Response:
    form = request.form
    since, until = midnight(form.get("since", "")), midnight(form.get("until", ""))
    days = [one.date().isoformat() if one is not None else "" for one in (since, until)]
    workflow().sign_off(*days, form.get("text", ""), actor=actor())
    return done("was_signed", "signed")


def done(said: str, part: str) -> Response:
    """Back to the page, at the part where what was written stands."""
    flash(gettext(f"findings.{said}"), "good")
    return redirect(url_for("findings.index", _anchor=part))


def text_of(name: str) -> str | None:
    return request.form.get(name) or None
