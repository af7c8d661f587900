"""Two records of one customer: found, looked at side by side, merged, and taken apart again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web.context import actor, again, key, reader, workflow
from web.filters import text
from workflow.core.errors import CustomerNotFound
from workflow.service.views.lists import Filters

bp = Blueprint("merging", __name__, url_prefix="/customers")

OFFERED = 20


@bp.get("/<int:customer>/merge")
def show(customer: int, **_: Any) -> str:
    """The customer that goes, and the one that is kept: to be found first, then to be compared."""
    into = request.values.get("into", type=int)
    gone = workflow().customer_row(customer, reader())
    if gone is None:
        raise CustomerNotFound(customer=customer)
    if into is None:
        found = workflow().customers(reader(), filters=Filters(text=text("q") or gone.name.zh[:2]), limit=OFFERED)
        return render_template("customers/merge.html", gone=gone, offered=[r for r in found.rows if r.id != customer])
    return render_template(
        "customers/merge_preview.html",
        preview=workflow().preview_merge(customer, into, reader()),
        reason=request.form.get("reason", ""),
    )


@bp.post("/<int:customer>/merge")
@again(show)
def merge(customer: int) -> Response:
    into = request.form.get("into", 0, type=int)
    workflow().merge_customers(customer, into, reason=request.form.get("reason", ""), actor=actor(), key=key())
    flash(gettext("merge.done"), "good")
    return redirect(url_for("customers.show", customer=into))


@bp.post("/<int:customer>/unmerge")
def undo(customer: int) -> Response:
    """Bring a merged record back."""
    workflow().unmerge_customer(customer, reason=request.form.get("reason", ""), actor=actor(), key=key())
    flash(gettext("merge.undone"), "good")
    return redirect(url_for("customers.show", customer=customer))
