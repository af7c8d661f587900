"""A person's customers handed over by one plan: who gets which, and how far each is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response
from werkzeug.exceptions import NotFound

from web import cases, forms, language, load, people, receivers, titles
from web.context import again, directory, key, reader, workflow
from web.filters import midnight
from web.language import now
from workflow.core.definition.effects import Open
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import Transition
from workflow.core.errors import CaseNotFound
from workflow.service.load import MOST_LED
from workflow.service.progress import Part
from workflow.service.views.actions import Action, ActionField
from workflow.service.views.cases import CaseView
from workflow.service.views.customers import CustomerRow
from workflow.service.views.lists import Filters

bp = Blueprint("plans", __name__, url_prefix="/supervision/plans")

PERSON, WHY, CUSTOMERS, NUMBER, RECEIVER, LAST_DAY, STAND_IN = (
    "person", "why", "customers", "customer", "receiver", "last_day", "stand_in",
)  # fmt: skip
"""The fields by which a lifecycle says who hands over, what goes to whom, until when, and who stands in."""
AGAIN = "again"
LONGEST = timedelta(days=90)
"""How long whoever is named stands in after the last day, unless it is done before (ours)."""


@dataclass(frozen=True, slots=True)
class Line:
    """A customer of the plan: who gets it, how many that person leads or will, and its handover, None before it begins.

    `leads`: whether whoever gets it will lead it. `busy`: another handover of it is under way. Of several handovers of
    one customer the last is told.
    """

    number: str
    customer: CustomerRow | None
    receiver: int
    has: int | None
    part: Part | None
    leads: bool
    busy: bool = False


@bp.get("/")
def index() -> str:
    """The plans of the reader's units: those under way, and those that are over."""
    rules = plan_rules()
    going = workflow().cases(reader(), filters=Filters(definition=rules.name, closed=False), limit=load.MOST).rows
    over = workflow().cases(reader(), filters=Filters(definition=rules.name, closed=True)).rows
    return render_template("plans/index.html", lists=(("going", going), ("over", over)))


@bp.get("/new/<int:person>")
def new(person: int) -> str:
    """Who gets what, proposed: of the customer's unit, with room, and there."""
    rules, found = plan_rules(), workflow().load(person, reader())
    rows = workflow().customers(reader(), filters=Filters(person=person), limit=load.MOST).rows
    busy = under_way(rules)
    free = [row for row in rows if row.id not in busy]
    to = receivers.proposed(free, person, people.sent("to")) if free else {}
    has = receivers.led()
    gets = {row.id: sent(row, to.get(row.id, 0)) for row in rows}
    lines = [
        Line(
            row.number, row, gets[row.id], has.get(gets[row.id]), None,
            leads=receivers.led_by(row, person), busy=row.id in busy,
        )
        for row in rows
    ]  # fmt: skip
    asked = [one for one in forms.start_form(rules) if one.field.name not in (PERSON, CUSTOMERS)]
    return render_template(
        "plans/new.html",
        load=found,
        lines=lines,
        inputs=forms.inputs(asked, active=request.method == "POST"),
        faults=forms.faults(CUSTOMERS),
        receivers=receivers.offered_to(person),
        spelled=people.spelled,
        most_led=MOST_LED,
    )


@bp.post("/new/<int:person>")
@again(new)
def open_plan(person: int) -> Response:
    rules = plan_rules()
    found = workflow().load(person, reader())
    rows = workflow().customers(reader(), filters=Filters(person=person), limit=load.MOST).rows
    picked = set(request.form.getlist("customer")[: load.MOST])
    named = [{NUMBER: row.number, RECEIVER: sent(row, 0) or None} for row in rows if str(row.id) in picked]
    typed = {one.name: forms.answer(rules.fields[one.name], request.form) for one in rules.start_form}
    data = {**typed, PERSON: person, CUSTOMERS: named}
    unit = found.unit.id if found.unit else None
    made = workflow().open(rules.name, customer=None, unit=unit, data=data, actor=reader(), key=key())
    return redirect(url_for(".show", case=made.id))


@bp.get("/<int:case>")
def show(case: int) -> str:
    view = plan(case)
    parts = workflow().parts(case, reader())
    lines = told(view, parts)
    leaver = view.case.data[PERSON]
    rules = titles.definition(view.row)
    actions = workflow().actions(case, reader())
    beginning = begins(rules, actions) if rules else []
    return render_template(
        "plans/show.html",
        view=view,
        data={STAND_IN: None, "remark": None, **view.case.data},
        leaver=leaver,
        lines=lines,
        figures=figures(parts, lines),
        begin=beginning,
        actions=[one for one in actions if one not in beginning],
        clock=next((one for one in view.clocks if one.ended is None), None),
        cover=cover(leaver),
        faults=forms.faults(CUSTOMERS),
        receivers=receivers.offered_to(leaver),
        spelled=people.spelled,
        most_led=MOST_LED,
        last_day=language.day(language.day_of(view.case.data[LAST_DAY])),
        until=latest(view.case.data.get(LAST_DAY)),
        why=titles.title(rules.fields[WHY].of[view.case.data[WHY]]) if rules else "",
        address=cases.address,
        inputs=lambda one: forms.inputs(beyond(one), active=request.form.get("way") == one.trigger),
    )


@bp.post("/<int:case>/begin")
@again(show)
def begin(case: int) -> Response:
    """Every customer begins its handover, or none does; whoever is named stands in from the day after the last."""
    view = plan(case)
    rules = titles.definition(view.row)
    offered = begins(rules, workflow().actions(case, reader())) if rules else []
    chosen = next((one for one in offered if one.trigger == request.form.get("way")), None)
    if rules is None or chosen is None:
        raise CaseNotFound(case=case)
    rows = [
        {NUMBER: row[NUMBER], RECEIVER: people.sent(f"to-{row[NUMBER]}") or None} for row in view.case.data[CUSTOMERS]
    ]
    form = {one.field.name: forms.answer(one.field, request.form) for one in beyond(chosen)}
    workflow().perform(case, chosen.trigger, form={**form, CUSTOMERS: rows}, actor=reader(), key=key())
    flash(gettext("plans.begun", count=len(rows)), "good")
    named, after = view.case.data.get(STAND_IN), midnight(view.case.data[LAST_DAY], after=1)
    if named and after is not None and not cover(view.case.data[PERSON]):
        workflow().substitute(
            view.case.data[PERSON],
            named,
            since=after,
            until=after + LONGEST,
            reason=view.row.number,
            actor=reader(),
            key=f"{key()}:stand-in" if key() else None,
        )
    return redirect(url_for(".show", case=case))


@bp.post("/<int:case>/stand-in")
@again(show)
def stand_in(case: int) -> Response:
    """From the day after the last somebody acts for whoever is gone: who is named, else the linked group."""
    view = plan(case)
    since = midnight(view.case.data[LAST_DAY], after=1) or now()
    until = midnight(request.form.get("until", ""), after=1) or since + LONGEST
    named = 0 if request.form.get("unnamed") else people.sent(STAND_IN)
    common: dict[str, Any] = {
        "since": since, "until": until, "reason": view.row.number, "actor": reader(), "key": key(),
    }  # fmt: skip
    if named or not request.form.get("unnamed"):
        workflow().substitute(view.case.data[PERSON], named, **common)
    else:
        workflow().report_absence(view.case.data[PERSON], **common)
    flash(gettext("plans.covered"), "good")
    return redirect(url_for(".show", case=case))


def plan(case: int) -> CaseView:
    """The plan of that id. Raises `CaseNotFound` for any other case."""
    view = workflow().case(case, reader())
    if view.row.definition != plan_rules().name:
        raise CaseNotFound(case=case)
    return view


def plan_rules() -> Definition:
    """The lifecycle of plans: it opens cases about the customers that its rows number. Raises `NotFound`."""
    for one in workflow().library.latest.values():
        if {PERSON, CUSTOMERS, LAST_DAY, STAND_IN} <= one.fields.keys() and any(map(opens, one.transitions)):
            return one
    raise NotFound


def opens(way: Transition) -> bool:
    return any(isinstance(effect, Open) and effect.about is not None for effect in way.effects)


def begins(rules: Definition, actions: Sequence[Action]) -> list[Action]:
    """The actions that begin the handovers of the plan's rows."""
    ways = {way.trigger for way in rules.transitions if opens(way) and CUSTOMERS in {one.name for one in way.form}}
    return [one for one in actions if one.trigger in ways]


def beyond(action: Action) -> list[ActionField]:
    """What an action asks for beside the rows."""
    return [one for one in action.fields if one.field.name != CUSTOMERS]


def under_way(rules: Definition) -> set[int]:
    """Customers whose handover is under way already."""
    links = {rules.links[effect.link].definition for way in rules.transitions for effect in way.effects
             if isinstance(effect, Open) and effect.about is not None}  # fmt: skip
    found: set[int] = set()
    for name in links:
        page = workflow().cases(reader(), filters=Filters(definition=name, closed=False), limit=load.MOST)
        found |= {row.customer.id for row in page.rows if row.customer is not None}
    return found


def told(view: CaseView, parts: Sequence[Part]) -> list[Line]:
    """The customers of the plan in its order, each with its last handover."""
    has = receivers.led()
    last = {one.row.customer.number: one for one in parts if one.row.customer is not None}
    rows = [*view.case.data.get(CUSTOMERS, ()), *(view.case.data.get(AGAIN) or ())]
    receiver = {row[NUMBER]: int(row.get(RECEIVER) or 0) for row in rows}
    receiver |= {one: people.sent(f"to-{one}") for one in receiver if f"to-{one}" in request.form}
    known = {row.number: row for row in kept(view.case.data[PERSON])} if not parts else {}

    def line(number: str) -> Line:
        row, to = known.get(number), receiver[number]
        leads = row is not None and receivers.led_by(row, view.case.data[PERSON])
        return Line(number, row, to, has.get(to), last.get(number), leads=leads)

    return [line(row[NUMBER]) for row in view.case.data.get(CUSTOMERS, ())]


def kept(person: int) -> Sequence[CustomerRow]:
    return workflow().customers(reader(), filters=Filters(person=person), limit=load.MOST).rows


def figures(parts: Sequence[Part], lines: Sequence[Line]) -> list[tuple[str, int]]:
    """How many customers are past each state of their handover, then how many changed hands, are late, are blocked."""
    now_ = [line.part for line in lines if line.part is not None]
    rules = titles.definition(parts[0].row) if parts else None
    if rules is None:
        return []
    past = Counter(name for one in now_ for name in one.past)
    open_states = [state for state in rules.states.values() if not state.final][:-1]
    return [
        *((gettext("plans.past", state=titles.title(state.title)), past[state.name]) for state in open_states),
        (gettext("plans.done"), sum(one.done for one in now_)),
        (gettext("plans.late"), sum(one.late for one in now_)),
        (gettext("plans.blocked"), sum(bool(one.against) for one in now_)),
    ]


def cover(person: int) -> list[str]:
    """Who stands in for the person now or later, as a person's name or the group's."""
    found = [people.spelled(one.substitute) for one in directory().substitutions if _ahead(one, person)]
    if any(_ahead(one, person) for one in directory().absences):
        group = directory().group_of(person, now())
        found.append(titles.title(group.name) if group else gettext("plans.unit"))
    return found


def _ahead(one: Any, person: int) -> bool:
    return bool(one.absent == person and one.until > now())


def latest(last_day: str | None) -> str:
    """Until when somebody would stand in, as a day."""
    return (date.fromisoformat(last_day) + LONGEST).isoformat() if last_day else ""


def sent(row: CustomerRow, otherwise: int) -> int:
    """Who was typed as the receiver of a customer."""
    return people.sent(f"to-{row.id}") if f"to-{row.id}" in request.form else otherwise
