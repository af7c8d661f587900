"""Who carries how much; and a person's whole portfolio to somebody else: shown first, then done one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, flash, g, render_template, request
from flask_babel import gettext

from web import forms, people, receivers, titles
from web.context import key, reader, workflow
from workflow.core.definition.effects import Open
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import Transition
from workflow.core.errors import Refused
from workflow.service.load import FEWEST, MOST_LED
from workflow.service.views.actions import Action, ActionField
from workflow.service.views.cases import CaseRow
from workflow.service.views.customers import CustomerRow
from workflow.service.views.lists import Filters
from workflow.service.views.tasks import TaskRow

bp = Blueprint("load", __name__, url_prefix="/supervision/load")

MOST = 200
"""Customers, and tasks, that change hands at a time."""


@dataclass(frozen=True, slots=True)
class Change:
    """How the people of a customer are changed: by a trigger of one of its cases, which opens the handover.

    `a` and `b`: the fields that name the new ones; `asked`: what else must be filled in, the same for every customer.
    """

    case: CaseRow
    action: Action
    a: str
    b: str

    @property
    def asked(self) -> list[ActionField]:
        return [one for one in self.action.fields if one.required and one.field.name not in (self.a, self.b)]

    @property
    def form(self) -> tuple[str, int, str]:
        """Customers with the same one are handed over together."""
        return self.case.definition, self.case.version, self.action.trigger


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer of the portfolio. `change` None: nothing the reader may do changes its people now.

    `to`: who would get it, 0 for nobody yet; `has`: how many customers that person leads or will, None where it is not
    known. `leads`: whether whoever gets it will lead it.
    """

    row: CustomerRow
    a: bool
    b: bool
    change: Change | None = None
    refusal: Refused | None = None
    against: str = ""
    to: int = 0
    has: int | None = None
    leads: bool = False

    @property
    def ready(self) -> bool:
        return self.change is not None and not self.against


@dataclass(frozen=True, slots=True)
class Task:
    """An open task. `along`: it goes with its customer, and so is not given away by itself."""

    row: TaskRow
    along: bool = False
    to: int = 0
    refusal: Refused | None = None


@bp.get("/")
def index() -> str:
    return render_template(
        "supervisor/load.html",
        loads=workflow().loads(reader()),
        fewest=FEWEST,
        most_led=MOST_LED,
        carrying=workflow().carrying,
    )


@bp.get("/<int:person>")
def show(person: int) -> str:
    """What a person has, and to whom it could go."""
    load = workflow().load(person, reader())
    customers = workflow().customers(reader(), filters=Filters(person=person), limit=MOST)
    tasks = workflow().held_by(person, reader(), limit=MOST)
    return render_template(
        "supervisor/portfolio.html",
        load=load,
        customers=customers,
        tasks=tasks,
        receivers=receivers.offered_to(person),
        fewest=FEWEST,
        most_led=MOST_LED,
    )


@bp.post("/<int:person>")
def preview(person: int) -> Any:
    """What would move and to whom, what would not and why. Writes nothing."""
    load, to = workflow().load(person, reader()), _to()
    reason = request.form.get("reason", "").strip()
    if (request.form.get("to", "").strip() and not to) or to == person or not reason:
        flash(gettext("load.no_such_receiver") if reason else gettext("load.no_reason"), "warn")
        return show(person=person)
    customers, tasks = _portfolio(person, lambda rows: receivers.proposed(rows, person, to))
    first = next((one.change for one in customers if one.ready), None)
    return render_template(
        "supervisor/portfolio_preview.html",
        load=load,
        to=to,
        reason=reason,
        picked=request.form.get("pick") != "none",
        customers=customers,
        tasks=tasks,
        receivers=receivers.offered_to(person),
        most_led=MOST_LED,
        spelled=people.spelled,
        inputs=forms.inputs(first.asked, active=False) if first else [],
    )


@bp.post("/<int:person>/do")
def act(person: int) -> str:
    """Each customer and each task by itself: what is refused for one is done for the others."""
    load, to, reason = workflow().load(person, reader()), _to(), request.form.get("reason", "")
    picked = _picked("customer"), _picked("task")
    customers, tasks = _portfolio(
        person,
        lambda rows: {row.id: people.sent(f"to-{row.id}") if f"to-{row.id}" in request.form else to for row in rows},
    )
    moved = [_change(one) for one in customers if str(one.row.id) in picked[0]]
    given = [_give(one, reason) for one in tasks if f"{one.row.case}-{one.row.no}" in picked[1]]
    gone = len(picked[0]) + len(picked[1]) - len(moved) - len(given)
    return render_template("supervisor/portfolio_done.html", load=load, to=to, customers=moved, tasks=given, gone=gone)


def _change(one: Customer) -> Customer:
    """What became of it: as it was, or with what stood against it."""
    change, to = one.change, one.to
    if change is None or one.against:
        return one
    if not to:
        return replace(one, against=gettext("load.no_receiver"))
    rules = titles.definition(change.case)
    g.definition = rules
    # The other half is named as nobody: else whoever an earlier change named would come in again.
    form = (forms.answers(rules) if rules else {}) | {change.a: to if one.a else None, change.b: to if one.b else None}
    try:
        workflow().perform(
            change.case.id, change.action.trigger, form=form, actor=reader(), key=_key(f"customer:{one.row.id}")
        )
    except Refused as refusal:
        return replace(one, refusal=refusal, against=gettext("load.against"))
    return one


def _give(one: Task, reason: str) -> Task:
    row, to = one.row, one.to
    try:
        workflow().reassign(
            row.case, row.no, to=to, reason=reason, actor=reader(), key=_key(f"task:{row.case}-{row.no}")
        )
    except Refused as refusal:
        return replace(one, refusal=refusal)
    return one


def _portfolio(
    person: int, gets: Callable[[Sequence[CustomerRow]], Mapping[int, int]]
) -> tuple[list[Customer], list[Task]]:
    found = workflow().customers(reader(), filters=Filters(person=person), limit=MOST).rows
    changes = {row.id: _change_of(row) for row in found}
    movable = [row for row in found if (way := changes[row.id]) is not None and way.action.against is None]
    to = {row.id: _to() for row in found} | dict(gets(movable))
    has = receivers.led()
    customers = [
        replace(
            _customer(row, changes[row.id], person, to.get(row.id, 0)),
            to=to.get(row.id, 0),
            has=has.get(to.get(row.id, 0)),
            leads=receivers.led_by(row, person),
        )
        for row in found
    ]
    first = next((one.change for one in customers if one.change is not None and one.ready), None)
    customers = [
        one
        if first is None or one.change is None or one.change.form == first.form
        else replace(one, refusal=None, against=gettext("board.other_form"))
        for one in customers
    ]
    going = {one.change.case.id for one in customers if one.change is not None and one.ready}
    # What is about no customer of the portfolio goes to whoever gets the most of it.
    most = max(
        Counter(one for one in to.values() if one).items(), key=lambda one: (one[1], -one[0]), default=(_to(), 0)
    )[0]
    tasks = [
        Task(row, row.case in going, (row.customer and to.get(row.customer.id)) or most)
        for row in workflow().held_by(person, reader(), limit=MOST).rows
    ]
    return customers, tasks


def _change_of(row: CustomerRow) -> Change | None:
    open_cases = workflow().cases(reader(), filters=Filters(customer=row.id, closed=False), limit=MOST).rows
    return next((change for case in open_cases if (change := _way(case)) is not None), None)


def _customer(row: CustomerRow, change: Change | None, person: int, to: int) -> Customer:
    a, b = (one is not None and one.id == person for one in (row.a, row.b))
    other = row.b if a else row.a
    if change is None:
        return Customer(row, a, b, None, None, gettext("load.no_way"))
    if other is not None and other.id == to:
        return Customer(row, a, b, change, None, gettext("load.other_half"))
    if change.action.against is not None:
        return Customer(row, a, b, change, change.action.against, gettext("load.against"))
    return Customer(row, a, b, change)


def _way(case: CaseRow) -> Change | None:
    """How the people of a case's customer can be changed from where it is, by the reader."""
    rules = titles.definition(case)
    if rules is None:
        return None
    for way in rules.transitions:
        fields = _fields(rules, way) if case.state in way.sources and way.by else None
        if fields is not None:
            offered = [one for one in workflow().actions(case.id, reader()) if one.trigger == way.trigger]
            return Change(case, offered[0], *fields) if offered else None
    return None


def _fields(rules: Definition, way: Transition) -> tuple[str, str] | None:
    """The fields for the new A and the new B, where a transition opens a case with them; None where it opens none."""
    for effect in way.effects:
        if not isinstance(effect, Open) or not {"a", "b"} <= effect.data.keys():
            continue
        people = [one.name for one in way.form if rules.fields[one.name].type == "person"]
        a, b = (next((n for n in people if f"data.{n}" in effect.data[half].names), "") for half in ("a", "b"))
        if a and b:
            return a, b
    return None


def _picked(name: str) -> set[str]:
    return set(request.form.getlist(name)[: 2 * MOST])


def _to() -> int:
    return people.sent("to")


def _key(what: str) -> str | None:
    once = key()
    return f"{once}:{what}" if once else None
