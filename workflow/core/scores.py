"""Points of 100 for a manager's or a centre's year, each measure by its own rule.

The rules are ours; 004 §1.3 C(2) and 001 §2(3) only name the measures.

A figure nobody said is None, and so are its points, and then the whole: a score is never made of a part of its
measures. Points are hundredths of a point, each measure's rounded once, halves up, so that what is shown adds up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from workflow.core.pay import rounded

Kind = Literal["money", "count", "points"]
WHOLE = 100_00
"""All there is of satisfaction, in hundredths of a point."""


@dataclass(frozen=True, slots=True)
class Part:
    """`points`: the most there are, whole ones; `got`: hundredths. `have` and `want`: what it is reckoned from."""

    name: str
    points: int
    have: int | None
    want: int | None
    kind: Kind
    got: int | None


def score(parts: Sequence[Part]) -> int | None:
    """Hundredths of a point; None where a measure is not known, or nothing is measured."""
    got = [part.got for part in parts if part.got is not None]
    return sum(got) if parts and len(got) == len(parts) else None


def scored(
    points: Mapping[str, int], facts: Mapping[str, tuple[int | None, int | None]], *, limit: Decimal
) -> tuple[Part, ...]:
    """The measures in the order of `points`. `limit`: percent of revenue from which receivables have no points."""
    made = []
    for name, most in points.items():
        have, want = facts[name]
        kind, rule = RULES[name]
        share = None
        if have is not None and want is not None:
            share = min(max(rule(have, want, Fraction(limit) / 100), Fraction(0)), Fraction(1))
        got = None if share is None else rounded(share * most * 100)
        made.append(Part(name, most, have, want, kind, got))
    return tuple(made)


def _reached(have: int, want: int, _: Fraction) -> Fraction:
    return Fraction(have, want)


def _within(have: int, want: int, _: Fraction) -> Fraction:
    """What was allowed of what was spent."""
    return Fraction(1) if have <= want else Fraction(want, have)


def _not_lost(have: int, want: int, _: Fraction) -> Fraction:
    """Who kept nobody lost nobody."""
    return 1 - Fraction(have, want) if want else Fraction(1)


def _near(have: int, want: int, _: Fraction) -> Fraction:
    return 1 - Fraction(abs(have - want), want)


def _collected(have: int, want: int, limit: Fraction) -> Fraction:
    """What is outstanding as a part of revenue, held against the limit; without revenue it is too much."""
    if not have:
        return Fraction(1)
    return 1 - Fraction(have, want) / limit if want > 0 else Fraction(0)


def _kept(have: int, want: int, _: Fraction) -> Fraction:
    """Of what was to be done; where nothing was, nothing was missed."""
    return Fraction(have, want) if want else Fraction(1)


RULES: Mapping[str, tuple[Kind, Callable[[int, int, Fraction], Fraction]]] = {
    "revenue": ("money", _reached),
    "cost": ("money", _within),
    "churn": ("count", _not_lost),
    "forecast": ("money", _near),
    "products": ("count", _reached),
    "receivables": ("money", _collected),
    "satisfaction": ("points", _reached),
    "customers": ("count", _reached),
    "files": ("count", _kept),
    "reports": ("count", _kept),
}
