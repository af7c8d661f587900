"""Customers: the list, the search, one customer's page, and a new one."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web import cases, forms, sentences
from web.context import actor, again, directory, key, person, reader, workflow
from web.filters import after, filters
from web.language import now

bp = Blueprint("customers", __name__, url_prefix="/customers")

TIERS = ("diamond", "gold", "silver", "ordinary")
ASKED = {
    "name_zh": True,
    "name_en": False,
    "division": True,
    "credit_code": False,
    "industry": False,
    "address": False,
    "contacts": False,
}
"""What a new customer's record is asked for, and whether it must be filled in."""


@bp.get("/")
def index() -> str:
    page = workflow().customers(reader(), filters=filters(), after=after())
    return render_template("customers/index.html", page=page, tiers=TIERS)


@bp.get("/new")
def new(**_: Any) -> str:
    inputs = [
        forms.Input(
            name=name,
            type="line",
            label=gettext(f"data.{name}"),
            help=gettext("customers.division_help") if name == "division" else "",
            required=required,
            value=request.form.get(name, ""),
            faults=forms.faults(name),
        )
        for name, required in ASKED.items()
    ]
    return render_template("customers/new.html", inputs=inputs)


@bp.post("/new")
@again(new)
def register() -> Response:
    """Put a customer on file; it belongs to the unit of who does so until a lifecycle says otherwise."""
    values = {name: request.form.get(name, "") for name in ASKED}
    unit = directory().home(person().id, now())
    customer = workflow().register_customer({**values, "unit": unit}, actor=actor(), key=key())
    flash(gettext("customers.registered"), "good")
    return redirect(url_for(".show", customer=customer))


@bp.get("/<int:customer>/")
def show(customer: int) -> str:
    view = workflow().customer(customer, reader())
    return render_template(
        "customers/show.html",
        view=view,
        steps=list(reversed(sentences.tell(view.case.row, workflow().history(customer, reader())))),
        startable=cases.startable(),
    )
