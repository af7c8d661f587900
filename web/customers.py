"""Customers: the list, the search, one customer's page, and a new one."""

from typing import Any, cast

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web import cases, dossier, forms, owners, record, values
from web.context import actor, again, key, reader, seen, workflow
from web.filters import after, chosen, filters
from web.language import now
from workflow.core.errors import CustomerKnown, TextEmpty
from workflow.customers.record import STAGES, TIERS
from workflow.service.views import Masked

bp = Blueprint("customers", __name__, url_prefix="/customers")

ORDERS = ("number", "name", "tier")
"""How the list may be ordered; the first unless something else is asked for."""


@bp.get("/")
def index() -> str:
    page = workflow().customers(reader(), filters=filters(), order=cast(Any, chosen(ORDERS)), after=after())
    return render_template("customers/index.html", page=page, tiers=TIERS, orders=ORDERS, stages=STAGES)


@bp.get("/new")
def new(**_: Any) -> str:
    inputs = [
        forms.Input(
            name=name,
            type="line",
            label=gettext(f"data.{name}"),
            help=gettext("customers.division_help") if name == "division" else "",
            required=required,
    owned = workflow().held(customer, reader())
            value=request.form.get(name, ""),
            faults=forms.faults(name),
        )
        for name, required in ASKED.items()
    ]
    return render_template("customers/new.html", inputs=inputs)


        owned=owned,
        earned=owners.months(owned),
        stint_reason=owners.reason,
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
def show(customer: int, contacts: str | None = None, **_: Any) -> str:
    """The file. `contacts`: shown in it, where they were asked for."""
    view = workflow().customer(customer, reader())
    workflow().look_at_customer(customer, reader())
    steps = workflow().history(customer, reader())
    return render_template(
        "customers/show.html",
        view=view,
        data=view.case.data,
        number=dossier.numbered(view.row),
        held=dossier.held(steps),
        families=dossier.families(view.cases),
        figures=workflow().revenue_of(customer, reader()),
        sights=dossier.sights(view.row),
        looks=workflow().looks_at(customer, reader()),
        contacts=contacts,
        hidden_contacts=dossier.contacts(view.case.data.get("contacts")),
        steps=dossier.told(view.case.row, steps),
        startable=cases.startable(),
    )


@bp.post("/<int:customer>/contacts")
def contacts(customer: int) -> str:
    """The file with its contacts, which is kept in the record of who read what."""
    found = workflow().show_contacts(customer, reader())
    return show(customer=customer, contacts=None if isinstance(found, Masked) else found)


@bp.get("/<int:customer>/edit")
def edit(customer: int, **_: Any) -> str:
    view = workflow().customer(customer, reader())
    held = view.case.data
    typed = request.method == "POST"
    inputs = [
        forms.Input(
            name=name,
            type="line",
            label=gettext(f"data.{name}"),
            help=gettext("customers.contacts_kept") if name == "contacts" and held.get("contacts") else "",
            required=ASKED[name],
            value=request.form.get(name, "") if typed else "" if name == "contacts" else str(held.get(name) or ""),
            faults=forms.faults(name),
        )
        for name in CHANGED
    ]
    reason = forms.Input(
        name="reason",
        type="line",
        label=gettext("customers.reason"),
        help="",
        required=True,
        value=request.form.get("reason", ""),
        faults=(),
    )
    twin = g.refusal.facts["number"] if isinstance(g.get("refusal"), CustomerKnown) else None
    return render_template("customers/edit.html", view=view, inputs=[*inputs, reason], twin=twin)


@bp.post("/<int:customer>/edit")
@again(edit)
def change(customer: int) -> Response:
    """Write down what changed; contacts left empty stay as they are."""
    held = workflow().customer(customer, reader()).case.data
    typed = {name: request.form.get(name, "").strip() for name in CHANGED}
    if not request.form.get("reason", "").strip():
        raise TextEmpty(field="reason")
    values = {
        name: value
        for name, value in typed.items()
        if (value if name == "contacts" else value != str(held.get(name) or ""))
    }
    if not values:
        flash(gettext("customers.nothing_changed"), "warn")
        return redirect(url_for(".edit", customer=customer))
    workflow().change_customer(customer, values, reason=request.form["reason"], seen=seen(), actor=actor(), key=key())
    flash(gettext("customers.changed"), "good")
    return redirect(url_for(".show", customer=customer))
