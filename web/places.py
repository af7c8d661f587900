"""Where a reader may go: the navigation."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from web import context, language
from web.access import allowed
from web.names import unit_name


def may(endpoint: str) -> bool:
    """Whether the reader may come to a page at all."""
    return allowed(endpoint, context.roles())


PLACES = (
    ("inbox.mine", "inbox"),
    ("day.show", "day"),
    ("cases.index", "cases"),
    ("customers.index", "customers"),
    ("offers.index", "offers"),
    ("supervisor.index", "supervision"),
    ("supervisor.incidents", "supervision"),
    ("supervisor.lateness", "supervision"),
    ("audit.index", "audit"),
    ("admin.people", "organisation"),
    ("calendars.index", "calendars"),
    ("notices.index", "notices"),
)


TABS = {
    "customers": (
        ("customers.index", "customers.tab"),
        ("revenue.index", "revenue.tab"),
        ("results.index", "results.tab"),
        ("imports.index", "imports.tab"),
    ),
    "supervision": (
        ("supervisor.index", "supervisor.overdue"),
        ("supervisor.soon", "board.soon_tab"),
        ("supervisor.escalations", "supervisor.escalations"),
        ("load.index", "load.tab"),
        ("measures.index", "measures.tab"),
        ("supervisor.incidents", "supervisor.incidents"),
        ("supervisor.lateness", "lateness.tab"),
    ),
    "organisation": (
        ("admin.people", "admin.people"),
        ("admin.units", "admin.units"),
        ("admin.substitutions", "admin.substitutions"),
        ("groups.index", "groups.title"),
        ("lifecycles.index", "lifecycles.title"),
        ("staff.sessions", "staff.sessions"),
        ("system.show", "settings.title"),
        ("admin.messages", "admin.messages"),
        ("wording.index", "wording.title"),
        ("erasure.show", "erasure.title"),
    ),
    "audit": (
        ("audit.index", "audit.cases"),
        ("then.show", "then.tab"),
        ("refused.index", "audit.refusals"),
        ("looks.index", "looks.title"),
        ("controls.index", "controls.title"),
        ("findings.index", "findings.title"),
        ("proofs.index", "log.title"),
        ("mining.flow", "mining.flow"),
        ("mining.conformance", "mining.conformance"),
        ("exports.index", "exports.title"),
        ("report.show", "report.tab"),
    ),
}
"""The pages of a place that have tabs there, each with its word."""


KEYS = {
    "inbox": "i",
    "day": "d",
    "cases": "c",
    "customers": "u",
    "offers": "p",
    "supervision": "s",
    "audit": "a",
    "organisation": "o",
    "calendars": "w",
    "notices": "n",
}
"""What is pressed after `g` to go there."""


BELONGS = {
    "absence": "day",
    "staff": "admin",
    "groups": "admin",
    "erasure": "admin",
    "system": "admin",
    "lifecycles": "admin",
    "wording": "admin",
    "tasks": "inbox",
    "bulk": "inbox",
    "begun": "cases",
    "clocks": "cases",
    "dues": "cases",
    "registering": "customers",
    "merging": "customers",
    "revenue": "customers",
    "results": "customers",
    "received": "customers",
    "result_books": "customers",
    "plan_files": "customers",
    "imports": "customers",
    "controls": "audit",
    "exports": "audit",
    "findings": "audit",
    "looks": "audit",
    "mining": "audit",
    "proofs": "audit",
    "refused": "audit",
    "replay": "audit",
    "report": "audit",
    "then": "audit",
    "board": "supervisor",
    "load": "supervisor",
    "plans": "supervisor",
    "measures": "supervisor",
    "waiting": "supervisor",
}
"""Pages of one family that stand under another one's place."""


@dataclass(frozen=True, slots=True)
class Place:
    """`key`: what is pressed after `g` to go there; empty for none."""

    endpoint: str
    icon: str
    title: str
    current: bool
    exact: bool
    key: str = ""


def places() -> list[Place]:
    """Where the reader may go, and which of these the page belongs to; of two ways to one place the first."""
    page = (request.endpoint or "").split(".")[0]
    here = BELONGS.get(page, page)
    found: dict[str, Place] = {}
    for endpoint, name in PLACES:
        if may(endpoint):
            current, exact = endpoint.split(".")[0] == here, endpoint == request.endpoint
            found.setdefault(name, Place(endpoint, name, f"nav.{name}", current, exact, KEYS.get(name, "")))
    return list(found.values())


def tabs(of: str) -> list[tuple[str, str]]:
    """The pages of a place the reader may come to, each with its word."""
    return [(endpoint, word) for endpoint, word in TABS[of] if may(endpoint)]


def home_line() -> str:
    """Where the reader works, in a line."""
    unit = context.directory().home(context.person().id, language.now())
    return unit_name(unit) if unit else ""
