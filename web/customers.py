"""Customers: the list, the search, and one customer's page."""

from flask import Blueprint, render_template

from web import cases, sentences
from web.context import reader, workflow
from web.filters import after, filters

bp = Blueprint("customers", __name__, url_prefix="/customers")

TIERS = ("diamond", "gold", "silver", "ordinary")


@bp.get("/")
def index() -> str:
    page = workflow().customers(reader(), filters=filters(), after=after())
    return render_template("customers/index.html", page=page, tiers=TIERS)


@bp.get("/<int:customer>/")
def show(customer: int) -> str:
    view = workflow().customer(customer, reader())
    return render_template(
        "customers/show.html",
        view=view,
        steps=list(reversed(sentences.tell(view.case.row, workflow().history(customer, reader())))),
        startable=cases.startable(),
    )
