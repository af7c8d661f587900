"""A case in a picture: its phases in a row, its states in a diagram, its clocks as bars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup

from web.language import now, title
from workflow.core.definition import Definition
from workflow.service.views import CaseView, ClockRow, StepRow


@dataclass(frozen=True, slots=True)
class Phase:
    """`standing`: past, current or ahead."""

    title: str
    standing: str


def phases(rules: Definition | None, view: CaseView, steps: Sequence[StepRow]) -> list[Phase]:
    """The phases in the definition's order. Past are those the case has been in."""
    if rules is None:
        return []
    been = {rules.states[one.to_state].phase for one in steps if one.to_state in rules.states}
    return [
        Phase(title(text), "current" if name == view.row.phase else "past" if name in been else "ahead")
        for name, text in rules.phases.items()
    ]


def diagram(rules: Definition, view: CaseView, steps: Sequence[StepRow], language: str) -> Markup:
    """The lifecycle with where the case is and has been."""
    return way(rules, current=view.row.state, visited=[one.to_state for one in steps], language=language)


def way(rules: Definition, *, current: str, visited: Iterable[str], language: str) -> Markup:
    """The lifecycle with the way taken so far. Drawn from the definition, so it is ours to trust."""
    from workflow.definitions.diagram import draw

    return Markup(draw(rules, language, current=current, visited=frozenset(visited)))  # noqa: S704 - drawn by us


def share(clock: ClockRow) -> int:
    """How much of a clock's time is used up, in percent, 0 to 100."""
    until = clock.ended or now()
    whole = (clock.due - clock.started) / timedelta(seconds=1)
    used = (until - clock.started) / timedelta(seconds=1)
    return 100 if whole <= 0 else max(0, min(100, round(100 * used / whole)))
