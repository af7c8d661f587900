"""For the auditor: who tried what and was refused, searched by person, reason, lifecycle, action, case and period."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext

from web.context import directory, reader, workflow
from web.filters import after, midnight, number, text
from web.language import current, name, title
from workflow import messages
from workflow.audit.refused import ENDS, KINDS, OTHER, Question, RefusalDesk
from workflow.service.views.refusals import RefusalRow

bp = Blueprint("refused", __name__, url_prefix="/audit/refusals")

BESIDE = (
    "claim", "release", "delegate", "reassign", "comment", "attach", "acknowledge", "pause", "resume",
    "register_customer", "change_customer",
)  # fmt: skip
"""What people do beside pulling triggers."""

SIGN_IN = "sign_in:"


@bp.get("")
def index() -> str:
    question = Question(
        person=number("person"),
        kind=text("kind"),
        definition=text("definition"),
        action=text("action"),
        number=text("case"),
        unit=number("unit"),
        since=midnight(request.args.get("since", "")),
        until=midnight(request.args.get("until", ""), after=1),
        text=text("q"),
    )
    found = RefusalDesk(workflow()).search(reader(), question, after=after())
    return render_template(
        "audit/refusals.html",
        page=found,
        people=[(str(one.id), name(one)) for one in sorted(directory().persons.values(), key=lambda one: one.login)],
        kinds=[(one, gettext(f"refused.kind_{one}")) for one in (*KINDS, OTHER)],
        lifecycles=[(one.name, title(one.title)) for one in workflow().library.latest.values()],
        actions=actions(question.definition),
        entered=entered,
    )


def actions(definition: str | None) -> list[tuple[str, str]]:
    """What may have been tried: of the chosen lifecycle its triggers, of any what would have ended the case."""
    rules = workflow().library.latest.get(definition or "")
    triggers = {way.trigger: title(way.title) for way in rules.transitions if way.by} if rules is not None else {}
    beside = [(one, messages.attempt(one, current())) for one in BESIDE]
    return [(ENDS, gettext("refused.ends")), *triggers.items(), *beside]


def entered(row: RefusalRow) -> str:
    """The login somebody tried to sign in with; empty for what is no sign-in."""
    return row.attempt.removeprefix(SIGN_IN) if row.attempt.startswith(SIGN_IN) else ""
