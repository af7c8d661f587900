"""Linked groups (联动小组): who is in them, who was, and who stands in for whom now (004 §2.2 I)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response
from werkzeug.exceptions import NotFound

from web import forms, people
from web.changes import told
from web.context import again, directory, key, reader, workflow
from web.filters import midnight
from web.language import now
from web.names import person_name
from web.places import may
from workflow.core.groups import FEWEST, MOST, Group
from workflow.service.groups import ROLE

bp = Blueprint("groups", __name__, url_prefix="/organisation/groups")


@bp.get("/")
def index() -> str:
    """The groups with their members as they are, or as they were at the end of a day (`on`)."""
    at, known = moment(), directory()
    groups = sorted(known.groups.values(), key=lambda one: (not one.active, one.unit, one.id))
    return render_template(
        "groups/index.html",
        groups=[(one, known.members(one.id, at)) for one in groups],
        away=lambda person: known.away(person, at),
        covering=lambda person: sorted(known.covering(person, at)),
        called=called,
        on=request.args.get("on", ""),
        fewest=FEWEST,
        most=MOST,
        units=forms.units(),
    )


@bp.post("/")
@again(index)
def add() -> Response:
    sent = request.form
    made = workflow().add_group(
        name_zh=sent.get("name_zh", ""),
        name_en=sent.get("name_en", ""),
        unit=sent.get("unit", 0, type=int),
        industry=sent.get("industry", ""),
        actor=reader(),
        key=key(),
    )
    flash(gettext("groups.added"), "good")
    return redirect(url_for(".show", group=made))


@bp.get("/<int:group>")
def show(group: int, **_: Any) -> str:
    found, at, known = group_of(group), now(), directory()
    free = [one for one in people.holding(ROLE) if known.group_of(one.id, at) is None]
    return render_template(
        "groups/show.html",
        group=found,
        members=[one for one in known.group_members if one.group == group and one.until is None],
        past=[one for one in known.group_members if one.group == group and one.until is not None],
        customers={one.person.id: one.leads for one in workflow().loads(reader())} if may("load.index") else {},
        away=lambda person: known.away(person, at),
        covering=lambda person: sorted(known.covering(person, at)),
        called=called,
        most=MOST,
        free=people.listed("persons-free", free),
        history=told(workflow().changes("group", group, reader())) if may("staff.person") else [],
    )


@bp.post("/<int:group>")
@again(show)
def change(group: int) -> Response:
    values = {name: request.form.get(name, "") for name in ("name_zh", "name_en", "industry")}
    workflow().change_group(group_of(group).id, values, actor=reader())
    flash(gettext("staff.saved"), "good")
    return redirect(url_for(".show", group=group))


@bp.post("/<int:group>/close")
@again(show)
def close(group: int) -> Response:
    workflow().change_group(group_of(group).id, {"active": not group_of(group).active}, actor=reader())
    flash(gettext("staff.saved"), "good")
    return redirect(url_for(".show", group=group))


@bp.post("/<int:group>/members")
@again(show)
def join(group: int) -> Response:
    workflow().join_group(group_of(group).id, people.sent("person"), actor=reader(), key=key())
    flash(gettext("groups.joined"), "good")
    return redirect(url_for(".show", group=group))


@bp.post("/<int:group>/members/<int:member>/end")
@again(show)
def leave(group: int, member: int) -> Response:
    workflow().leave_group(member, actor=reader())
    flash(gettext("groups.left"), "good")
    return redirect(url_for(".show", group=group_of(group).id))


def moment() -> datetime:
    """The end of the day asked for; now without one."""
    end = midnight(request.args.get("on", ""), after=1)
    return now() if end is None else end - timedelta(microseconds=1)


def called(persons: Iterable[int]) -> str:
    return gettext("list.comma").join(person_name(one) for one in persons)


def group_of(group: int) -> Group:
    """Raises `NotFound`."""
    found = directory().groups.get(group)
    if found is None:
        raise NotFound
    return found
