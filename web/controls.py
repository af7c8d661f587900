"""For the auditor: what must never be found in any history, how often it was, and each exception."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug import Response

from web import titles
from web.context import person, reader, workflow
from web.filters import after, midnight
from web.language import day, length, short, zone
from workflow.audit.controls.desk import ControlDesk, ExceptionRow, Run
from workflow.core.moments import MICRO, moment_of
from workflow.definitions.controls import Control

bp = Blueprint("controls", __name__, url_prefix="/audit/controls")

SHOWN = 20
"""Exceptions on a page."""

LEFT, TOP, WIDTH, HEIGHT = 56, 12, 656, 150
"""Where the field of the trend lies, in its own units."""


@dataclass(frozen=True, slots=True)
class Night:
    """A night's bar."""

    run: Run
    label: str
    x: float
    y: float
    width: float
    height: float


def desk() -> ControlDesk:
    return ControlDesk(workflow())


@bp.get("/")
def index() -> str:
    return render_template("audit/controls.html", controls=desk().all(), looked=looked)


@bp.get("/<name>")
def show(name: str) -> str:
    """A control: its trend, and the exceptions of the last night or of the run in the address."""
    found = desk()
    control = found.control(name)
    nights = found.nights(name)
    asked = request.args.get("run", type=int)
    run = found.run(name, asked) if asked is not None else (nights[-1] if nights else None)
    return render_template(
        "audit/control.html",
        control=control,
        run=run,
        asked=found.asked(name),
        bars=bars(nights),
        most=max((one.exceptions for one in nights), default=0),
        page=found.exceptions(run.id, reader(), after=after(), limit=SHOWN) if run is not None else None,
        looked=looked,
        particulars=particulars,
        asked_words=asked_words,
        on_day=on_day,
        last_day=lambda until: on_day(until - MICRO),
    )


@bp.post("/<name>/runs")
def run(name: str) -> Response:
    """Run it now, for the days in the form; without them over everything."""
    since, until = midnight(request.form.get("since", "")), midnight(request.form.get("until", ""), after=1)
    made = desk().look(name, zone=zone(), since=since, until=until, person=person().id)
    return redirect(url_for(".show", name=name, run=made))


def bars(nights: Sequence[Run]) -> list[Night]:
    """The trend: how many exceptions each night, the last nights to the right."""
    most = max((one.exceptions for one in nights), default=0) or 1
    room = WIDTH / max(len(nights), 10)
    every = max(1, len(nights) // 8)
    found = []
    for place, one in enumerate(nights):
        height = HEIGHT * one.exceptions / most
        label = short(one.at) if (len(nights) - 1 - place) % every == 0 else ""
        found.append(
            Night(
                one, label.rsplit(" ", 1)[0].rstrip(","), LEFT + room * place, TOP + HEIGHT - height, room * 0.8, height
            )
        )
    return found


def looked(control: Control, run: Run) -> str:
    """How many of what it looks at were there."""
    many = f"{run.looked:,}"
    return ngettext(f"controls.looked_{control.each}", f"controls.looked_{control.each}", run.looked, many=many)


def particulars(row: ExceptionRow) -> list[str]:
    """What is particular to an exception, in a few words each."""
    told: list[str] = []
    detail: dict[str, Any] = dict(row.detail)
    if "fault" in detail:
        told.append(gettext("controls.undecided", fault=detail["fault"]))
    if "month" in detail:
        told.append(detail["month"])
    if "clock" in detail:
        told.append(titles.clock(row, detail["clock"]))
    if detail.get("late"):
        key = "controls.late_open" if detail.get("open") else "controls.late"
        told.append(gettext(key, length=length(timedelta(seconds=detail["late"]))))
    if detail.get("extended"):
        told.append(ngettext("controls.extended", "controls.extended", detail["extended"]))
    if "trigger" in detail:
        told.append(titles.trigger(row, detail["trigger"]))
    if "since" in detail:
        since, until = moment_of(detail["since"]), moment_of(detail["until"])
        told.append(gettext("controls.lasted", since=on_day(since), length=length(until - since)))
    return told


def on_day(at: datetime) -> str:
    """The day of a moment, where the reader is."""
    return day(at.astimezone(zone()).date())


def asked_words(control: Control) -> str:
    """What a control asks, as its file has it."""
    of = " · ".join(one for one in (control.each, control.of.definition, control.of.clock) if one)
    where = f"\nwhere: {control.where.source}" if control.where is not None else ""
    return f"each: {of}{where}\nholds: {control.holds.source}"
