"""Finding anything one may see: customers, cases, places; as a page, and for the palette."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, render_template, url_for
from flask_babel import gettext
from werkzeug import Response

from web import shelf, titles
from web.cases import startable
from web.context import reader, workflow
from web.filters import text
from web.language import name, title
from web.places import TABS, may, places, tabs
from workflow.service.views.lists import Filters

bp = Blueprint("search", __name__, url_prefix="/search")

SHOWN = 8
"""Of each kind, in the palette."""

ON_PAGE = 50


@bp.get("/")
def show() -> str:
    asked = text("q")
    customers, cases = _found(asked, ON_PAGE) if asked else (None, None)
    return render_template("search/index.html", asked=asked, customers=customers, cases=cases)


@bp.get("/palette")
def palette() -> Response:
    """What the palette offers: places and lists always, customers and cases for what was typed."""
    asked = text("q")
    offers = [*_customers_and_cases(asked)] if asked else []
    return jsonify(offers=offers)


@bp.get("/places")
def everywhere() -> Response:
    """Where one may go and what one may begin: asked for once, then narrowed by the palette itself."""
    found = [{"kind": "place", "title": gettext(place.title), "url": url_for(place.endpoint)} for place in places()]
    if may("inbox.mine"):
        found += [{"kind": "list", "title": one.title, "url": one.url} for one in (*shelf.standing(), *shelf.saved())]
    if may("cases.start"):
        found += [
            {
                "kind": "begin",
                "title": gettext("palette.begin", what=title(one.title)),
                "url": url_for("cases.start", definition=one.name),
            }
            for one in startable()
        ]
    found.append({"kind": "place", "title": gettext("nav.settings"), "url": url_for("profile.show")})
    found += [
        {"kind": "place", "title": f"{gettext(f'nav.{of}')} · {gettext(word)}", "url": url_for(endpoint)}
        for of in TABS
        for endpoint, word in tabs(of)
    ]
    return jsonify(offers=list({one["url"]: one for one in found}.values()))


def _found(asked: str, limit: int) -> tuple[Any, Any]:
    door, who = workflow(), reader()
    wanted = Filters(text=asked)
    return door.customers(who, filters=wanted, limit=limit), door.cases(who, filters=wanted, limit=limit)


def _customers_and_cases(asked: str) -> list[dict[str, str]]:
    customers, cases = _found(asked, SHOWN)
    found = [
        {"kind": "customer", "title": name(row), "note": row.number, "url": url_for("customers.show", customer=row.id)}
        for row in customers.rows
    ]
    return found + [
        {
            "kind": "case",
            "title": f"{row.number} {titles.lifecycle(row)}",
            "note": f"{titles.of_customer(row)} {titles.state(row)}",
            "url": url_for("cases.show", case=row.id),
        }
        for row in cases.rows
    ]
