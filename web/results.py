"""What managers and centres did: figures with the lists behind them, scores, pay with every input, service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from web import measures
from web.context import again, key, person, reader, units, workflow
from web.filters import after, filters, whole
from web.language import now, zone
from web.revenue import months, unit
from workflow.core.errors import FormInvalid
from workflow.core.pay import rounded
from workflow.core.plans import COUNTED, FIRST, LAST, PERSON, UNIT
from workflow.service.results import Figures, What

bp = Blueprint("results", __name__, url_prefix="/results")

WHAT: tuple[What, ...] = ("won", "kept", "lost", "revenue")
MOST = 10**15


@bp.get("/")
def index() -> str:
    since, until = months()
    return render_template(
        "results/index.html",
        rows=figures(),
        churn=churn,
        since=since,
        until=until,
        on=on(),
        unit=unit(),
        units=units(),
    )


@bp.get("/behind")
def behind() -> str:
    """The customers a figure counts; without a person the reader's own."""
    since, until = months()
    asked = whole(request.args.get("person", ""))
    who = asked if asked is not None else person().id
    what = next((one for one in WHAT if one == request.args.get("what")), WHAT[0])
    rows = workflow().results_behind(reader(), who, what, since=since, until=until, zone=zone(), at=at())
    found = workflow().directory().person(who)
    return render_template(
        "results/behind.html", rows=rows, what=what, who=found, since=since, until=until, on=on(),
        total=sum(row.cents for row in rows),
    )  # fmt: skip


@bp.get("/scores")
def scores() -> str:
    found = workflow().managers_years(reader(), year(), zone=zone(), unit=unit(), at=at())
    return render_template(
        "results/scores.html", rows=found, year=year(), on=on(), unit=unit(), units=units(), yuan=yuan
    )


@bp.get("/people/<int:person>")
def one(person: int) -> str:
    """A manager's year: the points, what they are made of, and pay with every input."""
    found = workflow().managers_year(reader(), person, year(), zone=zone(), at=at())
    return render_template(
        "results/person.html", found=found, year=year(), on=on(), inputs=inputs(found.plan.values, PERSON),
        points=points, percent=percent, post=url_for(".plan", person=person, year=year()),
    )  # fmt: skip


@bp.post("/people/<int:person>")
@again(one)
def plan(person: int) -> Response:
    workflow().plan("person", person, year(), said(PERSON), actor=reader(), key=key())
    flash(gettext("results.said"), "good")
    return redirect(url_for(".one", person=person, year=year()))


@bp.get("/units/<int:unit>")
def centre(unit: int) -> str:
    found = workflow().centres_year(reader(), unit, year(), zone=zone(), at=at())
    return render_template(
        "results/centre.html", found=found, year=year(), on=on(), inputs=inputs(found.plan.values, UNIT),
        points=points, post=url_for(".plan_centre", unit=unit, year=year()), units=units(),
    )  # fmt: skip


@bp.post("/units/<int:unit>")
@again(centre)
def plan_centre(unit: int) -> Response:
    workflow().plan("unit", unit, year(), said(UNIT), actor=reader(), key=key())
    flash(gettext("results.said"), "good")
    return redirect(url_for(".centre", unit=unit, year=year()))


@bp.get("/service")
def service() -> str:
    found = workflow().service(reader(), measures.span_of(), filters=filters())
    return render_template(
        "results/service.html", found=found, period=measures.period(), periods=measures.PERIODS,
        units=units(), parts=measures.PARTS,
    )  # fmt: skip


@bp.get("/service/<int:no>")
def runs(no: int) -> str:
    """The runs a figure of service counts."""
    if no >= len(workflow().library.standards.service):
        abort(404)
    verdict = next((one for one in measures.VERDICTS if one == request.args.get("verdict")), None)
    page = workflow().service_behind(
        reader(), measures.span_of(), no, verdict=verdict, filters=filters(), after=after()
    )
    back = url_for(".service", period=measures.period(), unit=request.args.get("unit"))
    return render_template("supervisor/runs.html", page=page, verdict=verdict, back=back)


def figures() -> list[Figures]:
    since, until = months()
    return workflow().results(reader(), since=since, until=until, zone=zone(), unit=unit(), at=at())


def churn(found: Figures) -> Decimal | None:
    """Percent of the customers kept that were lost; None where none was kept."""
    return percent(Fraction(found.lost, found.kept) if found.kept else None)


def year() -> int:
    asked = whole(request.args.get("year", ""))
    return asked if asked is not None and FIRST <= asked <= LAST else now().astimezone(zone()).year


def on() -> str:
    """The day as of which it is asked; empty for now."""
    return "" if at() is None else request.args.get("on", "")


def at() -> datetime | None:
    """The end of the day as of which it is asked."""
    try:
        day = datetime.fromisoformat(request.args.get("on", "")).date()
    except ValueError:
        return None
    if not FIRST <= day.year <= LAST:
        return None
    end = datetime.combine(day + timedelta(days=1), time(), zone())
    return end if end < now() else None


def inputs(values: Mapping[str, int], names: Mapping[str, object]) -> list[tuple[str, str]]:
    """What can be said, with what was said last as people write it."""
    return [(one, "" if one not in values else _written(one, values[one])) for one in names]


def said(names: Mapping[str, object]) -> dict[str, int | None]:
    """What was typed, in whole cents and hundredths. Raises `FormInvalid` for what is no such number."""
    typed = {one: request.form.get(one, "").replace(",", "").strip() for one in names}
    found = {one: _read(one, text) if text else None for one, text in typed.items()}
    wrong = {one: [("number", {})] for one, text in typed.items() if text and found[one] is None}
    if wrong:
        raise FormInvalid(fields=wrong)
    return found


def _read(one: str, text: str) -> int | None:
    """None for what is no number, or has more places than it may."""
    try:
        exact = Decimal(text) * (1 if one in COUNTED else 100)
    except InvalidOperation:
        return None
    return int(exact) if exact.is_finite() and abs(exact) < MOST and exact == int(exact) else None


def yuan(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


points = yuan
"""Points and percentages are kept in hundredths too."""


def percent(share: Fraction | None) -> Decimal | None:
    """A share in percent, to two decimal places, halves up."""
    return None if share is None else yuan(rounded(share * 10_000))


def _written(one: str, value: int) -> str:
    return str(value) if one in COUNTED else f"{yuan(value):f}"
