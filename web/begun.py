"""What was typed into a form that opens a case, or moves one without a task, and was not sent yet: kept and dropped.

A form about a customer is kept with the customer's record, one about nobody with the organisation's: either way only
who typed it sees it again.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web import beginning, cases, drafts
from web.context import reader, workflow

bp = Blueprint("begun", __name__, url_prefix="/cases")


@bp.post("/<int:case>/do/<trigger>/draft")
def action(case: int, trigger: str) -> Response:
    cases.offered(workflow().case(case, reader()), trigger)
    return drafts.kept(case, drafts.doing(trigger), back=url_for("cases.action", case=case, trigger=trigger))


@bp.post("/<int:case>/do/<trigger>/draft/drop")
def drop_action(case: int, trigger: str) -> Response:
    return dropped(case, drafts.doing(trigger), back=url_for("cases.action", case=case, trigger=trigger))


@bp.post("/new/<definition>/draft")
def start(definition: str) -> Response:
    out_of = beginning.asked()
    rules = cases.openable(definition) if out_of is None else beginning.rules(out_of, definition)
    return drafts.kept(drafts.about(), drafts.opening(rules.name), back=again(definition))


@bp.post("/new/<definition>/draft/drop")
def drop_start(definition: str) -> Response:
    return dropped(drafts.about(), drafts.opening(definition), back=again(definition))


def dropped(case: int, place: str, *, back: str) -> Response:
    drafts.drop_sent(case, place)
    flash(gettext("draft.dropped"), "good")
    return redirect(back)


def again(definition: str) -> str:
    customer = request.values.get("customer", type=int)
    return url_for("cases.start", definition=definition, customer=customer, **beginning.carried())
