"""My day: what is due and agreed, day by day, and the same as a calendar feed for other programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from babel.dates import format_date
from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext
from werkzeug import Response

from web import titles
from web.context import directory, person, reader, workflow
from web.feed import written
from web.language import current, default, now, zone
from web.places import may
from workflow.core.directory import Substitution
from workflow.service.days import Entry
from workflow.service.views.clocks import EscalationRow
from workflow.service.views.lists import Filters
from workflow.service.views.tasks import TaskRow

bp = Blueprint("day", __name__)

DAYS = 7
BACK, AHEAD = timedelta(days=30), timedelta(days=92)
"""How far a feed reaches."""

FARTHEST = timedelta(days=3660)
"""How far from today the days may be leafed through."""

MOST_OVERDUE = 8
MOST_ESCALATIONS = 50


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    today: bool
    entries: list[Entry] = field(default_factory=list)


@bp.get("/day")
def show() -> str:
    first = beginning()
    since, until = start_of(first), start_of(first + timedelta(days=DAYS))
    entries = workflow().days(reader(), since=since, until=until)
    overdue, more = late()
    return render_template(
        "day/show.html",
        days=by_day(first, entries),
        first=first,
        last=first + timedelta(days=DAYS - 1),
        earlier=first - timedelta(days=DAYS),
        later=first + timedelta(days=DAYS),
        present=first == now().astimezone(zone()).date(),
        overdue=overdue,
        more=more,
        escalations=raised(),
        absences=absences(until),
        name_of=name_of,
        day_name=day_name,
        feed_since=workflow().feed_since(reader()),
    )


def beginning() -> date:
    """The first day shown: the one in the address, else today."""
    today = now().astimezone(zone()).date()
    try:
        asked = date.fromisoformat(request.args.get("from", ""))
    except ValueError:
        return today
    return asked if abs(asked - today) < FARTHEST else today


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), zone())


def by_day(first: date, entries: Iterable[Entry]) -> list[Day]:
    today = now().astimezone(zone()).date()
    days = [Day(on, on == today) for on in (first + timedelta(days=n) for n in range(DAYS))]
    for entry in entries:
        on = entry.on or (entry.at.astimezone(zone()).date() if entry.at else first)
        days[(on - first).days].entries.append(entry)
    return days


def day_name(of: date) -> str:
    """`周一`, `Mon`."""
    return format_date(of, "EEE", locale=current())


def late() -> tuple[tuple[TaskRow, ...], int]:
    """The longest overdue of the reader's tasks, and how many more there are."""
    page = workflow().inbox(reader(), filters=Filters(overdue=True), limit=MOST_OVERDUE)
    return page.rows, page.count - len(page.rows)


def raised() -> list[EscalationRow]:
    """Escalations the reader is to acknowledge."""
    if not may("supervisor.acknowledge"):
        return []
    page = workflow().escalations(reader(), limit=MOST_ESCALATIONS)
    me = person().id
    return [row for row in page.rows if row.acknowledged is None and any(one.id == me for one in row.persons)]


def absences(until: datetime) -> list[Substitution]:
    """When the reader stands in for others, or others for the reader, now or before the shown days end."""
    me = person().id
    known = [
        one
        for one in directory().substitutions
        if me in (one.absent, one.substitute) and one.until > now() and one.since < max(until, now())
    ]
    return sorted(known, key=lambda one: one.since)


def name_of(entry: Entry) -> str:
    """What stands in the calendar: the task, or what the lifecycle calls the field."""
    if entry.no is not None:
        return titles.task_title(entry, entry.name)
    rules = titles.definition(entry)
    return f"{titles.lifecycle(entry)} · {titles.title(rules.fields[entry.name].title)}" if rules else entry.name


@bp.post("/day/feed")
def open_feed() -> Response:
    """A new address for the feed: shown on the page that follows, and never again."""
    token = workflow().open_feed(actor=reader())
    page = render_template("day/feed.html", address=url_for(".feed", token=token, _external=True))
    return make_response(page)


@bp.post("/day/feed/close")
def close_feed() -> Response:
    workflow().close_feed(actor=reader())
    flash(gettext("day.feed_closed"), "good")
    return redirect(url_for("profile.show"))


@bp.get("/feeds/<token>.ics")
def feed(token: str) -> Response:
    """Somebody's calendar, for a program that knows its secret address; titles and numbers of cases alone.

    Raises `PersonNotFound` where its owner has left.
    """
    whose = workflow().fed(token)
    known = directory().person(whose.person) if whose else None
    if whose is None or known is None:
        abort(404)
    today = start_of(now().astimezone(zone()).date())
    entries = workflow().days(whose, since=today - BACK, until=today + AHEAD)
    with force_locale(known.language or default()):
        text = written(
            [(entry, name_of(entry), url_for("cases.show", case=entry.case, _external=True)) for entry in entries],
            title=gettext("day.feed_title"),
            brand=gettext("brand"),
        )
    answer = make_response(text)
    answer.content_type = "text/calendar; charset=utf-8"
    answer.set_etag(sha256(text).hexdigest()[:32])
    return answer.make_conditional(request)
