"""For the auditor: the log over all histories, its checkpoints, proofs from it, and what verification found."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import Forbidden

from web.context import actor, person, reader, workflow
from web.language import current
from web.qr import qr
from workflow.audit.log.proofs import Consistency, Proofs
from workflow.core import merkle, notes
from workflow.core.errors import CaseNotFound, NoteFault, VerificationWaiting
from workflow.messages import sentence
from workflow.messages.damages import damage, outcome
from workflow.settings import Settings

bp = Blueprint("proofs", __name__, url_prefix="/audit/log")

SHOWN = 20
MOST_OFFERED = 200
"""Checkpoints to choose from; an older one is named in the address."""


def proofs() -> Proofs:
    return Proofs(workflow().database, clock=workflow().clock)


@bp.get("/")
def index() -> str:
    return page()


@bp.post("/confirmations")
def confirm() -> Any:
    """Compare a checkpoint that was kept outside."""
    text = request.form.get("note", "")
    try:
        found = proofs().confirm(text.replace("\r\n", "\n").strip() + "\n", by=person().id)
    except NoteFault as fault:
        return page(fault=sentence(fault, current()), typed=text), 422
    return page(found=found)


@bp.get("/checkpoints/<int:no>")
def checkpoint(no: int) -> str:
    one = proofs().checkpoint(no)
    return render_template("audit/checkpoint.html", one=one, code=qr(one.note, gettext("log.qr")))


@bp.get("/checkpoints/<int:no>.txt")
def note(no: int) -> Response:
    """The signed note, byte for byte, to be kept."""
    one = proofs().checkpoint(no)
    answer = Response(one.note, mimetype="text/plain")
    answer.headers["Content-Disposition"] = f"attachment; filename=checkpoint-{one.epoch}-{one.no:06d}.txt"
    return answer


@bp.get("/steps/<int:case>/<int:seq>")
def step(case: int, seq: int) -> str:
    insist_seen(case)
    return render_template("audit/proof.html", shown=proofs().inclusion(case, seq))


@bp.get("/steps/<int:case>/<int:seq>.json")
def step_json(case: int, seq: int) -> Response:
    insist_seen(case)
    return jsonify(plain(proofs().inclusion(case, seq)))


@bp.get("/checkpoints.json")
def checkpoints_json() -> Response:
    before = request.args.get("before", type=int)
    return jsonify([plain(one) for one in proofs().checkpoints(before=before)])


@bp.get("/consistency")
def consistency() -> str:
    """That the log of one checkpoint is the beginning of another's, checked here and now."""
    rows = proofs().checkpoints(limit=MOST_OFFERED)
    two = sorted(no for no in (request.args.get(name, 0, type=int) for name in ("first", "second")) if no)
    shown = proofs().consistency(*two) if len(two) == 2 else None
    holds = shown is not None and consistent(shown)
    return render_template("audit/consistency.html", rows=rows, shown=shown, holds=holds)


@bp.get("/consistency/<int:first>/<int:second>.json")
def consistency_json(first: int, second: int) -> Response:
    return jsonify(plain(proofs().consistency(first, second)))


@bp.get("/verification")
def verification() -> str:
    """What the last runs over everything found, and how far the one is that is under way."""
    runs = [(row, json.loads(row["report"])) for row in proofs().verifications()]
    last = runs[0][1] if runs else None
    found = [(one, said(one)) for one in last["damages"]] if last else []
    settings: Settings = current_app.extensions["baton_settings"]
    stands = workflow().verification(reader(), silence=settings.scheduler.silence)
    return render_template("audit/verification.html", runs=runs, last=last, found=found, numbers=numbers, stands=stands)


@bp.post("/verification")
def verify_now() -> Any:
    """Have everything verified; a scheduler does it. Where that is asked for already there is a sentence."""
    try:
        workflow().ask_verification(actor=actor())
    except VerificationWaiting as waiting:
        flash(sentence(waiting, current()), "warn")
    else:
        flash(gettext("log.asked"), "good")
    return redirect(url_for(".verification"))


@bp.post("/incidents/<int:incident>")
def close_damage(incident: int) -> Any:
    """Be done with damage that was looked into."""
    workflow().close_damage(incident, request.form.get("reason", ""), actor=actor())
    flash(gettext("incident.damage_closed"), "good")
    return redirect(url_for("supervisor.incidents"))


def page(**more: Any) -> str:
    found = more.get("found")
    standing = proofs().standing()
    runs = proofs().verifications(limit=1)
    return render_template(
        "audit/log.html",
        standing=standing,
        rows=proofs().checkpoints(limit=SHOWN),
        last_run=runs[0] if runs else None,
        code=qr(standing.last.note, gettext("log.qr")) if standing.last else None,
        found=found,
        said=outcome(found.outcome, current()) if found else "",
        fault=more.get("fault", ""),
        typed=more.get("typed", ""),
    )


def numbers(report: dict[str, Any]) -> dict[str, str]:
    """How many of each a verification looked at, as people read numbers."""
    counted = ("cases", "steps", "leaves", "checkpoints", "secrets", "files")
    return {name: f"{report[name]:,}" for name in counted}


def said(one: dict[str, Any]) -> str:
    """A damage as the report has it, in a sentence."""
    return damage(one["kind"], {**one["facts"], "seq": one["seq"]}, current())


def consistent(shown: Consistency) -> bool:
    """As anybody outside would check it: by the two roots and the path alone."""
    first, second = (notes.checkpoint(notes.read(one.note).text) for one in (shown.first, shown.second))
    proof = [b64decode(one) for one in shown.proof]
    return merkle.extends(first=first.size, second=second.size, before=first.root, after=second.root, proof=proof)


def insist_seen(case: int) -> None:
    """Only of what the reader may see; of the organisation's own record that is whoever audits. Raises `Forbidden`."""
    try:
        workflow().case(case, reader())
    except CaseNotFound:
        raise Forbidden from None


def plain(value: Any) -> dict[str, Any]:
    """A proof as JSON: moments as ISO 8601 writes them."""
    told = asdict(value)
    for one in (told, *(part for part in told.values() if isinstance(part, dict))):
        if "at" in one:
            one["at"] = one["at"].isoformat()
    return told
