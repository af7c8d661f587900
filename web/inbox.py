"""The inbox: my tasks, those I may take, what I wait for, follow, put off and have done."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response as AnyResponse

from web import beside, gate, shelf
from web.cases import lifecycles
from web.context import actor, directory, key, person, reader, units, workflow
from web.filters import after, filters, narrowed
from web.language import now, zone
from web.places import may
from workflow.service.views.lists import Page

bp = Blueprint("inbox", __name__, url_prefix="/inbox")

COLUMNS = ("unit", "others", "opened")
"""What a row may show besides what it always does."""

MORNING = time(9)
SNOOZES = ("later", "tomorrow", "monday", "week")
DUE = ("overdue", "today", "3d", "7d")


@bp.get("/")
def mine() -> str:
    return _shown("mine", workflow().inbox(reader(), filters=_filters(), after=after(), others="others" in columns()))


@bp.get("/queue")
def queue() -> str:
    return _shown("queue", workflow().queue(reader(), filters=_filters(), after=after(), others="others" in columns()))


@bp.get("/delegated")
def delegated() -> str:
    return _shown(
        "delegated", workflow().delegated(reader(), filters=_filters(), after=after(), others="others" in columns())
    )


@bp.get("/watched")
def watched() -> str:
    return _shown("watched", workflow().watched(reader(), filters=_filters(), after=after()))


@bp.get("/later")
def later() -> str:
    return _shown(
        "later", workflow().put_off(reader(), filters=_filters(), after=after(), others="others" in columns())
    )


@bp.get("/done")
def done() -> str:
    return _shown("done", workflow().finished(reader(), filters=_filters(), after=after()))


def _shown(of: str, page: Page[Any]) -> str:
    return render_template(
        "inbox/index.html",
        of=of,
        page=page,
        lists=shelf.LISTS,
        entries=shelf.entries(),
        saved=shelf.saved(),
        counts=shelf.counts(),
        narrowed=narrowed(),
        columns=columns(),
        all_columns=COLUMNS,
        lifecycles=lifecycles(),
        states=_states(),
        units=units(),
        dues=DUE,
        snoozes=[(one, gettext(f"inbox.snooze.{one}")) for one in SNOOZES],
        bulk_actions=_bulk_actions(of),
        shareable=_shareable(),
        address=shelf.address(),
    )


def _bulk_actions(of: str) -> list[str]:
    """What may be done with several tasks of a list at once."""
    of_list = {"queue": ["claim"], "delegated": ["later"]}.get(of, ["later", "complete"])
    return [*of_list, "assign"] if may("tasks.reassign") else of_list


def _filters() -> Any:
    mine = {"person": person().id} if request.args.get("person") == "me" else {}
    return filters(**mine)


def columns() -> frozenset[str]:
    """Which of COLUMNS the address asks for."""
    return frozenset(request.args.getlist("columns")) & frozenset(COLUMNS)


def _states() -> list[Any]:
    """The states of the lifecycle the list is narrowed to."""
    found = workflow().library.latest.get(request.args.get("definition", ""))
    return [state for state in found.states.values() if not state.final] if found else []


def _shareable() -> Any:
    """The unit the reader may share views with: the one they answer for; None for those who answer for none."""
    home = directory().home(person().id, now())
    return directory().unit(home) if directory().oversees(person().id, home, now()) else None


@bp.get("/counts")
def counts() -> Response:
    """How many rows each list has, for a page that stays open. Answers 304 while nothing changed."""
    found = {name: [one.count, one.exact] for name, one in shelf.counts().items()}
    body = json.dumps(found, sort_keys=True, separators=(",", ":"))
    answer = Response(body, mimetype="application/json")
    answer.set_etag(hashlib.sha256(body.encode()).hexdigest()[:20])
    return answer.make_conditional(request)


@bp.post("/<int:case>/<int:no>/claim")
def claim(case: int, no: int) -> AnyResponse:
    workflow().claim(case, no, actor=actor(), key=key())
    flash(gettext("inbox.claimed"), "good")
    return redirect(url_for("tasks.show", case=case, no=no, **beside.kept()))


@bp.post("/<int:case>/<int:no>/snooze")
def snooze(case: int, no: int) -> AnyResponse:
    """Put a task off, or (without a time) take that back."""
    said = request.form.get("until", "")
    until = moment_of(said) if said else None
    workflow().snooze(case, no, until=until, actor=reader())
    flash(gettext("inbox.snoozed") if until else gettext("inbox.unsnoozed"), "good")
    return _back()


def moment_of(said: str) -> datetime | None:
    """When somebody who says `tomorrow` wants to see a task again, in the display zone."""
    here = now().astimezone(zone())
    days = {"tomorrow": 1, "monday": 7 - here.weekday(), "week": 7}.get(said)
    if days is None:
        return now() + timedelta(hours=3)
    return datetime.combine(here.date() + timedelta(days=days), MORNING, tzinfo=zone())


@bp.post("/watch/<int:case>")
def watch(case: int) -> AnyResponse:
    workflow().watch(case, actor=reader())
    flash(gettext("inbox.watching"), "good")
    return redirect(url_for("cases.show", case=case))


@bp.post("/unwatch/<int:case>")
def unwatch(case: int) -> AnyResponse:
    workflow().unwatch(case, actor=reader())
    flash(gettext("inbox.unwatched"), "good")
    return _back(url_for("cases.show", case=case))


@bp.post("/views")
def save_view() -> AnyResponse:
    """Keep the list as its address narrows it."""
    of = request.form.get("list", "")
    share = _shareable() if request.form.get("share") else None
    workflow().save_view(
        request.form.get("name", ""),
        of=of if of in shelf.PLACES else "mine",
        query=request.form.get("query", "")[:1000],
        unit=share.id if share else None,
        pinned=bool(request.form.get("pinned")),
        actor=reader(),
    )
    flash(gettext("inbox.view_kept"), "good")
    return _back()


@bp.post("/views/<int:view>/drop")
def drop_view(view: int) -> AnyResponse:
    if workflow().drop_view(view, actor=reader()):
        flash(gettext("inbox.view_dropped"), "good")
    return redirect(url_for(".mine"))


def _back(otherwise: str | None = None) -> AnyResponse:
    """Where the person came from, when that is a page of ours."""
    return redirect(gate.own_page(request.form.get("next") or otherwise or url_for(".mine")))
