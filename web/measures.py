"""How the department does: in time or not, where the time goes, what comes back. Every figure opens what it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import gettext

from web import cases, departments, titles, workbooks
from web.context import reader, units, workflow
from web.filters import NONE, after, filters, one_or_none
from web.language import axis, moment, now, title, zone
from web.result_leaves import local
from workflow.audit.exports.table import Cell, Heading
from workflow.service.measures import By, Measures, Share, Span, Stay, Verdict
from workflow.service.pauses import Pause

bp = Blueprint("measures", __name__, url_prefix="/supervision/performance")

PERIODS = ("week", "month")
PARTS = 12
"""Weeks or months that are looked at, this one among them."""

WAYS: tuple[By, ...] = ("period", "clock", "unit", "manager")
VERDICTS: tuple[Verdict, ...] = ("kept", "late", "outage")
TABLES = (*WAYS, "state", "reopened", "paused", "over")
LEFT, TOP, WIDTH, HEIGHT = 48, 20, 664, 170
"""Where the field of the bars lies, in its own units."""
LINE, NAME, LONG = 26, 250, 380
"""Of the picture of states: a line's height, the room for names, and the longest bar."""
MOST_STATES = 12
MOST_PAUSES = 10
SIDES = ("front", "back", "lead", "other")
NARROWING = ("period", "unit", "definition", "state", "phase", "tier", "q")


@dataclass(frozen=True, slots=True)
class Column:
    """A part of the period: from bottom to top, what of it was in time, late, and late in an outage."""

    x: float
    wide: float
    label: str
    share: Share
    bars: tuple[tuple[str, float, float], ...]

    @property
    def middle(self) -> float:
        return round(self.x + self.wide / 2, 1)

    @property
    def top(self) -> float:
        return min((y for _, y, _ in self.bars), default=TOP + HEIGHT)


@bp.get("/")
def index() -> str:
    span = span_of()
    found = workflow().measures(reader(), span, filters=filters())
    return render_template(
        "supervisor/performance.html",
        found=found,
        columns=columns(found.periods, span),
        lines=lines(found.periods),
        states=found.stays[:MOST_STATES],
        longest=max((one.spent for one in found.stays), default=timedelta(1)),
        sides=sides(found.stays),
        whose=departments.whose,
        waits_address=lambda one: departments.address(one, narrowing()),
        side_names=SIDES,
        most_pauses=MOST_PAUSES,
        narrowing=narrowing(),
        period=period(),
        periods=PERIODS,
        units=units(),
        lifecycles=cases.lifecycles(),
        called=lambda one: called(one, span),
        lifecycle=lifecycle,
        runs=runs_address,
        days=days,
        line=LINE,
        name_room=NAME,
        long=LONG,
    )


@bp.get("/runs")
def runs() -> str:
    """The runs of clocks that a figure counts."""
    by = next((one for one in WAYS if one == request.args.get("by")), None)
    verdict = next((one for one in VERDICTS if one == request.args.get("verdict")), None)
    definition, _, name = request.args.get("clock", "").replace("\0", "").partition(":")
    page = workflow().runs_behind(
        reader(),
        span_of(),
        filters=filters(),
        by=by,
        key=one_or_none("key"),
        clock=(definition[:100], name[:100]) if name else None,
        verdict=verdict,
        after=after(),
    )
    return render_template("supervisor/runs.html", page=page, verdict=verdict, back=_back())


@bp.get("/cases")
def behind() -> str:
    """The cases that a figure counts."""
    definition = request.args.get("of", "").replace("\0", "")[:100]
    state = request.args.get("in", "").replace("\0", "")[:100] or None
    page = workflow().cases_behind(
        reader(), span_of(), definition=definition, state=state, filters=filters(), after=after()
    )
    return render_template("supervisor/behind.html", page=page, lifecycle=lifecycle(definition), back=_back())


@bp.get("/pauses")
def pauses() -> str:
    """The clocks that stand still, and the pauses that were over in the period, all of them."""
    span = span_of()
    return render_template(
        "supervisor/pauses.html",
        pauses=workflow().pauses(reader(), filters=filters()),
        over=workflow().pauses_over(reader(), span, filters=filters()),
        since=span.since.date(),
        narrowing=narrowing(),
        days=days,
        back=_back(),
    )


@bp.get("/<table>.xlsx")
def table(table: str) -> Response:
    """One of the tables for Excel, narrowed as the page is."""
    if table not in TABLES:
        abort(404)
    span = span_of()
    if table == "over":
        headings, rows = pause_rows(workflow().pauses_over(reader(), span, filters=filters()))
    else:
        headings, rows = sheet(table, workflow().measures(reader(), span, filters=filters()), span)
    about = [
        gettext("measures.title"),
        gettext(f"measures.table.{table}"),
        gettext("measures.from_to", since=moment(span.since), until=moment(min(span.until, now()))),
    ]
    leaf = workbooks.leaf(gettext(f"measures.table.{table}"), headings, rows)
    day = f"{now().astimezone(zone()):%Y%m%d}"
    return workbooks.sent(f"{table}-{day}", f"measures.{table}", [leaf], about=about, selection=narrowing())


def sheet(name: str, found: Measures, span: Span) -> tuple[list[Heading], list[list[Cell]]]:
    """The headings and rows of a table; lengths in days."""
    if name == "state":
        words = ("lifecycle", "state", "side", "cases", "days", "days_each")
        return _headings(words, texts=3), [
            [
                lifecycle(one.definition),
                title(one.title),
                gettext(f"measures.side.{one.side}"),
                one.cases,
                days(one.spent),
                days(one.each),
            ]
            for one in found.stays
        ]
    if name == "reopened":
        return _headings(("lifecycle", "cases"), texts=1), [
            [lifecycle(one.definition), one.cases] for one in found.reopened
        ]
    if name == "paused":
        return pause_rows(found.pauses)
    shares = {"period": found.periods, "clock": found.clocks, "unit": found.units, "manager": found.managers}[name]
    words = (name, "total", "kept", "late", "outage", "share")
    return _headings(words, texts=1), [
        [
            called(one, span),
            one.total,
            one.kept,
            one.late,
            one.outage,
            None if one.share is None else Decimal(f"{one.share * 100:.1f}"),
        ]
        for one in shares
    ]


def pause_rows(pauses: Sequence[Pause]) -> tuple[list[Heading], list[list[Cell]]]:
    times = [Heading(gettext(f"measures.column.{word}"), "moment") for word in ("since", "until")]
    return _headings(("number", "customer", "clock", "by", "still"), texts=4) + times, [
        [
            one.clock.number,
            title(one.clock.customer.name) if one.clock.customer else None,
            titles.clock(one.clock),
            gettext(f"measures.by_{one.by}"),
            days(one.length),
            local(one.since),
            local(one.until),
        ]
        for one in pauses
    ]


def _headings(words: Sequence[str], *, texts: int) -> list[Heading]:
    """The first columns are texts, the others numbers."""
    return [
        Heading(gettext(f"measures.column.{word}"), "text" if place < texts else "number")
        for place, word in enumerate(words)
    ]


def period() -> str:
    return next((one for one in PERIODS if one == request.args.get("period")), PERIODS[0])


def span_of() -> Span:
    """The last weeks or months of the display zone, up to the end of this one."""
    today = now().astimezone(zone()).date()
    if period() == "week":
        monday = today - timedelta(days=today.weekday())
        starts = [monday + timedelta(weeks=part) for part in range(1 - PARTS, 2)]
    else:
        whole = today.year * 12 + today.month - 1
        starts = [date(one // 12, one % 12 + 1, 1) for one in range(whole + 1 - PARTS, whole + 2)]
    return Span(tuple(datetime.combine(one, time(), zone()) for one in starts))


def columns(shares: Sequence[Share], span: Span) -> tuple[Column, ...]:
    """The parts of the period as bars on one scale."""
    most = max((one.total for one in shares), default=0) or 1
    room = WIDTH / len(shares)
    made = []
    for place, one in enumerate(shares):
        y, bars = float(TOP + HEIGHT), []
        for verdict, count in zip(VERDICTS, (one.kept, one.late, one.outage), strict=True):
            if count:
                high = HEIGHT * count / most
                y -= high
                bars.append((verdict, round(y, 1), round(high, 1)))
        x, wide = round(LEFT + room * (place + 0.15), 1), round(room * 0.7, 1)
        made.append(Column(x, wide, called(one, span), one, tuple(bars)))
    return tuple(made)


def lines(shares: Sequence[Share]) -> tuple[tuple[int, float], ...]:
    """Counts at which the scale has a line."""
    most = max((one.total for one in shares), default=0) or 1
    counts = sorted({0, most // 2, most})
    return tuple((count, round(TOP + HEIGHT * (1 - count / most), 1)) for count in counts)


def sides(stays: Sequence[Stay]) -> list[tuple[str, float, timedelta]]:
    """Who the time was spent waiting for: the share of it, and how much; () when none was."""
    whole = sum((one.spent for one in stays), timedelta())
    if not whole:
        return []
    sums = {side: sum((one.spent for one in stays if one.side == side), timedelta()) for side in SIDES}
    return [(side, spent / whole, spent) for side, spent in sums.items() if spent]


def called(one: Share, span: Span) -> str:
    """What a line of figures is about."""
    if one.by == "period":
        return part(one.key or 0, span)
    if one.by == "clock":
        rules = workflow().library.latest.get(one.definition)
        known = rules.clocks.get(one.clock) if rules else None
        return f"{lifecycle(one.definition)} · {title(known.title) if known else one.clock}"
    if one.name is None:
        return gettext("who.nobody") if one.by == "manager" else gettext("board.no_unit")
    return title(one.name)


def part(no: int, span: Span) -> str:
    """A week by its Monday, or a month."""
    begin = span.edges[no].astimezone(zone())
    return axis(begin) if period() == "week" else f"{begin.year}-{begin.month:02}"


def lifecycle(definition: str) -> str:
    found = workflow().library.latest.get(definition)
    return title(found.title) if found else definition


def runs_address(one: Share, verdict: str | None = None) -> str:
    """Where the runs of a figure are listed, narrowed as the page is."""
    about: dict[str, Any] = {"verdict": verdict}
    if one.by == "clock":
        about["clock"] = f"{one.definition}:{one.clock}"
    else:
        about |= {"by": one.by, "key": NONE if one.key is None else one.key}
    return url_for(".runs", **narrowing(), **about)


def days(span: timedelta) -> float:
    return round(span / timedelta(days=1), 1)


def narrowing() -> dict[str, str]:
    """What of the address narrows the figures, and so their lists and tables."""
    return {name: said for name in NARROWING if (said := request.args.get(name, ""))}


def _back() -> str:
    return url_for(".index", **narrowing())
