"""How a due time beside the clocks came about: a task's, a state's own, the next date of work that comes back."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for

from web import language, titles
from web.context import reader, workflow
from workflow import messages

bp = Blueprint("dues", __name__, url_prefix="/cases/<int:case>/due")


@bp.get("/<int:no>/")
def show(case: int, no: int) -> Any:
    """A task without a limit of its own is due when a clock runs out: the clock's page says how that came about."""
    view = workflow().case(case, reader())
    task, clock = view.case.task(no), view.case.nearest
    if task is not None and task.due is None and clock is not None:
        return redirect(url_for("clocks.show", case=case, name=clock.name, run=clock.run))
    found = workflow().explain_due(case, no, reader())
    return render_template(
        "cases/due.html",
        found=found,
        title=titles.due(found),
        lines=messages.derivation(found.lines, language.current(), zone=language.zone()),
    )
