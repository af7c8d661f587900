"""For the auditor: every step of a case with its hash, the case at any moment, and what was refused."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext

from web import sentences, titles, values
from web.context import reader, workflow
from web.desk import figures
from web.filters import after, filters
from web.language import from_local, local_input, now
from web.standing import first_difference, standing
from workflow.audit.looks import Looks
from workflow.core.case import Case

LOOKS = 10
"""Of those who read a case or its customer's file, shown beside it."""

bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.get("/")
def index() -> str:
    page = workflow().cases(reader(), filters=filters(), after=after())
    return render_template(
        "audit/index.html",
        page=page,
        standing=standing(),
        first_difference=first_difference,
        figures=figures(),
        moment=local_input(now()),
    )


@bp.get("/cases/<int:case>/")
def case(case: int) -> str:
    view = workflow().case(case, reader())
    steps = workflow().history(case, reader())
    customer = [view.row.customer.id] if view.row.customer is not None else []
    looks = Looks(workflow()).all(reader(), of=[case, *customer], limit=LOOKS)
    return render_template("audit/case.html", view=view, steps=sentences.tell(view.row, steps), looks=looks)


@bp.get("/cases/<int:case>/as-of")
def as_of(case: int) -> str:
    """The case as it stood at a moment, made from its history."""
    view = workflow().case(case, reader())
    typed = request.args.get("at", "")
    at, fault = asked(typed)
    then = workflow().as_of(case, at, reader()) if fault == "" and view.row.opened <= at else None
    return render_template(
        "audit/as_of.html",
        view=view,
        at=at,
        typed=typed or local_input(at),
        fault=fault,
        then=then,
        film=_film(case, then, typed or local_input(at)) if then else "",
        values=values.shown(titles.definition(view.row), then.data) if then else (),
    )


def _film(case: int, then: Case, at: str) -> str:
    """Where the replay begins: at the step at which a clock ran out that was still late then, else at the moment."""
    late = {(one.name, one.run) for one in then.clocks if one.breached and not one.ended}
    ran_out = sentences.ran_out(workflow().history(case, reader()))
    found = [seq for seq, clocks in ran_out.items() if late & clocks and seq <= then.seq]
    return url_for("replay.show", case=case, seq=found[-1]) if found else url_for("replay.begin", case=case, at=at)


def asked(typed: str) -> tuple[datetime, str]:
    """The moment in the address, now when there is none, and what is wrong with it."""
    if not typed:
        return now(), ""
    try:
        at = datetime.fromisoformat(from_local(typed))
    except ValueError:
        return now(), gettext("audit.moment_unfit")
    return (at, "") if at.tzinfo else (at.replace(tzinfo=UTC), "")
