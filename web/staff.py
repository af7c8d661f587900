"""For administrators: one person and one unit, what may be changed of them, and who changed what."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web import forms
from web.changes import told
from web.context import accounts, again, directory, key, reader, workflow
from web.filters import midnight
from web.language import now
from web.places import may
from workflow.core.directory import BUSINESS_ROLES, Person, Unit
from workflow.core.errors import PersonNotFound, RoleUnknown, UnitNotFound
from workflow.people.passwords import initial_password
from workflow.service.organisation import UNIT_KINDS

bp = Blueprint("staff", __name__, url_prefix="/organisation")


@bp.get("/people/new")
def new_person() -> str:
    return render_template("staff/new_person.html", units=forms.units(), roles_known=BUSINESS_ROLES)


@bp.post("/people/new")
@again(new_person)
def add_person() -> Response:
    """A person with a first role and a password that is shown once."""
    sent, who = request.form, reader()
    unit, role = sent.get("unit", 0, type=int), sent.get("role", "")
    if directory().unit(unit) is None:
        raise UnitNotFound(unit=unit)
    if role not in BUSINESS_ROLES:
        raise RoleUnknown(role=role)
    made = workflow().add_person(
        sent.get("login", ""),
        name_zh=sent.get("name_zh", ""),
        name_en=sent.get("name_en", ""),
        email=sent.get("email", ""),
        phone=sent.get("phone", ""),
        actor=who,
        key=key(),
    )
    workflow().grant(made, unit, role, actor=who, key=f"{key()}:role" if key() else None)
    return handed(made)


@bp.get("/people/<int:person>")
def person(person: int) -> str:
    found = known(person)
    held = sorted(directory().memberships(person), key=lambda one: one.since, reverse=True)
    return render_template(
        "staff/person.html",
        person=found,
        held=held,
        contact=workflow().contact(person, reader()) if may("staff.change_person") else None,
        substitutions=[s for s in directory().substitutions if person in (s.absent, s.substitute) and s.until > now()],
        sessions=accounts().sessions_of(person, now()) if may("staff.end_sessions") else (),
        history=told(workflow().changes("person", person, reader())),
        units=forms.units(),
        roles_known=BUSINESS_ROLES,
    )


@bp.post("/people/<int:person>")
@again(person)
def change_person(person: int) -> Response:
    values = {name: request.form.get(name, "") for name in ("name_zh", "name_en", "email", "phone")}
    workflow().change_person(known(person).id, values, actor=reader())
    flash(gettext("staff.saved"), "good")
    return redirect(url_for(".person", person=person))


@bp.get("/people/<int:person>/leave")
def leaving(person: int) -> str:
    """What becomes of the work of somebody who leaves: said before."""
    return render_template("staff/leaving.html", person=known(person), used=workflow().in_use(person, reader()))


@bp.post("/people/<int:person>/leave")
@again(leaving)
def leave(person: int) -> Response:
    """Somebody leaves; whoever is signed in in their name is not any more."""
    workflow().change_person(known(person).id, {"active": False}, actor=reader())
    for session in accounts().sessions_of(person, now()):
        accounts().revoke_marked(person, session.mark, now())
    flash(gettext("staff.left"), "good")
    return redirect(url_for(".person", person=person))


@bp.post("/people/<int:person>/return")
def come_back(person: int) -> Response:
    workflow().change_person(known(person).id, {"active": True}, actor=reader())
    flash(gettext("staff.returned"), "good")
    return redirect(url_for(".person", person=person))


@bp.post("/people/<int:person>/roles")
@again(person)
def grant(person: int) -> Response:
    sent = request.form
    workflow().grant(
        known(person).id,
        sent.get("unit", 0, type=int),
        sent.get("role", ""),
        since=midnight(sent.get("since", "")),
        until=midnight(sent.get("until", ""), after=1),
        actor=reader(),
        key=key(),
    )
    flash(gettext("staff.granted"), "good")
    return redirect(url_for(".person", person=person))


@bp.post("/people/<int:person>/roles/end")
@again(person)
def revoke(person: int) -> Response:
    sent = request.form
    workflow().revoke(known(person).id, sent.get("unit", 0, type=int), sent.get("role", ""), actor=reader())
    flash(gettext("staff.revoked"), "good")
    return redirect(url_for(".person", person=person))


@bp.post("/people/<int:person>/password")
def give_password(person: int) -> Response:
    return handed(known(person).id)


@bp.post("/people/<int:person>/sessions/end")
def end_sessions(person: int) -> Response:
    """End every session of a person."""
    workflow().note_sessions_ended(known(person).id, actor=reader())
    for session in accounts().sessions_of(person, now()):
        accounts().revoke_marked(person, session.mark, now())
    flash(gettext("staff.sessions_ended"), "good")
    return redirect(url_for(".person", person=person))


@bp.get("/sessions")
def sessions() -> str:
    """Where everybody is signed in."""
    return render_template("staff/sessions.html", sessions=accounts().everyones(now()))


@bp.get("/units/new")
def new_unit() -> str:
    return render_template("staff/new_unit.html", units=forms.units(), kinds=UNIT_KINDS)


@bp.post("/units/new")
@again(new_unit)
def add_unit() -> Response:
    sent = request.form
    made = workflow().add_unit(
        sent.get("code", ""),
        name_zh=sent.get("name_zh", ""),
        name_en=sent.get("name_en", ""),
        kind=sent.get("kind", ""),
        parent=sent.get("parent", type=int),
        division=sent.get("division", ""),
        actor=reader(),
        key=key(),
    )
    flash(gettext("staff.unit_added"), "good")
    return redirect(url_for(".unit", unit=made))


@bp.get("/units/<int:unit>")
def unit(unit: int) -> str:
    found = known_unit(unit)
    below = directory().below(unit)
    return render_template(
        "staff/unit.html",
        unit=found,
        members=forms.members().get(unit, []),
        calendar=workflow().calendars().get(directory().calendar_of(unit)),
        parents=[one for one in forms.units() if int(one.value) not in below],
        history=told(workflow().changes("unit", unit, reader())),
    )


@bp.post("/units/<int:unit>")
@again(unit)
def change_unit(unit: int) -> Response:
    values: dict[str, Any] = {name: request.form.get(name, "") for name in ("name_zh", "name_en", "division")}
    values["parent_id"] = request.form.get("parent", type=int)
    if values["parent_id"] == known_unit(unit).parent:
        del values["parent_id"]
    workflow().change_unit(unit, values, actor=reader())
    flash(gettext("staff.saved"), "good")
    return redirect(url_for(".unit", unit=unit))


@bp.post("/units/<int:unit>/close")
@again(unit)
def close_unit(unit: int) -> Response:
    workflow().change_unit(unit, {"active": False}, actor=reader())
    flash(gettext("staff.unit_closed"), "good")
    return redirect(url_for(".unit", unit=unit))


@bp.post("/units/<int:unit>/open")
def open_unit(unit: int) -> Response:
    workflow().change_unit(unit, {"active": True}, actor=reader())
    flash(gettext("staff.unit_opened"), "good")
    return redirect(url_for(".unit", unit=unit))


def handed(person: int) -> Response:
    """A new password to hand over: shown on this page alone, to be changed at the first sign-in."""
    workflow().note_password(person, actor=reader())
    password = initial_password()
    accounts().set_password(person, password, at=now())
    found = workflow().directory().persons[person]
    return make_response(render_template("staff/password.html", person=found, password=password))


def known(person: int) -> Person:
    """Raises `PersonNotFound`."""
    found = directory().person(person)
    if found is None:
        raise PersonNotFound(person=person)
    return found


def known_unit(unit: int) -> Unit:
    """Raises `UnitNotFound`."""
    found = directory().unit(unit)
    if found is None:
        raise UnitNotFound(unit=unit)
    return found
