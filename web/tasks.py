"""One task: what is known, what can be done, and what each of that leads to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup
from werkzeug import Response

from web import ahead, beside, drafts, filled, forms, people, sentences, titles, values
from web.context import actor, again, key, person, reader, seen, workflow
from web.rules import rules_of
from web.uploads import with_files
from workflow.core.case import Case
from workflow.core.errors import CaseMovedOn, CaseNotFound, NotInThisState, Refused, TaskClosed
from workflow.service.views.actions import Action, TaskView
from workflow.service.views.cases import CaseView
from workflow.service.workplace_views import Draft

bp = Blueprint("tasks", __name__, url_prefix="/cases/<int:case>/tasks/<int:no>")

OVERTAKEN = (CaseMovedOn, TaskClosed, NotInThisState)
"""Refusals of what was right when the person began."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An action with its form. `draft`: what was typed before, None for a form as it is or was just sent."""

    action: Action
    inputs: list[forms.Input]
    draft: Draft | None
    open: bool

    @property
    def name(self) -> str:
        """What the form is called among the drafts."""
        return f"{self.action.kind}-{self.action.trigger}"


@bp.get("/")
def show(case: int, no: int, **_: Any) -> str:
    view = workflow().task(case, no, reader())
    offers, rules = offered(view), titles.definition(view.row)
    asked = {one.field.name for action in view.actions for one in action.fields}
    return render_template(
        "tasks/show.html",
        view=view,
        offers=offers,
        is_sent=is_sent,
        ahead=ahead.told,
        known=values.shown(rules, view.case.data, but=values.proposed(rules, view.case.data) & asked),
        since=since(view.case, looked_at(offers)),
        beside=beside.shown(case, no),
    )


def offered(view: TaskView) -> list[Offer]:
    """The task's actions with their forms: as just sent, else as begun before, else as the case fills them."""
    begun, record = workflow().drafts(view.row.case, reader()), filled.record(view.case.row)
    found = []
    for action in view.actions:
        draft = None if is_sent(action) else begun.get(drafts.place(view.row.no, f"{action.kind}-{action.trigger}"))
        asked = filled.found(action.fields, record) if draft is None and not is_sent(action) else action.fields
        inputs = forms.inputs(asked, active=is_sent(action), scope=action.trigger, draft=drafts.typed(draft))
        found.append(Offer(action, inputs, draft, is_sent(action) or draft is not None or len(view.actions) == 1))
    return found


def is_sent(action: Action) -> bool:
    """Whether this action's form is the one just sent."""
    if action.kind == "done":
        return request.endpoint == "tasks.finish"
    return request.endpoint == "tasks.complete" and (request.view_args or {}).get("trigger") == action.trigger


def looked_at(offers: Sequence[Offer]) -> int | None:
    """The step up to which the person has seen the case, when a form comes back or is taken up again; else None."""
    if isinstance(g.get("refusal"), OVERTAKEN):
        return seen()
    return min((offer.draft.seq for offer in offers if offer.draft is not None), default=None)


def since(view: CaseView, looked: int | None) -> list[sentences.Told]:
    """What others did to a case after the step the person looked at."""
    if looked is None or not 0 <= looked < view.case.seq:
        return []
    steps = workflow().history(view.row.id, reader(), since=looked)
    return sentences.tell(view.row, [one for one in steps if one.actor is None or one.actor.id != person().id])


def overtaken(case: int, no: int, **_: Any) -> str:
    """The task again, with what was typed; where somebody was quicker and it is gone, what they did beside it."""
    try:
        return show(case=case, no=no)
    except Refused:
        if not isinstance(g.refusal, OVERTAKEN):
            raise
    try:
        view = workflow().case(case, reader())
    except CaseNotFound:
        view = None
    return render_template(
        "tasks/overtaken.html",
        view=view,
        since=[] if view is None else since(view, seen()),
        typed=forms.spoken(None if view is None else titles.definition(view.row)),
        back=beside.back(),
    )


@bp.post("/complete/<trigger>")
@again(overtaken)
def complete(case: int, no: int, trigger: str) -> Any:
    if forms.wants_more():
        return show(case=case, no=no)
    after = workflow().perform(
        case, trigger, task=no, form=with_files(case, rules_of(case, no)), actor=actor(), key=key(), seen=seen()
    )
    return sent(after, no)


@bp.post("/done")
@again(overtaken)
def finish(case: int, no: int) -> Any:
    if forms.wants_more():
        return show(case=case, no=no)
    after = workflow().done(case, no, form=with_files(case, rules_of(case, no)), actor=actor(), key=key())
    return sent(after, no)


def sent(after: Case, no: int) -> Response:
    """What was typed is done: say so with a way to the case, and go on to the next task of the list."""
    workflow().drop_draft(after.id, drafts.place(no, request.form.get("draft", "")), actor=reader())
    case = url_for("cases.show", case=after.id)
    link = Markup('<a href="{}">{}</a>').format(case, after.number)
    flash(Markup(gettext("task.completed_of")).format(case=link, state=titles.state(after)), "good")  # noqa: S704 - ours
    return redirect(beside.onward(case))


@bp.post("/release")
@again(show)
def release(case: int, no: int) -> Response:
    workflow().release(case, no, actor=actor(), key=key())
    flash(gettext("task.released"), "good")
    return redirect(beside.back())


@bp.post("/delegate")
@again(show)
def delegate(case: int, no: int) -> Response:
    workflow().delegate(case, no, to=people.sent("to"), note=request.form.get("note", ""), actor=actor(), key=key())
    flash(gettext("task.delegated"), "good")
    return redirect(beside.back())


@bp.post("/reassign")
@again(show)
def reassign(case: int, no: int) -> Response:
    workflow().reassign(case, no, to=people.sent("to"), reason=request.form.get("reason", ""), actor=actor(), key=key())
    flash(gettext("task.reassigned"), "good")
    return redirect(url_for("cases.show", case=case))
