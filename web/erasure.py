"""Personal data that has to go: what would go and what stays, then, said a second time with a reason, it goes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug import Response

from web import titles
from web.context import actor, directory, workflow
from web.filters import LONGEST
from web.names import known
from workflow.core.errors import CaseNotFound, PersonNotFound, Refused
from workflow.service.erasure import Erasable

bp = Blueprint("erasure", __name__, url_prefix="/organisation/erasing")


@bp.get("")
def show() -> Any:
    """What is kept of a case, a customer or a person of the house; without a name the question for one."""
    return page(request.args.get("of", ""))


@bp.post("")
def erase() -> Any:
    """Erase what was shown. The name has to be typed a second time."""
    sent, door = request.form, workflow()
    of = named(sent.get("of", ""))
    if named(sent.get("again", "")).lower() != of.lower() or not of:
        return page(of, fault=gettext("erasure.again_unfit")), 422
    reason = sent.get("reason", "")
    try:
        if is_login(of):
            count = door.erase_person(door.erasable_person(of, actor=actor()).person, actor=actor(), reason=reason)
        else:
            found = door.erasable(of, actor=actor())
            count = door.erase(found.record, actor=actor(), reason=reason)
            if sent.get("cases") == "1":
                count += sum(door.erase(case, actor=actor(), reason=reason) for case, _ in found.cases)
    except Refused as refusal:
        from web.errors import STATUS

        g.refusal = refusal
        return page(of), STATUS[type(refusal)]
    flash(ngettext("erasure.erased", "erasure.erased", count), "good")
    return settled(of)


@bp.post("/file")
def settle() -> Response:
    """Let what was erased leave the database's file, where others were in the way."""
    return settled(named(request.form.get("of", "")))


def settled(of: str) -> Response:
    gone = workflow().settle()
    flash(gettext("erasure.settled" if gone else "erasure.unsettled"), "good" if gone else "warn")
    return redirect(url_for(".show", of=of, left=None if gone else 1))


def page(of: str, *, fault: str = "") -> Any:
    of, door = named(of), workflow()
    record = person = None
    status = 200
    if of:
        try:
            if is_login(of):
                person = door.erasable_person(of, actor=actor())
            else:
                record = door.erasable(of, actor=actor())
        except (CaseNotFound, PersonNotFound):
            fault, status = gettext("erasure.unknown"), 404
    shown = render_template(
        "admin/erasing.html",
        of=of,
        record=record,
        person=person,
        fault=fault,
        label=label,
        left=request.args.get("left"),
    )
    return shown if status == 200 else (shown, status)


def named(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST]


def is_login(text: str) -> bool:
    """Whether a person of the house is meant."""
    return any(one.login == text.lower() for one in directory().persons.values())


def label(record: Erasable | None, name: str) -> str:
    """What a field is called; of a record that has no lifecycle, or of what is said beside a form, in general words."""
    title = titles.field(record, name) if record is not None else name
    return title if title != name else known(f"data.{name}", known(f"erasure.field_{name}", name))
