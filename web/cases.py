"""Cases: the list, opening one, and one case with everything about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response
from werkzeug.exceptions import NotFound

from web import beginning, drafts, forms, gate, picture, story, team, titles, uploads, values
from web.context import actor, again, key, reader, roles, seen, workflow
from web.filters import after, chosen, filters
from web.language import current, name
from web.rules import rules_of
from workflow.core.definition.lifecycle import Definition
from workflow.core.errors import CustomerNotFound, FileClosed, FileNotFound, NotInThisState
from workflow.core.standing import asks_for_file
from workflow.core.work import StartForm
from workflow.service.likeness import Holding
from workflow.service.views.actions import Action
from workflow.service.views.cases import CaseView
from workflow.service.views.lists import Filters
from workflow.service.views.steps import StepRow

bp = Blueprint("cases", __name__, url_prefix="/cases")

CUSTOMERS_OFFERED = 20
ORDERS = ("changed", "opened")
"""How the list may be ordered; the first unless something else is asked for."""


@bp.get("/")
def index() -> str:
    asked = chosen(ORDERS)
    page = workflow().cases(reader(), filters=filters(), order=cast(Any, asked), after=after())
    return render_template("cases/index.html", page=page, lifecycles=lifecycles(), startable=startable(), orders=ORDERS)


@bp.get("/new")
def choose() -> str:
    return render_template("cases/choose.html", lifecycles=startable(), customer=request.args.get("customer", type=int))


@bp.get("/new/<definition>")
def start(definition: str) -> str:
    """The form that opens a case; before it, where one is needed, the choice of the customer."""
    out_of = beginning.asked()
    rules = openable(definition) if out_of is None else beginning.rules(out_of, definition)
    customer = request.values.get("customer", type=int) if out_of is None else beginning.customer(out_of)
    if rules.subject == "customer" and customer is None:
        wanted = request.args.get("q", out_of.name if out_of else None)
        found = workflow().customers(reader(), filters=Filters(text=wanted), limit=CUSTOMERS_OFFERED)
        return render_template("cases/customer.html", rules=rules, page=found, out_of=out_of, wanted=wanted or "")
    held = None if customer is None else _held(customer)
    if held is not None and not held.readable and asks_for_file(rules):
        raise FileClosed(customer=customer)
    draft = drafts.begun(drafts.about(), drafts.opening(rules.name))
    fields = forms.start_form(rules, out_of.proposed if out_of else {})
    return render_template(
        "cases/start.html",
        rules=rules,
        held=held,
        inputs=forms.inputs(fields, active=request.method == "POST", draft=drafts.typed(draft)),
        draft=draft,
        out_of=out_of,
    )


@bp.post("/new/<definition>")
@again(start)
def start_case(definition: str) -> Any:
    out_of = beginning.asked()
    rules = openable(definition) if out_of is None else beginning.rules(out_of, definition)
    if forms.wants_more():
        return start(definition=definition)
    customer, data = request.form.get("customer", type=int), forms.answers(rules)
    if out_of is None:
        case = workflow().open(definition, customer=customer, data=data, actor=actor(), key=key())
    else:
        case = beginning.begin(out_of, StartForm(data, customer))
    drafts.drop_sent(drafts.about(), drafts.opening(rules.name))
    flash(gettext("case.opened", number=case.number), "good")
    return redirect(url_for(".show", case=case.id))


@bp.get("/<int:case>/")
def show(case: int, **_: Any) -> str:
    page = workflow().case_page(case, reader())
    view, steps = page.view, page.steps
    rules = titles.definition(view.row)
    known = values.shown(rules, view.data, but=values.proposed(rules, view.data) - said(steps))
    ways = {target: address(case, one) for one in reversed(page.actions) for target in one.targets}
    return render_template(
        "cases/show.html",
        view=view,
        rules=rules,
        phases=picture.phases(rules, view, steps),
        known=known,
        ahead=titles.ahead(view.row, view.case.timers),
        diagram=picture.diagram(rules, view, steps, current(), ways) if rules else "",
        story=story.story(view.row, steps, above=known),
        team=team.team(view, page.managers, steps),
        runs=picture.runs(view.case),
        actions=page.actions,
        address=address,
        followed=page.watched,
    )


def address(case: int, action: Action) -> str:
    """The page on which something that is possible now is done."""
    if action.begins is not None:
        return beginning.page(case, action)
    if action.task is None:
        return url_for("cases.action", case=case, trigger=action.trigger)
    return url_for("tasks.show", case=case, no=action.task)


@bp.get("/<int:case>/do/<trigger>")
def action(case: int, trigger: str) -> str:
    view = workflow().case(case, reader())
    offer, draft = offered(view, trigger), drafts.begun(case, drafts.doing(trigger))
    return render_template(
        "cases/action.html",
        view=view,
        held=workflow().customer_row(view.row.customer.id, reader()) if view.row.customer else None,
        offer=offer,
        inputs=forms.inputs(offer.fields, active=request.method == "POST", draft=drafts.typed(draft)),
        draft=draft,
    )


@bp.post("/<int:case>/do/<trigger>")
@again(action)
def act(case: int, trigger: str) -> Any:
    if forms.wants_more():
        return action(case=case, trigger=trigger)
    done = workflow().perform(
        case, trigger, form=uploads.with_files(case, rules_of(case)), actor=actor(), key=key(), seen=seen()
    )
    drafts.drop_sent(case, drafts.doing(trigger))
    flash(gettext("task.completed", state=titles.state(done)), "good")
    return redirect(url_for(".show", case=case))


@bp.post("/<int:case>/comments")
@again(show)
def comment(case: int) -> Response:
    workflow().comment(case, request.form.get("comment", ""), actor=actor(), key=key())
    flash(gettext("case.commented"), "good")
    return redirect(url_for(".show", case=case, _anchor="history"))


@bp.get("/<int:case>/mentionable")
def mentionable(case: int) -> Response:
    """Who may be named in a comment, for a script that suggests them."""
    found = [{"login": one.login, "name": name(one)} for one in workflow().mentionable(case, reader())]
    return jsonify(found)


@bp.post("/<int:case>/files")
@again(show)
def attach(case: int) -> Response:
    """Add files, several at once; none where one of them may not be added."""
    once, most = key(), workflow().most_file_bytes
    sent = [(upload.filename, upload.read()) for upload in request.files.getlist("file") if upload.filename]
    # What will be refused goes first, so that nothing was added when it is.
    for place, (file, content) in sorted(enumerate(sent), key=lambda one: 0 < len(one[1][1]) <= most):
        workflow().attach(case, file, content, actor=actor(), key=f"{once}:{place}" if once else None)
    if sent:
        many = gettext("files.attached_many", count=len(sent))
        flash(many if len(sent) > 1 else gettext("files.attached"), "good")
    else:
        flash(gettext("files.none_chosen"), "warn")
    return redirect(gate.own_page(request.form.get("next") or url_for(".show", case=case, _anchor="files")))


@bp.get("/<int:case>/files/<int:file>")
def download(case: int, file: int) -> Any:
    found = workflow().file(case, file, reader())
    if found.content is None:
        raise FileNotFound(file=file)
    return uploads.download(found.row.name, found.content)


def said(steps: Sequence[StepRow]) -> set[str]:
    """The fields that were filled in after the case was opened."""
    later = [step for step in steps if step.kind != "open"]
    return {name for step in later for held in (step.form, *(b for op, b in step.ops if op == "set")) for name in held}


def _held(customer: int) -> Holding:
    """The customer a case is to be about, masked where its file is not the reader's. Raises `CustomerNotFound`."""
    found = workflow().holding(customer, reader())
    if found is None:
        raise CustomerNotFound(customer=customer)
    return found


def lifecycles() -> list[Definition]:
    """The newest version of every lifecycle."""
    return sorted(workflow().library.latest.values(), key=lambda one: one.name)


def startable() -> list[Definition]:
    """The lifecycles this person may open by hand."""
    return [one for one in lifecycles() if set(one.opened_by) & roles()]


def openable(definition: str) -> Definition:
    for one in startable():
        if one.name == definition:
            g.definition = one
            return one
    raise NotFound


def offered(view: CaseView, trigger: str) -> Action:
    """The action asked for, among those possible without a task. Raises `NotInThisState`."""
    for one in workflow().actions(view.row.id, reader()):
        if one.task is None and one.trigger == trigger:
            return one
    raise NotInThisState(trigger=trigger, state=view.row.state)
