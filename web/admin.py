"""The organisation: people, units, roles, and who stands in for whom."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web import forms
from web.context import actor, again, directory, key, reader, workflow
from web.filters import LONGEST, after
from web.language import from_local, name, now
from web.names import person_name
from web.people import sent as people_sent
from workflow.core.directory import Person, Substitution, Unit
from workflow.core.errors import SubstitutionInvalid
from workflow.core.groups import Absence

bp = Blueprint("admin", __name__, url_prefix="/organisation")


@bp.get("/")
def people() -> str:
    """Everybody by unit, then those without a role now, and those who left; `q` finds by name, login or unit."""
    asked, there = (request.args.get("q") or "").strip().casefold()[:LONGEST], forms.members()
    lists = []
    for unit in forms.tree():
        found = [one for one in there.get(unit.id, ()) if called(asked, one[0], unit)]
        if found:
            lists.append((unit, found))
    holding = {person.id for members in there.values() for person, _ in members}
    others = [one for one in directory().persons.values() if one.id not in holding and called(asked, one)]
    return render_template(
        "admin/people.html",
        lists=lists,
        without=[one for one in others if one.active],
        gone=[one for one in others if not one.active],
        asked=request.args.get("q", ""),
    )


def called(asked: str, *things: Person | Unit) -> bool:
    """Whether one of some persons and units is called what was asked for, in either language, or by login or code."""
    return any(
        asked in text.casefold()
        for thing in things
        for text in (thing.name.zh, thing.name.en, thing.login if isinstance(thing, Person) else thing.code)
    )


@bp.get("/units")
def units() -> str:
    return render_template(
        "admin/units.html",
        units=[(one, len(directory().above(one.id))) for one in forms.tree()],
        closed=[one for one in directory().units.values() if not one.active],
    )


@bp.get("/messages")
def messages() -> str:
    return render_template("admin/messages.html", page=workflow().deliveries(reader(), after=after()))


@bp.get("/substitutions")
def substitutions(**_: Any) -> str:
    at = now()
    found: tuple[Substitution | Absence, ...] = (*directory().substitutions, *directory().absences)
    known = sorted(found, key=lambda one: one.since, reverse=True)
    return render_template(
        "admin/substitutions.html",
        lists=(("now", [s for s in known if s.holds(at)]), ("later", [s for s in known if s.since > at])),
        hints=lambda one: hints(one) if isinstance(one, Substitution) else [],
        called=covered,
    )


@bp.post("/substitutions")
@again(substitutions)
def substitute() -> Response:
    sent = request.form
    workflow().substitute(
        people_sent("absent"),
        people_sent("substitute"),
        since=moment(sent.get("since", "")),
        until=moment(sent.get("until", "")),
        reason=sent.get("reason", ""),
        actor=actor(),
        key=key(),
    )
    flash(gettext("admin.substituted"), "good")
    return redirect(url_for(".substitutions"))


@bp.post("/substitutions/<int:substitution>/end")
@again(substitutions)
def end_substitution(substitution: int) -> Response:
    workflow().end_substitution(substitution, actor=actor(), key=key())
    flash(gettext("admin.substitution_ended"), "good")
    return redirect(url_for(".substitutions"))


@bp.post("/substitutions/unnamed")
@again(substitutions)
def report_absence() -> Response:
    """Somebody is away and named nobody: the linked group stands in, else the colleagues of the unit."""
    sent = request.form
    workflow().report_absence(
        people_sent("absent"),
        since=moment(sent.get("since", "")),
        until=moment(sent.get("until", "")),
        reason=sent.get("reason", ""),
        actor=actor(),
        key=key(),
    )
    flash(gettext("absence.reported"), "good")
    return redirect(url_for(".substitutions"))


@bp.post("/substitutions/unnamed/<int:absence>/end")
@again(substitutions)
def end_absence(absence: int) -> Response:
    workflow().end_absence(absence, actor=actor(), key=key())
    flash(gettext("admin.substitution_ended"), "good")
    return redirect(url_for(".substitutions"))


def covered(one: Substitution | Absence) -> str:
    """Who stands in: whoever was named, or who of the group, else of the unit, is there."""
    if isinstance(one, Substitution):
        return person_name(one.substitute)
    group = directory().group_of(one.absent, max(one.since, now()))
    return name(group) if group else gettext("plans.unit")


def hints(one: Substitution) -> list[str]:
    """What does not go together with a substitution: its substitute is away too, or another stands in as well."""
    known, at = directory(), now()
    beside = [s for s in known.substitutions if s.id != one.id and meets(one, s) and s.until > at]
    unnamed = [a for a in known.absences if meets(one, a) and a.until > at]
    away = any(other.absent == one.substitute for other in (*beside, *unnamed))
    twice = [gettext("admin.hint_twice", who=person_name(s.substitute)) for s in beside if s.absent == one.absent]
    return [*([gettext("admin.hint_away", who=person_name(one.substitute))] if away else []), *twice]


def meets(one: Substitution, other: Substitution | Absence) -> bool:
    return other.since < one.until and one.since < other.until


def moment(typed: str) -> datetime:
    """What a moment field sent. Raises `SubstitutionInvalid`."""
    try:
        return datetime.fromisoformat(from_local(typed)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise SubstitutionInvalid(why="order") from None
