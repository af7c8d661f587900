"""How a due time beside the clocks came about: a task's, a state's own, the next date of work that comes back."""

from flask import Blueprint, render_template

from web import language, titles
from web.context import reader, workflow
from workflow import messages

bp = Blueprint("dues", __name__, url_prefix="/cases/<int:case>/due")


@bp.get("/<int:no>/")
def show(case: int, no: int) -> str:
    found = workflow().explain_due(case, no, reader())
    return render_template(
        "cases/due.html",
        found=found,
        title=titles.due(found),
        lines=messages.derivation(found.lines, language.current(), zone=language.zone()),
    )
