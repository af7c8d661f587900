"""What really follows what, how often and after how long; and which steps a lifecycle does not have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint, render_template, request
from flask_babel import gettext, ngettext
from markupsafe import Markup

from web import cases, titles
from web.context import directory, reader, workflow
from web.filters import MARKS, midnight, number, text
from web.language import current, length, zone
from workflow.audit import conformance as held
from workflow.audit import flow as follows
from workflow.audit.exports.wording import Wording
from workflow.core.directory import Unit
from workflow.service.courses import Selection
from workflow.service.views.lists import Filters

bp = Blueprint("mining", __name__, url_prefix="/mining")

MOST_STEPS = 300_000
"""More take longer than people wait for a page."""
MOST_EDGES = 40
"""Arrows of a picture that can still be read; the table has all."""


@bp.get("/")
def flow() -> str:
    lifecycles = cases.lifecycles()
    chosen = text("definition") or lifecycles[0].name
    wording = Wording(workflow().library, directory(), current(), zone())
    with workflow().moves(reader(), selection(chosen)) as (count, moves):
        graph = None
        if count <= MOST_STEPS:
            whole = request.args.get("whole") == "1"
            graph = follows.flow(moves, lambda move: wording.activity(move.definition, move), whole=whole)
    edges = follows.shown(graph, most=MOST_EDGES) if graph else ()
    return render_template(
        "audit/flow.html", graph=graph, count=count, most=MOST_STEPS, edges=edges, drawn=drawn(graph, edges),
        start=follows.START, end=follows.END, chosen=chosen, lifecycles=lifecycles, units=units(), seconds=timedelta,
    )  # fmt: skip


@bp.get("/conformance")
def conformance() -> str:
    chosen = text("definition")
    with workflow().moves(reader(), selection(chosen)) as (count, moves):
        found = held.conformance(moves, workflow().library.versions) if count <= MOST_STEPS else None
    return render_template(
        "audit/conformance.html", found=found, count=count, most=MOST_STEPS, chosen=chosen or "",
        lifecycles=cases.lifecycles(), units=units(), state=state,
    )  # fmt: skip


def drawn(graph: follows.Flow | None, edges: Sequence[follows.Edge]) -> Markup:
    """The picture; empty without a case."""
    if graph is None or not edges:
        return Markup("")
    from workflow.audit.flow_picture import picture

    def label(edge: follows.Edge) -> str:
        waits = edge.source != follows.START and edge.target != follows.END
        return f"{edge.count} · {length(timedelta(seconds=edge.middle))}" if waits else str(edge.count)

    svg = picture(
        graph,
        edges,
        title=gettext("mining.flow"),
        label=label,
        count=lambda times: ngettext("mining.times", "mining.times", times),
    )
    return Markup(svg)  # noqa: S704 - drawn by us, every text escaped


def selection(definition: str | None) -> Selection:
    return Selection(
        filters=Filters(definition=definition, unit=number("unit"), closed=MARKS.get(request.args.get("closed", ""))),
        since=midnight(request.args.get("since", "")),
        until=midnight(request.args.get("until", ""), after=1),
    )


def units() -> list[Unit]:
    return sorted(directory().units.values(), key=lambda one: one.code)


def state(found: held.Found, name: str) -> str:
    """The title of a state; its name where the version has none such."""
    rules = titles.definition(found)
    return titles.state(found, name) if rules is not None and name in rules.states else name or "—"
