"""How late it was, in pictures: how many by how much, and each day from the quickest half to the longest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from web.language import axis, current
from workflow.core.lateness import Spread
from workflow.messages import lateness
from workflow.service.punctuality import LatenessRow, LatenessView

STEPS = tuple(timedelta(seconds=seconds) for seconds in (0.01, 0.1, 0.5, 1, 2, 5, 10, 60, 3_600, 86_400))
"""The steps of the distribution; what is longer is in one more."""

SHOWN = ("fired", "committed", "delivered")
LEFT, TOP, WIDTH, HEIGHT = 56, 12, 656, 180
"""Where the field of a picture lies, in its own units."""

DECADES = (0.001, 0.01, 0.1, 1, 10, 60, 600, 3_600, 86_400)
"""Seconds at which the scale of the days has a line."""


@dataclass(frozen=True, slots=True)
class Step:
    """Those later than the step before and at most as late as this one: by stage how many and how high a bar.

    `at_most` None: all that were later still.
    """

    at_most: timedelta | None
    label: str
    middle: float
    counts: dict[str, int]
    bars: tuple[tuple[str, float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Range:
    """A day: the line from p50 to p99, p95 on it, and the longest. `row` None: nothing happened."""

    day: date
    label: str
    x: float
    row: LatenessRow | None
    p50: float = 0
    p95: float = 0
    p99: float = 0
    longest: float = 0


@dataclass(frozen=True, slots=True)
class Ranges:
    days: tuple[Range, ...]
    lines: tuple[tuple[str, float], ...]


def main(found: LatenessView) -> Spread | None:
    """From due to kept where nothing but work was the cause; None: nothing happened."""
    return next((row.spread for row in found.total if _is(row, "committed", "busy")), None)


def others(found: LatenessView) -> dict[str, int]:
    """How many were late for another reason."""
    return {row.cause: row.spread.count for row in found.total if row.stage == "committed" and not row.kind}


def bars(found: LatenessView) -> tuple[Step, ...]:
    """The distribution in steps, from the first that anything fell into to the last; () when there is nothing."""
    tops = (*STEPS, timedelta.max)
    counted = {
        stage: [_between(found.distribution[stage], low, high) for low, high in pairwise((timedelta(-1), *tops))]
        for stage in SHOWN
    }
    filled = [at for at in range(len(tops)) if any(counted[stage][at] for stage in SHOWN)]
    if not filled:
        return ()
    shown = range(filled[0], filled[-1] + 1)
    whole = {stage: sum(counted[stage]) or 1 for stage in SHOWN}
    room = min(WIDTH / len(shown), 120)
    made = []
    for place, at in enumerate(shown):
        left = LEFT + place * room
        shares = [(stage, counted[stage][at] / whole[stage]) for stage in SHOWN]
        wide = room * 0.8 / len(SHOWN)
        made.append(
            Step(
                at_most=tops[at] if at < len(STEPS) else None,
                label=("≤ " + length(tops[at])) if at < len(STEPS) else "> " + length(STEPS[-1]),
                middle=round(left + room / 2, 1),
                counts={stage: counted[stage][at] for stage in SHOWN},
                bars=tuple(
                    (
                        stage,
                        round(left + room * 0.1 + number * wide, 1),
                        round(TOP + HEIGHT * (1 - share), 1),
                        round(wide * 0.9, 1),
                        round(max(HEIGHT * share, 1.5 if share else 0), 1),
                    )
                    for number, (stage, share) in enumerate(shares)
                ),
            )
        )
    return tuple(made)


def ranges(found: LatenessView) -> Ranges:
    """Each day on a scale that grows by the same factor."""
    days = [(day.day, next((row for row in day.rows if _is(row, "committed", "busy")), None)) for day in found.days]
    spreads = [row.spread for _, row in days if row is not None]
    least = min((one.p50.total_seconds() for one in spreads), default=0.001)
    most = max((one.longest.total_seconds() for one in spreads), default=1)
    below = max((one for one in DECADES if one <= least), default=DECADES[0])
    above = min((one for one in DECADES if one >= most), default=most)

    def height(seconds: float) -> float:
        share = math.log(max(seconds, below) / below) / math.log(max(above, below * 10) / below)
        return round(TOP + HEIGHT * (1 - share), 1)

    room = WIDTH / len(days)
    every = math.ceil(len(days) / 10)
    made = []
    for place, (day, row) in enumerate(days):
        x = round(LEFT + (place + 0.5) * room, 1)
        # Counted from the last day, which is always named.
        label = axis(day) if (len(days) - 1 - place) % every == 0 else ""
        points = [] if row is None else [row.spread.p50, row.spread.p95, row.spread.p99, row.spread.longest]
        made.append(Range(day, label, x, row, *(height(one.total_seconds()) for one in points)))
    lines = [one for one in DECADES if below <= one <= max(above, below * 10)]
    return Ranges(tuple(made), tuple((length(timedelta(seconds=one)), height(one)) for one in lines))


def told(row: LatenessRow) -> str:
    """What a row of figures is about."""
    return " · ".join(lateness.told(row.stage, row.kind, row.cause, current()))


def word(key: str) -> str:
    """A stage or a cause."""
    return lateness.word(key, current())


def length(span: timedelta) -> str:
    return lateness.length(span, current())


def _is(row: LatenessRow, stage: str, cause: str) -> bool:
    return (row.stage, row.kind, row.cause) == (stage, "", cause)


def _between(steps: Sequence[tuple[timedelta, int]], low: timedelta, high: timedelta) -> int:
    return sum(count for upper, count in steps if low < upper <= high)
