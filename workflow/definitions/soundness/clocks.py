"""Each clock can be met, and its ladder rises."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from workflow.core.definition.clocks import ClockRule, Rung
from workflow.core.definition.targets import Target
from workflow.definitions.faults import Path
from workflow.definitions.soundness.graph import Graph
from workflow.definitions.source import Source

SECONDS: Mapping[str, int] = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800, "wm": 60, "wh": 3600}
"""Lengths that can be compared whatever the calendar; a month and a working day cannot."""


def check(source: Source, graph: Graph) -> None:
    for clock in graph.definition.clocks.values():
        _check_states(source, graph, clock)
        _check_ladder(source, clock)


def _check_states(source: Source, graph: Graph, clock: ClockRule) -> None:
    path: Path = ("clocks", clock.name)
    runs, pauses, met = set(clock.runs_in), set(clock.pauses_in), set(clock.met_on)
    for key, both in (("pauses_in", runs & pauses), ("met_on", (runs | pauses) & met)):
        for state in sorted(both):
            message = f"the clock runs in '{state}' and is {'met' if key == 'met_on' else 'paused'} there at once"
            source.fault((*path, key), message, "clock")
    for state in clock.runs_in:
        if graph.definition.states[state].final:
            source.fault((*path, "runs_in"), f"'{state}' is final, the clock would never stop", "clock")
    if not met:
        source.fault((*path, "met_on"), "name a state in which the clock is met", "clock")
    elif not met & (runs | pauses) and not met & graph.within(runs, runs | pauses):
        message = f"can never be met: '{clock.met_on[0]}' does not follow on {', '.join(clock.runs_in)}"
        source.fault((*path, "met_on"), message, "clock")


def _check_ladder(source: Source, clock: ClockRule) -> None:
    level = 0
    for number, rung in enumerate(clock.ladder):
        path: Path = ("clocks", clock.name, "ladder", number)
        if number and _is_before(rung, clock.ladder[number - 1], clock):
            source.fault((*path, "at"), f"the ladder falls: rung {number + 1} comes before rung {number}", "ladder")
        at = _seconds(rung, clock)
        if at is not None and at <= 0:
            message = f"-{rung.offset} is before the clock starts, its target is {clock.target}"
            source.fault((*path, "at"), message, "ladder")
        if rung.escalate is not None and rung.level < level:
            source.fault((*path, "level"), f"level {rung.level} comes after level {level}", "ladder")
        level = max(level, rung.level)


def _is_before(rung: Rung, earlier: Rung, clock: ClockRule) -> bool:
    here, there = _seconds(rung, clock), _seconds(earlier, clock)
    if here is not None and there is not None:
        return here < there
    if rung.percent is not None and earlier.percent is not None:
        return rung.percent < earlier.percent
    if rung.offset is not None and earlier.offset is not None and rung.offset.unit == earlier.offset.unit:
        return _signed(rung) < _signed(earlier)
    return _side(rung) < _side(earlier)


def _seconds(rung: Rung, clock: ClockRule) -> Decimal | None:
    """Counted seconds from the start, None where only a calendar could tell."""
    target = clock.target
    if not isinstance(target, Target) or target.unit not in SECONDS or target.end_of_day:
        return None
    whole = Decimal(target.amount * SECONDS[target.unit])
    if rung.percent is not None:
        return whole * rung.percent / 100
    if rung.offset is None or rung.offset.unit not in SECONDS or rung.offset.end_of_day:
        return None
    if rung.offset.unit[0] == "w" != target.unit[0] and clock.calendar != "working":
        return None
    return whole + _signed(rung) * SECONDS[rung.offset.unit]


def _signed(rung: Rung) -> int:
    amount = rung.offset.amount if rung.offset is not None else 0
    return -amount if rung.before else amount


def _side(rung: Rung) -> int:
    """-1 before due, 0 at it, 1 after."""
    if rung.percent is not None:
        return (rung.percent > 100) - (rung.percent < 100)
    return -1 if rung.before else 1
