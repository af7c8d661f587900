"""How long things take, drawn from measured quantiles."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cache
from math import exp, log
from random import Random

from workflow.intake.simulate.tables import table

LEAST = 1 / 60
"""Hours: what was measured as nothing took somebody a minute."""


def drawn(name: str, rng: Random) -> float:
    """Hours, by inverse CDF: straight on a logarithmic scale between two quantiles, beyond the last one as that."""
    return at(_quantiles(name), rng.random())


def at(quantiles: Sequence[tuple[float, float]], share: float) -> float:
    """The hours that this share of cases took at most."""
    place = bisect_left(quantiles, (share, 0.0))
    if place == 0:
        return quantiles[0][1]
    if place == len(quantiles):
        return quantiles[-1][1]
    (low, short), (high, long) = quantiles[place - 1], quantiles[place]
    return exp(log(short) + (log(long) - log(short)) * (share - low) / (high - low))


@cache
def _quantiles(name: str) -> tuple[tuple[float, float], ...]:
    hours = table("measured")["durations"][name]["hours"]
    return ((0.0, LEAST), *((float(share), max(LEAST, found)) for share, found in hours.items()))
