"""What came in and why, by month, unit and manager: every figure opens the cases it counts."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import gettext

from web import measures, workbooks
from web.context import reader, units, workflow
from web.filters import NONE, after, filters, one_or_none
from web.language import moment, now, sourced, title, zone
from workflow.audit.exports.table import Cell, Heading
from workflow.service.measures import By, Span
from workflow.service.received import WAYS, Counts, Intake

bp = Blueprint("received", __name__, url_prefix="/results/received")

VERDICTS = ("kept", "late", "outage", "open")
FIGURES = ("number", *VERDICTS, "share", "again", "share_again")


@bp.get("/")
def index() -> str:
    span = measures.span_of()
    return render_template(
        "results/received.html",
        found=workflow().received(reader(), span, filters=filters()),
        by=way(),
        ways=WAYS,
        period=measures.period(),
        periods=measures.PERIODS,
        units=units(),
        narrowing=measures.narrowing(),
        called=lambda one: called(one, span),
        percent=percent,
        occurring=occurring,
        address=address,
    )


@bp.get("/<int:no>/cases")
def behind(no: int) -> str:
    """The cases that a figure counts."""
    counted = workflow().library.standards.received
    if no >= len(counted):
        abort(404)
    by = next((one for one in WAYS if one == request.args.get("by")), None)
    cause = request.args.get("cause", "").replace("\0", "")[:100]
    page = workflow().received_behind(
        reader(),
        measures.span_of(),
        no,
        by=by,
        key=one_or_none("key"),
        cause="" if cause == NONE else cause or None,
        verdict=next((one for one in VERDICTS if one == request.args.get("verdict")), None),
        again=request.args.get("again") == "1",
        filters=filters(),
        after=after(),
    )
    back = url_for(".index", **measures.narrowing(), by=way())
    return render_template("results/received_cases.html", page=page, lifecycle=title(counted[no].title), back=back)


@bp.get("/<int:no>.xlsx")
def table(no: int) -> Response:
    """One of the tables for Excel, with every cause the lifecycle knows."""
    span = measures.span_of()
    if no >= len(workflow().library.standards.received):
        abort(404)
    found = workflow().received(reader(), span, filters=filters())[no]
    by = way()
    headings = [Heading(gettext(f"measures.column.{by}"))]
    headings += [Heading(gettext(f"received.{word}"), "number") for word in FIGURES]
    headings += [Heading(title(text), "number") for text in found.causes.values()]
    headings.append(Heading(gettext("received.no_cause"), "number"))
    rows = [_row(one, found, span) for one in found.lines[by]]
    about = [
        f"{title(found.what.title)} · {gettext('received.title')}",
        gettext(f"received.by.{by}"),
        gettext("measures.from_to", since=moment(span.since), until=moment(min(span.until, now()))),
        sourced(found.what.source),
    ]
    leaf = workbooks.leaf(title(found.what.title), headings, rows)
    name = f"{found.what.of}-{by}-{now().astimezone(zone()):%Y%m%d}"
    return workbooks.sent(
        name, f"received.{found.what.of}", [leaf], about=about, selection={**measures.narrowing(), "by": by}
    )


def _row(one: Intake, found: Counts, span: Span) -> Sequence[Cell]:
    figures: list[Cell] = [one.number, one.kept, one.late, one.outage, one.open, percent(one.share)]
    figures += [one.again, percent(one.share_again)]
    return [called(one, span), *figures, *(one.causes.get(cause, 0) for cause in (*found.causes, ""))]


def way() -> By:
    return next((one for one in WAYS if one == request.args.get("by")), WAYS[0])


def called(one: Intake, span: Span) -> str:
    """What a line of figures is about."""
    if one.by == "period":
        return measures.part(one.key or 0, span)
    if one.name is None:
        return gettext("who.nobody") if one.by == "manager" else gettext("board.no_unit")
    return title(one.name)


def percent(share: float | None) -> Decimal | None:
    return None if share is None else Decimal(f"{share * 100:.1f}")


def occurring(found: Counts) -> list[str]:
    """The causes that some case has, the most frequent first, and last those without one."""
    counts = found.whole.causes
    some = sorted((cause for cause in found.causes if counts.get(cause)), key=lambda cause: -counts[cause])
    return [*some, ""] if counts.get("") else some


def address(no: int, one: Intake, **about: str) -> str:
    """Where the cases of a figure are listed, narrowed as the page is."""
    if one.by is not None:
        about |= {"by": one.by, "key": NONE if one.key is None else str(one.key)}
    return url_for(".behind", no=no, **measures.narrowing(), **about)
