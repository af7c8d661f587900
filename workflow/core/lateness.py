"""How late things were: lengths of time in buckets that grow by the same factor, and what is read from them.

A bucket is at most 9 % wide, so whatever a figure says is at most so much too high; the longest is exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

LATE = timedelta(seconds=30)
"""Sooner is not late: a scheduler that is alive looks every second."""

FINEST = 1000
"""Microseconds: what is no later than this is in bucket 0."""

PER_DOUBLING = 8
"""Buckets until a length has doubled."""

STAGES = ("fired", "committed", "sent", "delivered")
"""From the due moment until it began to be decided, and until it was kept; from being decided on until a message
had left; from the due moment of what caused a message until it had left."""

CAUSES = ("busy", "failed", "down", "held")
"""Why: nothing but work; it had failed before; no scheduler was alive; the recipient wants messages later."""

Counts = Mapping[int, tuple[int, int]]
"""Bucket → how many, and the longest of them in microseconds."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Of `count` lengths half were no longer than `p50`, and so on; `longest` is exact."""

    count: int
    p50: timedelta
    p95: timedelta
    p99: timedelta
    longest: timedelta


def bucket(length: int) -> int:
    """The bucket of a length in microseconds; one below nothing, by a clock that was set, is nothing."""
    if length <= FINEST:
        return 0
    return math.ceil(PER_DOUBLING * math.log2(length / FINEST) - 1e-9)


def upper(number: int) -> int:
    """The longest length in a bucket, in microseconds."""
    return round(FINEST * 2 ** (number / PER_DOUBLING))


def merged(several: Iterable[Counts]) -> dict[int, tuple[int, int]]:
    """Several histograms as one."""
    total: dict[int, tuple[int, int]] = {}
    for counts in several:
        for number, (count, longest) in counts.items():
            had, before = total.get(number, (0, 0))
            total[number] = (had + count, max(before, longest))
    return total


def spread(counts: Counts) -> Spread | None:
    """The figures of a histogram; None when it is empty."""
    count = sum(many for many, _ in counts.values())
    if not count:
        return None
    return Spread(
        count=count,
        p50=_quantile(counts, count, 50),
        p95=_quantile(counts, count, 95),
        p99=_quantile(counts, count, 99),
        longest=timedelta(microseconds=max(longest for _, longest in counts.values())),
    )


def _quantile(counts: Counts, count: int, percent: int) -> timedelta:
    """A length that at least so many per cent of all do not exceed."""
    left = -(-count * percent // 100)
    for number in sorted(counts):
        many, longest = counts[number]
        left -= many
        if left <= 0:
            return timedelta(microseconds=min(upper(number), longest))
    raise AssertionError("a part is not more than the whole")
