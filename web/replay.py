"""A case replayed: step by step, as a film, and under another version of its lifecycle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup
from werkzeug import Response

from web import picture, sentences, titles, values
from web.audit import asked
from web.context import reader, workflow
from web.language import current, local_input
from web.standing import replays
from workflow import messages
from workflow.audit.against import Beside
from workflow.audit.film import Frame
from workflow.audit.verdict import Difference
from workflow.core.definition.lifecycle import Definition
from workflow.messages.derivations import length
from workflow.service.views.cases import CaseView
from workflow.service.views.steps import StepRow

bp = Blueprint("replay", __name__, url_prefix="/audit/cases/<int:case>")

NEAR = 12
"""Steps shown on each side of the one looked at."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A value a step filled in, and what stood there before."""

    new: values.Shown
    old: values.Shown | None


@dataclass(frozen=True, slots=True)
class Row:
    """A step beside what another version makes of it."""

    seq: int | None
    at: datetime
    sentence: str
    made: Sequence[str]
    against: Sequence[str]
    still: bool
    """Nothing new: it stands otherwise for what was said above."""
    same: bool


@bp.get("/replay/")
def begin(case: int) -> Response:
    """The first step; or the last one that was written by a moment (`at`)."""
    view = workflow().case(case, reader())
    steps = workflow().history(case, reader())
    seq = 1
    if request.args.get("at"):
        at, fault = asked(request.args["at"])
        if not fault:
            seq = max((one.seq for one in steps if one.recorded <= at), default=1)
    return redirect(url_for(".show", case=view.row.id, seq=seq))


@bp.get("/replay/<int:seq>")
def show(case: int, seq: int) -> str:
    """The case just after one of its steps."""
    view = workflow().case(case, reader())
    steps = workflow().history(case, reader())
    step = next((one for one in steps if one.seq == seq), None)
    if step is None:
        abort(404)
    frame, verdict = replays().frame(case, seq, reader())
    rules = titles.definition(view.row)
    return render_template(
        "audit/replay.html",
        view=view,
        steps=sentences.tell(view.row, near(steps, seq)),
        last=steps[-1].seq,
        late=[
            (one, sorted({titles.clock(view.row, name) for name, _ in clocks}))
            for one, clocks in sentences.ran_out(steps).items()
        ],
        told=sentences.told(view.row, step),
        step=step,
        frame=frame,
        changes=changed(rules, steps, seq),
        diagram=_diagram(rules, frame),
        verdict=verdict,
        differences=_said(rules, [one for one in verdict.differences if one.seq == seq]),
        unchecked=[
            messages.verdicts.unchecked(one.seq, one.what, current()) for one in verdict.unchecked if one.seq == seq
        ],
        erased=seq in verdict.erased,
        summary=messages.verdicts.reproduced(verdict.reproduced, verdict.steps, current()),
        typed=local_input(step.recorded),
        versions=_others(view),
        clock_length=lambda seconds: length(seconds, current()),
    )


@bp.get("/against/<int:version>")
def against(case: int, version: int) -> str:
    """What another version would have made of it."""
    view = workflow().case(case, reader())
    if version not in replays().versions(view.row.definition):
        abort(404)
    _, other, found = replays().against(case, version, reader())
    return render_template(
        "audit/against.html",
        view=view,
        version=version,
        rows=[_row(view, other, one) for one in found],
        count=sum(1 for one in found if one.refused or one.news or one.step is None),
        versions=_others(view),
    )


def near(steps: Sequence[StepRow], seq: int) -> Sequence[StepRow]:
    """The steps around one."""
    return [one for one in steps if abs(one.seq - seq) <= NEAR]


def changed(rules: Definition | None, steps: Sequence[StepRow], seq: int) -> list[Changed]:
    """The data one step filled in. Personal values are shown as the history shows them to this reader."""
    before: dict[str, Any] = {}
    fresh: dict[str, Any] = {}
    for step in steps:
        told = {name: held for op, body in step.ops if op == "set" for name, held in body.items()}
        if step.seq == seq:
            fresh = told
            break
        before |= told
    return [
        Changed(one, next(iter(_shown(rules, {name: before.get(name)})), None))
        for name, held in fresh.items()
        if held != before.get(name)
        for one in _shown(rules, {name: held})
    ]


def _shown(rules: Definition | None, data: Mapping[str, Any]) -> list[values.Shown]:
    return values.shown(rules, data) if rules is not None else values.record(data)


def _diagram(rules: Definition | None, frame: Frame | None) -> Markup | None:
    if rules is None or frame is None:
        return None
    return picture.way(rules, current=frame.case.state, visited=frame.visited, language=current())


def _others(view: CaseView) -> tuple[int, ...]:
    return tuple(one for one in replays().versions(view.row.definition) if one != view.row.version)


def _said(rules: Definition | None, found: Sequence[Difference]) -> list[str]:
    return [messages.verdicts.difference(one, current(), names=sentences.known(rules)) for one in found]


def _row(view: CaseView, other: Definition, one: Beside) -> Row:
    names, ours = sentences.known(other), sentences.known(titles.definition(view.row))
    made = [messages.story(step, current(), names=names) for step in one.made]
    if one.step is None:
        first = one.made[0]
        return Row(None, first.effective, gettext("replay.only_other"), made, (), still=False, same=False)
    said = _said(other, [*((one.refused,) if one.refused else ()), *one.news])
    sentence = messages.story(one.step, current(), names=ours)
    still = not one.same and not said
    return Row(one.step.seq, one.step.effective, sentence, made, said, still=still, same=one.same)
