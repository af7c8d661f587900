"""For the auditor: the report of a period, as page and as file, and the lists behind its figures of lateness."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal, cast

from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import gettext

from web.context import directory, reader, workflow
from web.exports import sent
from web.filters import after
from web.language import current, now, zone
from workflow.audit.report.desk import ENDINGS, ReportDesk
from workflow.audit.report.paper import Period
from workflow.settings import Settings

bp = Blueprint("report", __name__, url_prefix="/audit/report")

FARTHEST = date(9999, 1, 1)
"""Of a day that is asked for; the day after it must be one as well."""


def desk() -> ReportDesk:
    settings = cast(Settings, current_app.extensions["baton_settings"])
    return ReportDesk(workflow(), home=settings.server.public_url or request.url_root.rstrip("/"))


@bp.get("")
def show() -> Any:
    """The report of the days in the address; without any the question for them, with last month's in it."""
    asked = "since" in request.args or "until" in request.args
    period = period_of(request.args)
    paper = None
    if asked and period is not None:
        paper = desk().shown(period, reader(), language=current(), zone=zone())
    fault = gettext("report.period_unfit") if asked and period is None else ""
    page = render_template(
        "audit/report.html",
        paper=paper,
        period=period or last_month(),
        units=sorted(directory().units.values(), key=lambda one: one.code),
        forms=tuple(ENDINGS),
        fault=fault,
    )
    return (page, 422) if fault else page


@bp.post("/file")
def file() -> Response:
    period = period_of(request.form) or last_month()
    asked = request.form.get("form", "")
    form = cast(Literal["pdf", "xlsx"], asked if asked in ENDINGS else "pdf")
    name = f"audit-{period.since}-{period.until}.{ENDINGS[form]}"

    def write(path: Path) -> None:
        desk().write(period, reader(), path, form=form, language=current(), zone=zone())

    return sent(name, write)


@bp.get("/late")
def late() -> str:
    """The clocks that ran out in the period."""
    period = period_of(request.args) or last_month()
    page = desk().late(period, reader(), zone=zone(), after=after())
    return render_template("audit/report_late.html", page=page, period=period, unit=directory().unit(period.unit))


@bp.get("/raised")
def raised() -> str:
    """The escalations raised in the period."""
    period = period_of(request.args) or last_month()
    page = desk().raised(period, reader(), zone=zone(), after=after())
    return render_template("audit/report_raised.html", page=page, period=period, unit=directory().unit(period.unit))


def period_of(sent: Any) -> Period | None:
    """None for days that are none, or in the wrong order."""
    try:
        since, until = (date.fromisoformat(sent.get(name, "")) for name in ("since", "until"))
    except ValueError:
        return None
    unit = sent.get("unit", type=int)
    known = unit if unit in directory().units else None
    return Period(since=since, until=until, unit=known) if since <= until < FARTHEST else None


def last_month() -> Period:
    """The whole month before this one."""
    first = now().astimezone(zone()).date().replace(day=1)
    until = first - timedelta(days=1)
    return Period(since=until.replace(day=1), until=until)
