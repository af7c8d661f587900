"""The story of a case by days, and what of it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from flask import request

from web import language, sentences
from web.values import Shown
from workflow.service.views.cases import CaseRow
from workflow.service.views.steps import StepRow

KINDS = ("all", "comments", "clocks")
CLOCKS = frozenset({"timer", "rung", "pause", "resume", "amend", "acknowledge", "remind", "recurring"})
SPOKEN = frozenset({"comment", "remind", "attach"})
FIRST = 20
"""Steps shown before the whole story is asked for."""

LONG = 200
"""Letters of a text that is not read twice on one page."""


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    steps: tuple[sentences.Told, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """`kind`: what of it was asked for; `counts`: how many steps each kind has; `more`: how many are left out."""

    kind: str
    days: tuple[Day, ...]
    counts: dict[str, int]
    more: int


def story(row: CaseRow, steps: Sequence[StepRow], *, above: Sequence[Shown] = ()) -> Story:
    """The newest steps first, as the address asks for them; only what is shown is told.

    `above`: what the page has shown already; a long text among it is not written out a second time.
    """
    asked = request.args.get("story", "all")
    kind = asked if asked in KINDS else "all"
    sorted_out = {one: [step for step in reversed(steps) if belongs(step, one)] for one in KINDS}
    wanted = sorted_out[kind]
    shown = wanted if request.args.get("whole") else wanted[:FIRST]
    return Story(
        kind=kind,
        days=tuple(
            Day(day, tuple(briefly(sentences.told(row, step), above) for step in together))
            for day, together in groupby(shown, day_of)
        ),
        counts={one: len(found) for one, found in sorted_out.items()},
        more=len(wanted) - len(shown),
    )


def briefly(told: sentences.Told, above: Sequence[Shown]) -> sentences.Told:
    """A step with only the name of each long text that stands above as this step left it."""
    standing = {one for one in above if len(one.text) > LONG}
    said = [replace(one, kind="above", text="") if one in standing else one for one in told.values]
    return replace(told, values=said)


def day_of(step: StepRow) -> date:
    return step.effective.astimezone(language.zone()).date()


def belongs(step: StepRow, kind: str) -> bool:
    if kind == "comments":
        return step.kind in SPOKEN
    if kind == "clocks":
        return step.kind in CLOCKS or any(op == "escalation+" for op, _ in step.ops)
    return True
