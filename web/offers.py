"""What is on offer: cases of other units in which everybody with a role may take part, and how much is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext

from web import forms
from web.cases import startable
from web.context import actor, again, key, reader, workflow
from web.filters import after
from workflow.core.definition.lifecycle import Definition
from workflow.service.offers import OfferRow

bp = Blueprint("offers", __name__, url_prefix="/offers")


@dataclass(frozen=True, slots=True)
class Offer:
    """A row with its lifecycle and the inputs of its form, where it can be filled in beside the row."""

    row: OfferRow
    rules: Definition
    inputs: tuple[forms.Input, ...] = ()


@bp.get("/")
def index(**_: Any) -> str:
    library = workflow().library
    chosen = request.args.get("definition")
    page = workflow().offers(reader(), definition=chosen if chosen in library.latest else None, after=after())
    return render_template(
        "offers/index.html",
        page=page,
        offers=[_offer(row) for row in page.rows],
        left=workflow().limits_left(reader()),
        lifecycles=[one for one in library.latest.values() if any(s.offered_to for s in one.states.values())],
        chosen=chosen,
        announced=[one for one in startable() if any(s.offered_to for s in one.states.values())],
    )


@bp.post("/<int:case>/<trigger>")
@again(index)
def act(case: int, trigger: str) -> Any:
    """Take part, with what was filled in beside the row."""
    view = workflow().case(case, reader())
    rules = workflow().library.get(view.row.definition, view.row.version)
    g.definition = rules
    g.offer = case
    workflow().perform(case, trigger, form=forms.answers(rules), actor=actor(), key=key())
    flash(gettext("offers.sent", number=view.row.number), "good")
    return redirect(url_for(".index"))


FEW = 1
"""Fields that fit beside a row; a longer form has a page of its own."""


def _offer(row: OfferRow) -> Offer:
    rules = workflow().library.get(row.case.definition, row.case.version)
    sent = request.method == "POST" and g.get("offer") == row.case.id
    if row.way is None or len(row.fields) > FEW:
        return Offer(row, rules)
    return Offer(row, rules, tuple(forms.inputs(row.fields, active=sent, scope=f"o{row.case.id}-")))
