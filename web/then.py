"""For the auditor: every list of the product at a past moment, chosen once and kept from list to list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext

from web import people, titles
from web.audit import asked
from web.context import directory, reader, workflow
from web.filters import after, filters
from web.language import length, local_input, moment, name
from web.names import known
from workflow.audit.report.desk import ReportDesk
from workflow.audit.then import Moments, Then
from workflow.core.directory import BUSINESS_ROLES
from workflow.service.views.lists import Page

bp = Blueprint("then", __name__, url_prefix="/audit/then")

LISTS = ("overdue", "escalations", "tasks", "cases", "customers", "load", "units")
PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A row of any of the lists. `to`: the case as it was then, None where there is none to show."""

    what: str
    to: str | None
    number: str = ""
    about: str = ""
    who: str = ""
    unit: str = ""
    end: str = ""
    late: str = ""


def moments() -> Moments:
    found = current_app.extensions.get("baton_moments")
    if found is None:
        found = current_app.extensions["baton_moments"] = Moments(workflow())
    return cast(Moments, found)


@bp.get("/")
def show() -> str:
    """A list (`list`) at a moment (`at`); narrowed as today's lists are, and by `person`."""
    typed = request.args.get("at", "")
    at, fault = asked(typed)
    if not typed or fault:
        # To the minute, as it is typed: the same moment for the next list.
        at = at.replace(second=0, microsecond=0)
    chosen = request.args.get("list", LISTS[0])
    chosen = chosen if chosen in LISTS else LISTS[0]
    then = moments().for_reader(at)
    page, lines = _list(then, chosen)
    return render_template(
        "audit/then.html",
        at=then.at,
        typed=typed or local_input(at),
        fault=fault,
        chosen=chosen,
        lists=[(one, _address(one, typed or local_input(then.at))) for one in LISTS],
        all=url_for(".show", list="cases", at=typed or local_input(then.at)),
        nearest=_nearest(then.at) if chosen == LISTS[0] and not lines else (),
        page=page,
        lines=lines,
        people=people.listed("persons-ever", directory().persons.values()),
        person=people.spelled(request.args.get("person", "")),
    )


def _nearest(at: datetime) -> list[tuple[str, str]]:
    """Where the overdue board was not empty: just after the last clock that ran out by a moment, and after the next."""
    before, after_it = ReportDesk(workflow()).nearest(at, reader())
    found = (("then.before", before), ("then.after", after_it))
    return [
        (gettext(words, moment=moment(one)), url_for(".show", at=local_input(one + timedelta(minutes=2))))
        for words, one in found
        if one is not None
    ]


def _list(then: Then, chosen: str) -> tuple[Page[Any] | None, list[Line]]:
    person, given = people.asked("person"), {"after": after(), "limit": PAGE}
    narrowed = filters(person=person)
    if chosen == "load":
        return None, [_load(row, then) for row in then.load(reader())]
    if chosen == "units":
        return None, list(_units(then))
    pages: dict[str, Callable[[], Page[Any]]] = {
        "overdue": lambda: then.overdue(reader(), filters=narrowed, **given),
        "escalations": lambda: then.escalations(reader(), filters=narrowed, **given),
        "tasks": lambda: then.tasks_of(person, reader(), **given),
        "cases": lambda: then.cases(reader(), filters=narrowed, **given),
        "customers": lambda: then.customers(reader(), filters=narrowed, **given),
    }
    made: dict[str, Callable[[Any, Then], Line]] = {
        "overdue": _clock, "escalations": _escalation, "tasks": _task, "cases": _case, "customers": _customer,
    }  # fmt: skip
    page = pages[chosen]()
    return page, [made[chosen](row, then) for row in page.rows]


def _clock(row: Any, then: Then) -> Line:
    return _line(titles.clock(row), row, row.case, then, who=row.assignees, due=row.due)


def _escalation(row: Any, then: Then) -> Line:
    what = f"{titles.clock(row, row.clock)} · {gettext('escalation.level', level=row.level)}"
    made = _line(what, row, row.case, then, who=row.persons)
    return _ended(made, moment(row.raised))


def _task(row: Any, then: Then) -> Line:
    return _line(titles.task(row), row, row.case, then, who=[row.assignee] if row.assignee else [], due=row.due)


def _case(row: Any, then: Then) -> Line:
    made = _line(titles.state(row), row, row.id, then, who=row.assignees, due=None if row.closed else row.due)
    return made if made.end else _ended(made, moment(row.closed or row.updated))


def _customer(row: Any, then: Then) -> Line:
    return Line(
        what=name(row),
        to=url_for("audit.as_of", case=row.id, at=_at(then)),
        number=row.number,
        about=known(f"tier.{row.tier}", row.tier) if row.tier else "",
        who=_names(one for one in (row.a, row.b) if one),
        unit=name(row.unit) if row.unit else "",
        end=known(f"stage.{row.stage}", row.stage) if row.stage else "",
    )


def _load(row: Any, then: Then) -> Line:
    return Line(
        what=name(row.person),
        to=url_for(".show", list="tasks", person=row.person.id, at=_at(then)),
        end=gettext("then.task_count", count=row.tasks),
        late=gettext("then.late", count=row.overdue) if row.overdue else "",
    )


def _units(then: Then) -> Iterable[Line]:
    found = then.directory()
    for unit in found.units.values():
        held = [
            f"{known(f'role.{role}', role)}{gettext('list.colon')}{_names(found.persons[one] for one in persons)}"
            for role in BUSINESS_ROLES
            if (persons := found.holders(role, unit.id, then.at))
        ]
        above = found.unit(unit.parent)
        yield Line(what=name(unit), to=None, who=gettext("list.pause").join(held), unit=name(above) if above else "")


def _line(what: str, row: Any, case: int, then: Then, *, who: Iterable[Any], due: datetime | None = None) -> Line:
    late = length(then.at - due) if due is not None and due < then.at else ""
    return Line(
        what=what,
        to=url_for("audit.as_of", case=case, at=_at(then)),
        number=row.number,
        about=name(row.customer) if row.customer else titles.lifecycle(row),
        who=_names(who),
        unit=name(row.unit) if row.unit else "",
        end=moment(due) if due is not None else "",
        late=gettext("then.over", length=late) if late else "",
    )


def _ended(line: Line, end: str) -> Line:
    return Line(line.what, line.to, line.number, line.about, line.who, line.unit, end, line.late)


def _names(persons: Iterable[Any]) -> str:
    return gettext("list.comma").join(name(one) for one in persons)


def _at(then: Then) -> str:
    return local_input(then.at)


def _address(chosen: str, at: str) -> str:
    kept = {key: request.args[key] for key in ("person", "definition", "unit", "tier") if request.args.get(key)}
    return url_for(".show", **{**kept, "list": chosen, "at": at})
