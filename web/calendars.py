"""Working calendars: the list, a year of one, its versions; and, for administrators, changing them after a look."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web import forms, year
from web.context import actor, again, directory, reader, workflow
from web.filters import number
from web.language import now, zone
from workflow.core.calendar import WEEKDAYS, Calendar, CalendarEmpty, CalendarFault, Windows, windows_from
from workflow.core.calendar_changes import with_days
from workflow.core.calendar_text import text_of, window_texts
from workflow.core.definition.expressions import Text
from workflow.core.errors import CalendarUnfit, CalendarUnknown, FileTooLarge
from workflow.service.calendar_reads import calendar_from_text

bp = Blueprint("calendars", __name__, url_prefix="/calendars")

MOST_DAYS = 366
MOST_FILE = 1024 * 1024
MOST_NAME = 60
KINDS = ("off", "working", "hours", "week")


@bp.get("/")
def index(**_: Any) -> str:
    """Every calendar, and which unit works by which."""
    units = forms.tree()
    using = {one.id: directory().calendar_of(one.id) for one in units}
    return render_template(
        "calendars/index.html",
        calendars=sorted(workflow().calendars().items()),
        units=[(one, len(directory().above(one.id)), using[one.id]) for one in units],
        using=list(using.values()),
    )


@bp.get("/<calendar>/")
def show(calendar: str, **_: Any) -> str:
    """A year of a calendar as it is now, or as an older version had it."""
    view = workflow().calendar(calendar, reader(), version=number("version"))
    found = view.asked.calendar
    wanted = asked_year()
    return render_template(
        "calendars/show.html",
        view=view,
        calendar=found,
        newest=view.asked is view.versions[0],
        year=wanted,
        years=(max(wanted - 1, year.FIRST), min(wanted + 1, year.LAST)),
        months=year.year(found, wanted),
        marked=year.marked(found, wanted),
        counts=year.counts(found, wanted),
        weekdays=list(zip(year.weekdays(), year.weekdays("wide"), strict=True)),
        week=[(name, key, " ".join(window_texts(found.windows.get(place, ())))) for place, (name, key) in week_names()],
        hours=year.hours,
        kinds=KINDS,
    )


@bp.get("/<calendar>/versions/<int:version>")
def version(calendar: str, version: int) -> str:
    """What a version changed, side by side with the one before, and which due times it moved."""
    view = workflow().calendar(calendar, reader(), version=version)
    place = view.versions.index(view.asked)
    return render_template(
        "calendars/version.html",
        view=view,
        row=view.asked,
        before=view.versions[place + 1] if place + 1 < len(view.versions) else None,
        hours=year.hours,
        weekday=year.weekdays("wide"),
    )


@bp.post("/<calendar>/days")
@again(show)
def days(calendar: str) -> str:
    """What it would change to take these days off or to work on them."""
    present, sent = the(calendar), request.form
    first = day_of("since")
    last = day_of("until") if sent.get("until", "").strip() else first
    if not first <= last < first + timedelta(days=MOST_DAYS):
        raise CalendarUnfit(why="order")
    kind = sent.get("kind", "")
    windows: Windows | None = () if kind == "off" else None if kind == "week" else present.usual()
    if kind == "hours":
        windows = windows_of(sent.get("hours", "")) or ()
    if kind not in KINDS or (kind == "hours" and not windows):
        raise CalendarUnfit(why="hours")
    chosen: dict[date, Windows | None] = {
        first + timedelta(days=place): windows for place in range((last - first).days + 1)
    }
    zh, en = (sent.get(f"name_{one}", "").strip()[:MOST_NAME] for one in ("zh", "en"))
    names = dict.fromkeys(chosen, Text(zh=zh or en, en=en or zh)) if zh or en else {}
    return preview(known(with_days(present, chosen, names)))


@bp.post("/<calendar>/week")
@again(show)
def week(calendar: str) -> str:
    """What other hours of the week would change."""
    windows = {place: windows_of(request.form.get(key, "")) for place, key in enumerate(WEEKDAYS)}
    try:
        return preview(replace(the(calendar), windows=windows))
    except CalendarEmpty as error:
        raise CalendarUnfit(why="no_window") from error


@bp.post("/<calendar>/file")
@again(show)
def file(calendar: str) -> str:
    """What the days of a file would change."""
    upload = request.files.get("file")
    content = upload.stream.read(MOST_FILE + 1) if upload is not None else b""
    if len(content) > MOST_FILE:
        raise FileTooLarge(most=MOST_FILE)
    return preview(workflow().read_calendar(calendar, content, known_through=announced()))


@bp.post("/<calendar>/keep")
@again(show)
def keep(calendar: str) -> Response:
    """Keep what was looked at, unless somebody else has kept something since."""
    made = calendar_from_text(request.form.get("text", ""))
    if made.name != calendar:
        raise CalendarUnfit(why="format")
    kept = workflow().bring_calendar(made, seen=request.form.get("seen", 0, type=int), actor=actor())
    flash(gettext("calendar.kept", version=kept.version), "good")
    return redirect(url_for(".version", calendar=kept.name, version=kept.version))


@bp.post("/<calendar>/copies")
@again(show)
def copy(calendar: str) -> Response:
    """Begin a new calendar with what this one says."""
    sent = request.form
    name, zh, en = (sent.get(one, "").strip()[:MOST_NAME] for one in ("name", "title_zh", "title_en"))
    try:
        made = replace(the(calendar).renamed(name), title=Text(zh=zh or en or name, en=en or zh or name))
    except CalendarFault as fault:
        raise CalendarUnfit(why="name") from fault
    kept = workflow().bring_calendar(made, seen=0, actor=actor())
    flash(gettext("calendar.begun"), "good")
    return redirect(url_for(".show", calendar=kept.name))


@bp.post("/units")
@again(index)
def give(**_: Any) -> Response:
    """Let a unit work by a calendar of its own, or by that of the unit above."""
    unit = request.form.get("unit", 0, type=int)
    workflow().set_calendar(unit, request.form.get("calendar") or None, actor=actor())
    flash(gettext("calendar.given"), "good")
    return redirect(url_for(".index", _anchor="units"))


def preview(made: Calendar) -> str:
    found = workflow().preview_calendar(made, reader())
    return render_template(
        "calendars/preview.html",
        found=found,
        text=text_of(made),
        hours=year.hours,
        weekday=year.weekdays("wide"),
    )


def the(name: str) -> Calendar:
    """The present calendar of a name. Raises `CalendarUnknown`."""
    found = workflow().calendars().get(name)
    if found is None:
        raise CalendarUnknown(calendar=name)
    return found


def known(made: Calendar) -> Calendar:
    """Announced through the year typed, where one was."""
    through = announced()
    if through is None or made.known_through is None:
        return made
    return replace(made, known_through=date(through, 12, 31))


def announced() -> int | None:
    """The year typed as the last one announced; None for none. Raises `CalendarUnfit`."""
    typed = request.form.get("known_through", "").strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and year.FIRST <= int(typed[:5]) <= year.LAST):
        raise CalendarUnfit(why="order")
    return int(typed)


def asked_year() -> int:
    """The year in the address, else the present one."""
    typed = number("year")
    return min(max(typed if typed is not None else now().astimezone(zone()).year, year.FIRST), year.LAST)


def day_of(name: str) -> date:
    """A date field. Raises `CalendarUnfit`."""
    try:
        found = date.fromisoformat(request.form.get(name, "").strip())
    except ValueError as error:
        raise CalendarUnfit(why="order") from error
    if not year.FIRST <= found.year <= year.LAST:
        raise CalendarUnfit(why="order")
    return found


def windows_of(typed: str) -> Windows:
    """Hours as typed; empty for none. Raises `CalendarUnfit`."""
    try:
        return windows_from(typed)
    except CalendarFault as fault:
        raise CalendarUnfit(why="hours") from fault


def week_names() -> list[tuple[int, tuple[str, str]]]:
    """Each weekday's place, its name and its key."""
    return list(enumerate(zip(year.weekdays("wide"), WEEKDAYS, strict=True)))
