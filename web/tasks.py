"""One task: what is known, what can be done, and what each of that leads to."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web import forms, titles, values
from web.context import actor, again, key, reader, seen, workflow
from web.uploads import with_files
from workflow.core.definition import Definition
from workflow.core.errors import CaseNotFound
from workflow.service.views import Action

bp = Blueprint("tasks", __name__, url_prefix="/cases/<int:case>/tasks/<int:no>")


@bp.get("/")
def show(case: int, no: int, **_: Any) -> str:
    view = workflow().task(case, no, reader())
    offers = [
        (action, forms.inputs(action.fields, active=is_sent(action), scope=action.trigger)) for action in view.actions
    ]
    return render_template(
        "tasks/show.html",
        view=view,
        offers=offers,
        is_sent=is_sent,
        receivers=forms.people(),
        known=values.shown(titles.definition(view.row), view.case.data),
    )


def is_sent(action: Action) -> bool:
    """Whether this action's form is the one just sent."""
    if action.kind == "done":
        return request.endpoint == "tasks.finish"
    return request.method == "POST" and (request.view_args or {}).get("trigger") == action.trigger


@bp.post("/complete/<trigger>")
@again(show)
def complete(case: int, no: int, trigger: str) -> Any:
    if forms.wants_more():
        return show(case=case, no=no)
    after = workflow().perform(
        case, trigger, task=no, form=with_files(case, rules_of(case, no)), actor=actor(), key=key(), seen=seen()
    )
    flash(gettext("task.completed", state=titles.state(after)), "good")
    return redirect(url_for("cases.show", case=case))


@bp.post("/done")
@again(show)
def finish(case: int, no: int) -> Any:
    if forms.wants_more():
        return show(case=case, no=no)
    workflow().done(case, no, form=with_files(case, rules_of(case, no)), actor=actor(), key=key())
    flash(gettext("task.finished"), "good")
    return redirect(url_for("cases.show", case=case))


@bp.post("/release")
@again(show)
def release(case: int, no: int) -> Response:
    workflow().release(case, no, actor=actor(), key=key())
    flash(gettext("task.released"), "good")
    return redirect(url_for("inbox.mine"))


@bp.post("/delegate")
@again(show)
def delegate(case: int, no: int) -> Response:
    to = request.form.get("to", 0, type=int)
    workflow().delegate(case, no, to=to, note=request.form.get("note", ""), actor=actor(), key=key())
    flash(gettext("task.delegated"), "good")
    return redirect(url_for("inbox.mine"))


@bp.post("/reassign")
@again(show)
def reassign(case: int, no: int) -> Response:
    to = request.form.get("to", 0, type=int)
    workflow().reassign(case, no, to=to, reason=request.form.get("reason", ""), actor=actor(), key=key())
    flash(gettext("task.reassigned"), "good")
    return redirect(url_for("cases.show", case=case))


def rules_of(case: int, no: int | None = None) -> Definition:
    """The definition of a case of the reader's. Raises `CaseNotFound`.

    `no`: of the task that was sent; when somebody else of its queue has finished it, that is what is said.
    """
    try:
        found = titles.definition(workflow().case(case, reader()).row)
    except CaseNotFound:
        if no is None:
            raise
        found = titles.definition(workflow().task(case, no, reader()).case.row)
    if found is None:
        raise CaseNotFound(case=case)
    g.definition = found
    return found
