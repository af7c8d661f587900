"""What a manager is paid for a year by the formula of 004 §3.2, with every figure it is made of.

All amounts are cents and all quotients exact; each of the two results is rounded once, to the cent, halves up.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor

LEAST = Fraction(85, 100)
"""From this completion on it counts itself, 004 §3.2(5)②."""

LOW = Fraction(40, 100)
"""What counts below it, 004 §3.2(5)③."""

MARGIN = 33_00
"""The gross margin from which there is a bonus, in hundredths of a percent, 004 §3.2(6)."""

BONUS = (5_00, 10_00)
"""The least and the most of a bonus, in hundredths of a percent, 004 §3.2(6)."""

MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """`base`: the yearly standard, paid for `months` of the year (004 §3.2(9)①). `score`: in hundredths of a point.

    `all_staff`: sold by everybody's selling, which is no manager's doing; `margin`, `rate`: hundredths of a percent.
    None: not known yet.
    """

    actual: int
    planned: int
    base: int
    score: int
    months: int = MONTHS
    all_staff: int | None = None
    margin: int | None = None
    rate: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """`completion` as it is; `factor`: what of it counts. `excess` may be below nothing. `bonus` None: not known."""

    completion: Fraction
    factor: Fraction
    standard: int
    performance: int
    excess: int | None
    bonus: int | None


def paid(given: Inputs) -> Pay:
    """Raises ValueError where nothing was planned."""
    if given.planned <= 0:
        raise ValueError(given.planned)
    completion = Fraction(given.actual, given.planned)
    factor = counts(completion)
    standard = Fraction(given.base * given.months, MONTHS)
    excess = None if given.all_staff is None else given.actual - given.planned - given.all_staff
    return Pay(
        completion=completion,
        factor=factor,
        standard=rounded(standard),
        performance=rounded(standard * factor * Fraction(given.score, 10_000)),
        excess=excess,
        bonus=_bonus(given, completion, excess),
    )


def counts(completion: Fraction) -> Fraction:
    """What of a completion counts: all of the standard, the completion itself, or 40 % (004 §3.2(5))."""
    if completion >= 1:
        return Fraction(1)
    return completion if completion >= LEAST else LOW


def rounded(exact: Fraction) -> int:
    """To the whole cent, halves up."""
    return floor(exact + Fraction(1, 2))


def _bonus(given: Inputs, completion: Fraction, excess: int | None) -> int | None:
    """Above plan, with the margin reached; nothing otherwise. None where it hangs on what nobody said."""
    if completion <= 1 or (given.margin is not None and given.margin < MARGIN):
        return 0
    if excess is not None and excess <= 0:
        return 0
    if excess is None or given.margin is None or given.rate is None:
        return None
    return rounded(excess * Fraction(given.rate, 10_000))
