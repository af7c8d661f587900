"""What was typed into a task's form and not sent yet: kept, shown again, and dropped."""

from __future__ import annotations

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response
from werkzeug.datastructures import MultiDict

from web import ahead, beside, forms
from web.context import actor, reader, seen, workflow
from web.language import current, now, short
from web.rules import rules_of
from web.sentences import known
from workflow import messages
from workflow.core.definition.lifecycle import Definition
from workflow.service.organisation import BOOK
from workflow.service.views.actions import Checked
from workflow.service.workplace_views import Draft

bp = Blueprint("drafts", __name__, url_prefix="/cases/<int:case>/tasks/<int:no>/drafts/<name>")


@bp.post("/")
def keep(case: int, no: int, name: str) -> Response:
    """Keep what stands in a form. A script that asks is told in a sentence, a person is shown the task again."""
    if name not in names(rules_of(case, no)):
        abort(404)
    return kept(case, place(no, name), back=task_page(case, no))


@bp.post("/drop")
def drop(case: int, no: int, name: str) -> Response:
    workflow().drop_draft(case, place(no, name), actor=reader())
    flash(gettext("draft.dropped"), "good")
    return redirect(task_page(case, no))


@bp.post("/check")
def check(case: int, no: int, name: str) -> Response:
    """A form as it stands, for a script: what the rules say of each field and of the whole, and what would follow.
    Nothing is written."""
    rules = rules_of(case, no)
    if name not in names(rules):
        abort(404)
    kind, _, trigger = name.partition("-")
    found = workflow().checked(
        case, no, trigger if kind == "trigger" else None, form=forms.answers(rules), actor=actor()
    )
    view = workflow().case(case, reader())
    return jsonify(
        faults={field: forms.told(said) for field, said in found.faults.items()},
        next=render_template(
            "tasks/next.html",
            ways=ahead.told(view.row, found.ways),
            against=against(rules, found),
        ),
    )


def kept(case: int, where: str, *, back: str) -> Response:
    """Keep the form that was sent as the draft of a place, and say so as it was asked. Of an empty one nothing is."""
    typed = {key: request.form.getlist(key) for key in request.form if key.startswith(forms.PREFIX)}
    keeps = workflow().keep_draft(case, where, seq=seen() or 0, form=typed, actor=reader())
    said = gettext("draft.kept", time=short(now())) if keeps else gettext("draft.empty")
    if request.accept_mimetypes.best == "application/json":
        return jsonify(said=said)
    flash(said, "good" if keeps else "warn")
    return redirect(back)


def against(rules: Definition, found: Checked) -> str:
    """What the form would be refused for besides its fields; empty for nothing."""
    return messages.sentence(found.against, current(), names=known(rules)) if found.against else ""


def place(no: int, name: str) -> str:
    """Where among a person's drafts of a case the one of a form is."""
    return f"{no}-{name}"


def drop_sent(case: int, where: str) -> None:
    """A form was sent, or nobody wants it any more."""
    workflow().drop_draft(case, where, actor=reader())


def begun(case: int, where: str) -> Draft | None:
    """What was typed before, unless the form is just being sent."""
    return None if request.method == "POST" else workflow().drafts(case, reader()).get(where)


def doing(trigger: str) -> str:
    return f"do-{trigger}"


def opening(definition: str) -> str:
    """The draft of an opening form; of one that is filled in out of another case, of that one alone."""
    of = request.values.get("of", type=int)
    return f"open-{definition}" if of is None else f"open-{definition}-{of}"


def about() -> int:
    """With whose record the draft of an opening form is kept."""
    return request.values.get("customer", type=int) or BOOK


def names(rules: Definition) -> set[str]:
    """What the forms of a lifecycle's tasks are called: each trigger's, and each task's own."""
    tasks = {f"done-{rule.name}" for state in rules.states.values() for rule in state.tasks}
    return tasks | {f"trigger-{way.trigger}" for way in rules.transitions}


def typed(draft: Draft | None) -> MultiDict[str, str] | None:
    """A draft as the browser sent it; None without one."""
    if draft is None:
        return None
    return MultiDict([(name, value) for name, values in draft.form.items() for value in values])


def task_page(case: int, no: int) -> str:
    return url_for("tasks.show", case=case, no=no, **beside.kept(), _anchor="todo")
