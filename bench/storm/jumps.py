"""The machine's clock jumps an hour back, an hour ahead and three days ahead, and is set right again each time."""

from __future__ import annotations

from datetime import timedelta

from bench.places import Place
from bench.storm import wrong_clocks
from bench.storm.outcome import Outcome, Size

JUMPS = (
    timedelta(), timedelta(hours=-1), timedelta(), timedelta(hours=1), timedelta(), timedelta(days=3), timedelta(),
)  # fmt: skip
"""How wrong the clock is, one after the other; everybody on the machine has the same."""

EACH: dict[Size, float] = {"small": 0.4, "usual": 4, "release": 30}
"""Seconds until the next jump."""


def run(place: Place, size: Size) -> Outcome:
    each = EACH[size]

    def wrong(gone: float) -> timedelta:
        return JUMPS[min(int(gone / each), len(JUMPS) - 1)]

    return wrong_clocks.worked(
        "jumps",
        place,
        each * len(JUMPS),
        cases=wrong_clocks.CASES[size],
        schedulers=(wrong, wrong),
        person=wrong,
        last=max(JUMPS),
    )
