"""Putting a customer on file, or a branch under its head office; before it, who holds one much like it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web import beginning, forms, record
from web.context import actor, again, directory, key, person, reader, workflow
from web.language import now
from workflow.core.errors import CustomerAlike, CustomerKnown, CustomerNotFound
from workflow.service.likeness import Holding
from workflow.service.views.customers import CustomerRow

bp = Blueprint("registering", __name__, url_prefix="/customers")

ASKED = (*record.LINES, *record.CHOICES)


@bp.get("/new")
def new(**_: Any) -> str:
    head = _head()
    begun = {"division": head.division} if head else {"name_zh": request.args.get("name_zh"), "division": _division()}
    refused = isinstance(g.get("refusal"), CustomerKnown | CustomerAlike)
    return render_template(
        "customers/new.html",
        head=head,
        inputs=record.inputs((name for name in ASKED if not (head and name == "division")), begun),
        people=record.people(()),
        holdings=_holdings(head) if refused else [],
        despite=isinstance(g.get("refusal"), CustomerAlike),
    )


@bp.post("/new")
@again(new)
def register() -> Response | str:
    """Put a customer on file; it belongs to the unit of who does so until a lifecycle says otherwise.

    Who came here for a case to open goes on with that.
    """
    if forms.wants_more():
        return new()
    head = _head()
    unit = directory().home(person().id, now())
    values = {**record.sent(ASKED), "contacts": record.people_sent(), "unit": unit}
    if head is not None:
        values["division"] = head.division
    customer = workflow().register_customer(
        values, head=head.id if head else None, despite=bool(request.form.get("despite")), actor=actor(), key=key()
    )
    flash(gettext("customers.registered"), "good")
    if wanted := request.form.get("definition"):
        return redirect(url_for("cases.start", definition=wanted, customer=customer, **beginning.carried()))
    return redirect(url_for("customers.show", customer=customer))


@bp.post("/alike")
def alike() -> str:
    """Customers like what has been typed so far, for a script that asks while it is typed."""
    return render_template("customers/alike.html", holdings=_holdings(_head()), typing=True)


def _division() -> str | None:
    """The code of the division in which whoever puts a customer on file works; None where no unit of theirs has one."""
    known = directory()
    units = (known.unit(one) for one in known.above(known.home(person().id, now())))
    return next((one.division for one in units if one is not None and one.division), None)


def _holdings(head: CustomerRow | None) -> list[Holding]:
    values = {**record.sent(record.LINES), "contacts": record.people_sent()}
    found = workflow().alike(values, reader())
    # A branch is like its own head office, and may be.
    return [one for one in found if head is None or one.number[:11] != head.number[:11]]


def _head() -> CustomerRow | None:
    """The customer whose branch is put on file. Raises `CustomerNotFound`."""
    asked = request.values.get("head", type=int)
    if asked is None:
        return None
    found = workflow().customer_row(asked, reader())
    if found is None:
        raise CustomerNotFound(customer=asked)
    return found
