"""How a customer is graded diamond, gold, silver or ordinary, and why.

Two published schemes; a deployment picks one. *Score* (003 §4.2(4)): 60 points for yearly revenue, full at
1,000,000 CNY, and 40 for the share of the unit's yearly revenue, full at 3 per mille, proportionally less
for less; diamond from 90, gold from 80, silver from 70. *Revenue* (002 §8-9): diamond from 1,000,000 CNY a year,
the lines below are the unit's own; at a quarter's end the year so far is held against its part, q/4.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Tier = Literal["diamond", "gold", "silver", "ordinary"]
TIERS: tuple[Tier, ...] = ("diamond", "gold", "silver", "ordinary")
Money = Decimal | int
Lines = tuple[tuple[Tier, Decimal], ...]


class SchemeFault(ValueError):
    """Numbers that make no scheme, or no revenue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreScheme:
    """By score. `full_revenue` in CNY a year, `full_share` in per mille of the unit's yearly revenue."""

    full_revenue: Money = 1_000_000
    full_share: Decimal = Decimal(3)
    revenue_points: int = 60
    share_points: int = 40
    diamond: Money = 90
    gold: Money = 80
    silver: Money = 70

    def __post_init__(self) -> None:
        if self.full_revenue <= 0 or self.full_share <= 0:
            raise SchemeFault("the full revenue and the full share are more than nothing")
        _falling(self.lines)

    @property
    def lines(self) -> Lines:
        return _lines(self.diamond, self.gold, self.silver)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueScheme:
    """By revenue, in CNY a year from which a tier begins. `gold` and `silver` are the unit's own."""

    diamond: Money = 1_000_000
    gold: Money = 500_000
    silver: Money = 200_000

    def __post_init__(self) -> None:
        _falling(self.lines)

    @property
    def lines(self) -> Lines:
        return _lines(self.diamond, self.gold, self.silver)


@dataclass(frozen=True, slots=True)
class Part:
    """One summand of a score: `given` is the revenue in CNY or the share in per mille, `full` what earns all."""

    name: Literal["revenue", "share"]
    points: Decimal
    most: int
    given: Decimal
    full: Decimal


@dataclass(frozen=True, slots=True)
class Grade:
    """A tier and how it came about.

    `figure`: the points, or the revenue of the year so far. `line`: where the tier begins, 0 for ordinary; `missing`:
    what the next tier up would take, None for diamond. `parts`: the summands of a score, which add up to
    `figure` exactly; none for revenue. `quarter`: whose part of the year the lines were taken for.
    """

    scheme: Literal["score", "revenue"]
    tier: Tier
    figure: Decimal
    line: Decimal
    missing: Decimal | None
    parts: tuple[Part, ...] = ()
    quarter: int = 4

    def __str__(self) -> str:
        """`82.4 = 51.2 + 31.2`, or the revenue alone."""
        summands = " + ".join(_plain(part.points) for part in self.parts)
        return f"{_plain(self.figure)} = {summands}" if summands else _plain(self.figure)


def by_score(revenue: Money, *, unit_revenue: Money, scheme: ScoreScheme) -> Grade:
    """Grade by a year's revenue of the customer and of the unit.

    The tier is decided on the exact points; those shown have two places, rounded down in the sum so that
    nobody reads 90 without being diamond. Revenue below nothing, and a share of nothing, earn nothing.
    """
    earned, total = _money(revenue), _money(unit_revenue)
    share = earned / total * 1000 if total > 0 else Fraction(0)
    exact = _points(earned, Fraction(scheme.full_revenue), scheme.revenue_points)
    weight = _points(share, Fraction(scheme.full_share), scheme.share_points)
    figure, first = _places(exact + weight), _places(exact)
    return _grade(
        "score",
        figure,
        scheme.lines,
        parts=(
            Part("revenue", first, scheme.revenue_points, _places(earned), Decimal(scheme.full_revenue)),
            Part("share", figure - first, scheme.share_points, _places(share), Decimal(scheme.full_share)),
        ),
    )


def by_revenue(revenue: Money, *, scheme: RevenueScheme, quarter: int = 4) -> Grade:
    """Grade by the revenue of the year up to the end of a quarter, against that part of the yearly lines."""
    if quarter not in (1, 2, 3, 4):
        raise SchemeFault(f"a year has four quarters, not {quarter}")
    lines = tuple((tier, line * quarter / 4) for tier, line in scheme.lines)
    return _grade("revenue", _places(_money(revenue)), lines, quarter=quarter)


def _grade(
    scheme: Literal["score", "revenue"],
    figure: Decimal,
    lines: Lines,
    *,
    parts: tuple[Part, ...] = (),
    quarter: int = 4,
) -> Grade:
    above: Decimal | None = None
    reached: tuple[Tier, Decimal] = ("ordinary", Decimal(0))
    for tier, line in lines:
        if figure >= line:
            reached = tier, line
            break
        above = line
    missing = None if above is None else above - figure
    return Grade(
        scheme=scheme, tier=reached[0], line=reached[1], figure=figure, missing=missing, parts=parts, quarter=quarter
    )


def _lines(*values: Money) -> Lines:
    return tuple(zip(TIERS, map(Decimal, values), strict=False))


def _falling(lines: Lines) -> None:
    values = [line for _, line in lines]
    if values != sorted(set(values), reverse=True) or values[-1] < 0:
        raise SchemeFault("the lines of diamond, gold and silver fall in this order, to nothing at the least")


def _points(given: Fraction, full: Fraction, most: int) -> Fraction:
    return min(max(given, Fraction(0)) / full, Fraction(1)) * most


def _money(value: Money) -> Fraction:
    if isinstance(value, float) or not Decimal(value).is_finite():
        raise SchemeFault(f"{value!r} is not an amount of money")
    return Fraction(value)


def _places(value: Fraction) -> Decimal:
    """Two decimal places, rounded down."""
    return Decimal(value.numerator * 100 // value.denominator).scaleb(-2)


def _plain(value: Decimal) -> str:
    """`82.4`, not `82.40`; `100`, not `1E+2`."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
