"""A case in a picture: its phases in a row, its states in a diagram, its clocks as bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from web.language import now, title
from workflow.core.case import Case, Clock
from workflow.core.definition.lifecycle import Definition
from workflow.service.views.cases import CaseView
from workflow.service.views.clocks import ClockRow
from workflow.service.views.steps import StepRow


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


def diagram(
    rules: Definition, view: CaseView, steps: Sequence[StepRow], language: str, ways: Mapping[str, str]
) -> Markup:
    """The lifecycle with where the case is and has been; `ways`: where a state that is possible now is asked for."""
    return way(
        rules,
        current=view.row.state,
        visited=[one.to_state for one in steps],
        walked=Counter((one.from_state, one.to_state) for one in steps if moved(one)),
        ways=ways,
        language=language,
    )


def moved(step: StepRow) -> bool:
    """Whether a step went somewhere; a trigger that leads back to its own state did not move the case."""
    return bool(step.from_state) and step.from_state != step.to_state


def way(
    rules: Definition,
    *,
    current: str,
    visited: Iterable[str],
    language: str,
    walked: Mapping[tuple[str, str], int] | None = None,
    ways: Mapping[str, str] | None = None,
) -> Markup:
    """The lifecycle with the way taken so far. Drawn from the definition, so it is ours to trust."""
    from workflow.definitions.diagram import draw

    drawn = draw(rules, language, current=current, visited=frozenset(visited), walked=walked or {}, ways=ways or {})
    return Markup(drawn)  # noqa: S704 - drawn by us


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a bar, in percent of it. `kind`: `used`, or `paused` for while the clock stood still."""

    kind: str
    x: float
    width: float


def bar(row: ClockRow, clock: Clock | None = None) -> list[Stretch]:
    """What of a clock's time is gone, and when it stood still, from its start to its due moment.

    `clock`: the same run as the case holds it, None where only the time used is wanted. While a clock stands still its
    due moment moves along.
    """
    still = clock.paused if clock and not row.ended else None
    until = row.ended or now()
    whole = (row.due - row.started) + (until - still if still else timedelta())
    if whole <= timedelta():
        return [Stretch("used", 0, 100)]

    def place(at: datetime) -> float:
        return round(max(0.0, min(100.0, 100 * ((at - row.started) / whole))), 1)

    pauses = [(one.since, one.until) for one in clock.delays if not one.days] if clock else []
    if still:
        pauses.append((still, until))
    stood = [Stretch("paused", place(a), round(place(b) - place(a), 1)) for a, b in pauses]
    return [Stretch("used", 0, place(until)), *(one for one in stood if one.width > 0)]


def runs(case: Case) -> dict[tuple[str, int], Clock]:
    """The clocks of a case by name and run."""
    return {(one.name, one.run): one for one in case.clocks}
