"""Results for Excel: every figure as the page has it, its parts, its inputs, and the list behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext

from web import measures, results, titles, workbooks
from web.context import reader, workflow
from web.filters import filters
from web.language import moment, now, sourced, title, zone
from web.result_leaves import as_of, behind, local, measured, named, said_as, share, shown, told, wages
from web.revenue import months, unit
from web.workbooks import heading
from workflow.audit.exports.table import Cell, Kind
from workflow.core.plans import COUNTED, UNIT
from workflow.service.serving import Served

bp = Blueprint("result_books", __name__, url_prefix="/results")

AT_ONCE = 200
"""Runs read by one query."""

MOST_RUNS = 20_000
"""Runs of one figure and verdict that a workbook lists."""


@bp.get("/figures.xlsx")
def figures() -> Response:
    """What was won, kept and lost, and the customers behind each number."""
    since, until = months()
    span: dict[str, Any] = {"since": since, "until": until, "zone": zone(), "unit": unit(), "at": results.at()}
    words = ("unit", "manager", "won", "agreed", "kept", "lost", "churn", "weight", "weight_lost", "revenue")
    kinds: dict[str, Kind] = {"unit": "text", "manager": "text", "won": "number", "kept": "number", "lost": "number"}
    headings = [heading(f"results.{word}", kinds.get(word, "money")) for word in words]
    rows: list[Sequence[Cell]] = [
        [
            named(one.unit), named(one.person), one.won, results.yuan(one.agreed), one.kept, one.lost,
            results.churn(one), results.yuan(one.weight), results.yuan(one.weight_lost), results.yuan(one.revenue),
        ]
        for one in results.figures()
    ]  # fmt: skip
    leaves = [workbooks.leaf(gettext("results.title"), headings, rows)]
    leaves += [behind(what, workflow().results_lists(reader(), what, **span)) for what in results.WHAT]
    about = [
        gettext("results.title"), gettext("revenue.from_to", since=since, until=until), gettext("results.rules"),
        as_of(),
    ]  # fmt: skip
    selection = {"since": since, "until": until, "unit": unit(), "on": results.on()}
    return workbooks.sent(f"results-{since}-{until}", "results", leaves, about=about, selection=selection)


@bp.get("/scores.xlsx")
def scores() -> Response:
    """Everybody's year: score and pay, each measure, and what was said of it."""
    year = results.year()
    found = workflow().managers_years(reader(), year, zone=zone(), unit=unit(), at=results.at())
    words = ("manager", "unit", "revenue", "score", "performance", "bonus")
    headings = [heading(f"results.{word}", "text" if word in words[:2] else "money") for word in words]
    rows: list[Sequence[Cell]] = [
        [
            named(one.person), named(one.unit), results.yuan(one.actual), told(one.score),
            shown(one, one.pay and one.pay.performance), shown(one, one.pay and one.pay.bonus),
        ]
        for one in found
    ]  # fmt: skip
    leaves = [
        workbooks.leaf(gettext("results.scores"), headings, rows),
        measured((named(one.person), one) for one in found),
        wages(found),
    ]
    about = [f"{gettext('results.scores')} {year}", gettext("results.formula"), as_of()]
    selection = {"year": year, "unit": unit(), "on": results.on()}
    return workbooks.sent(f"scores-{year}", "scores", leaves, about=about, selection=selection)


@bp.get("/people/<int:person>.xlsx")
def one(person: int) -> Response:
    """A manager's year: the points, pay with every input where one may see it, and the customers behind."""
    year = results.year()
    found = workflow().managers_year(reader(), person, year, zone=zone(), at=results.at())
    span: dict[str, Any] = {"since": f"{year}-01", "until": f"{year}-12", "zone": zone(), "at": results.at()}
    leaves = [
        measured([(named(found.person), found)]),
        wages([found]),
        *(
            behind(what, [(found.person, workflow().results_behind(reader(), person, what, **span))])
            for what in results.WHAT
        ),
    ]
    about = [f"{named(found.person)} {year}", named(found.unit), gettext("results.formula"), as_of()]
    selection = {"person": person, "year": year, "on": results.on()}
    return workbooks.sent(f"score-{person}-{year}", "score", leaves, about=about, selection=selection)


@bp.get("/units/<int:unit>.xlsx")
def centre(unit: int) -> Response:
    """A centre's year: the points, and what was said of it."""
    year = results.year()
    found = workflow().centres_year(reader(), unit, year, zone=zone(), at=results.at())
    headings = [heading("results.measure", "long"), heading("results.want", "money")]
    rows = [[said_as(one).title, told(found.plan.values.get(one), one in COUNTED)] for one in UNIT]
    leaves = [measured([(named(found.unit), found)]), workbooks.leaf(gettext("results.say"), headings, rows)]
    about = [f"{named(found.unit)} {year}", gettext("results.centre_lead"), as_of()]
    selection = {"unit": unit, "year": year, "on": results.on()}
    return workbooks.sent(f"centre-{unit}-{year}", "centre", leaves, about=about, selection=selection)


@bp.get("/service.xlsx")
def service() -> Response:
    """The figures of service, and the runs each of them counts."""
    span = measures.span_of()
    found = workflow().service(reader(), span, filters=filters())
    words = ("total", "kept", "late", "outage", "share")
    headings = [heading("results.measure", "long"), heading("results.source")]
    headings += [heading(f"measures.column.{word}", "number") for word in words]
    rows: list[Sequence[Cell]] = [
        [
            title(one.measure.title),
            sourced(one.measure.source),
            one.total,
            one.kept,
            one.late,
            one.outage,
            share(one.share),
        ]
        for one in found
    ]
    of_runs = [
        heading("results.measure", "long"), heading("results.verdict"), heading("results.case"),
        heading("measures.column.customer"), heading("results.unit"), heading("measures.column.clock"),
        heading("results.begun", "moment"), heading("results.due", "moment"), heading("results.ended", "moment"),
    ]  # fmt: skip
    leaves = [
        workbooks.leaf(gettext("results.service"), headings, rows),
        workbooks.leaf(gettext("results.runs"), of_runs, runs(found)),
    ]
    about = [
        gettext("results.service"), gettext("results.service_lead"),
        gettext("measures.from_to", since=moment(span.since), until=moment(min(span.until, now()))),
    ]  # fmt: skip
    selection = {"period": measures.period(), "unit": unit()}
    day = f"{now().astimezone(zone()):%Y%m%d}"
    return workbooks.sent(f"service-{day}", "service", leaves, about=about, selection=selection)


def runs(found: Sequence[Served]) -> Iterator[Sequence[Cell]]:
    """The runs each figure counts, by verdict, those settled last first."""
    for place, one in enumerate(found):
        for verdict in measures.VERDICTS:
            after: str | None = None
            for _ in range(MOST_RUNS // AT_ONCE if getattr(one, verdict) else 0):
                page = workflow().service_behind(
                    reader(), measures.span_of(), place, verdict=verdict, filters=filters(), after=after, limit=AT_ONCE
                )
                for row in page.rows:
                    yield [
                        title(one.measure.title), gettext(f"measures.column.{verdict}"), row.number,
                        named(row.customer), named(row.unit), titles.clock(row), local(row.started), local(row.due),
                        local(row.ended),
                    ]  # fmt: skip
                after = page.next
                if after is None:
                    break
