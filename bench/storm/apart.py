"""Two schedulers on two machines, one ten minutes ahead and one ten minutes behind; people have the right time."""

from __future__ import annotations

from datetime import timedelta

from bench.places import Place
from bench.storm import wrong_clocks
from bench.storm.outcome import Outcome, Size

APART = timedelta(minutes=10)
SECONDS: dict[Size, float] = {"small": 2, "usual": 20, "release": 120}


def run(place: Place, size: Size) -> Outcome:
    return wrong_clocks.worked(
        "apart",
        place,
        SECONDS[size],
        cases=wrong_clocks.CASES[size],
        schedulers=(lambda _: APART, lambda _: -APART),
        person=lambda _: timedelta(),
        last=APART,
    )
