"""Customers: the list, the search, one customer's file, and what is changed in it by hand."""

from typing import Any, cast

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web import cases, dossier, forms, owners, record, values
from web.context import actor, again, key, reader, seen, workflow
from web.filters import after, chosen, filters
from workflow.core.errors import CustomerKnown, TextEmpty
from workflow.customers.contacts import Contact
from workflow.customers.record import STAGES, TIERS
from workflow.service.views.names import Masked

bp = Blueprint("customers", __name__, url_prefix="/customers")

ORDERS = ("number", "name", "tier")
"""How the list may be ordered; the first unless something else is asked for."""


@bp.get("/")
def index() -> str:
    page = workflow().customers(reader(), filters=filters(), order=cast(Any, chosen(ORDERS)), after=after())
    return render_template("customers/index.html", page=page, tiers=TIERS, orders=ORDERS, stages=STAGES)


@bp.get("/<int:customer>/")
def show(customer: int, contacts: tuple[Contact, ...] | None = None, **_: Any) -> Any:
    """The file. `contacts`: shown in it, where they were asked for."""
    view = workflow().customer(customer, reader())
    if view.row.merged == customer:
        flash(gettext("customers.withdrawn"), "warn")
    elif view.row.merged is not None:
        flash(gettext("merge.leads_here", number=view.row.number), "warn")
        return redirect(url_for(".show", customer=view.row.merged))
    workflow().look_at_customer(customer, reader())
    steps = workflow().history(customer, reader())
    owned = workflow().held(customer, reader())
    return render_template(
        "customers/show.html",
        view=view,
        data=view.case.data,
        number=dossier.numbered(view.row),
        held=dossier.held(steps),
        families=dossier.families(view.cases),
        figures=workflow().revenue_of(customer, reader()),
        owned=owned,
        earned=owners.months(owned),
        stint_reason=owners.reason,
        sights=dossier.sights(view.row),
        looks=workflow().looks_at(customer, reader()),
        contacts=contacts,
        hidden_contacts=dossier.contacts(view.case.data.get("contacts")),
        shows_contacts=bool(view.case.data.get("contacts")) and not isinstance(view.case.data["contacts"], Masked),
        industry=values.industry,
        steps=dossier.told(view.case.row, steps),
        startable=cases.startable(),
        classes=dossier.classes(view.case.data),
        family=workflow().customer_family(customer, reader()),
        merged=workflow().merged_into(customer, reader()),
        contracts=workflow().contracts_of(customer, reader()),
        standing=workflow().standing_of(customer, reader()),
    )


@bp.post("/<int:customer>/contacts")
def contacts(customer: int) -> Any:
    """The file with its contacts, which is kept in the record of who read what."""
    found = workflow().show_contacts(customer, reader())
    return show(customer=customer, contacts=None if isinstance(found, Masked) else found)


@bp.get("/<int:customer>/people")
def people(customer: int, **_: Any) -> Any:
    """The people of a customer as a form; that they are shown in it is kept."""
    view = workflow().customer(customer, reader())
    held = workflow().show_contacts(customer, reader())
    if isinstance(held, Masked):
        flash(gettext(f"masked.{held.reason}"), "warn")
        return redirect(url_for(".show", customer=customer))
    return render_template("customers/people.html", view=view, people=record.people(held), reason=_reason())


@bp.post("/<int:customer>/people")
@again(people)
def keep_people(customer: int) -> Any:
    if forms.wants_more():
        return people(customer=customer)
    values = {"contacts": record.people_sent()}
    workflow().change_customer(customer, values, reason=_given_reason(), seen=seen(), actor=actor(), key=key())
    flash(gettext("customers.changed"), "good")
    return redirect(url_for(".show", customer=customer))


@bp.get("/<int:customer>/edit")
def edit(customer: int, **_: Any) -> str:
    view = workflow().customer(customer, reader())
    inputs = record.inputs(record.CHANGED, view.case.data)
    twin = g.refusal.facts["number"] if isinstance(g.get("refusal"), CustomerKnown) else None
    return render_template("customers/edit.html", view=view, inputs=inputs, reason=_reason(), twin=twin)


@bp.post("/<int:customer>/edit")
@again(edit)
def change(customer: int) -> Response:
    """Write down what changed."""
    held = workflow().customer(customer, reader()).case.data
    reason = _given_reason()
    values = {
        name: value for name, value in record.sent(record.CHANGED).items() if value != record.text(name, held.get(name))
    }
    if not values:
        flash(gettext("customers.nothing_changed"), "warn")
        return redirect(url_for(".edit", customer=customer))
    workflow().change_customer(customer, values, reason=reason, seen=seen(), actor=actor(), key=key())
    flash(gettext("customers.changed"), "good")
    return redirect(url_for(".show", customer=customer))


def _reason() -> forms.Input:
    value = request.form.get("reason", "")
    return forms.Input(name="reason", type="line", label=gettext("customers.reason"), required=True, value=value)


def _given_reason() -> str:
    given = request.form.get("reason", "").strip()
    if not given:
        raise TextEmpty(field="reason")
    return given
