"""How much of a manager the customers take up, by what they spend a month (004 §1.3 C(1)).

Unicom's rule beside the 8 to 15 of 003 §3.2: a customer of 200,000 yuan a month has a manager of its own, of 100,000
and more one manager looks after two, of all others after 3, 5 or 10. So each takes up a part of a manager, and the
parts of one manager are at most a whole one. All is counted in thirtieths, which have no remainder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

WHOLE = 30
"""A manager, in thirtieths."""

FAIR = 8 / 15
"""Of a whole: who carries less has room for more. As 8 is to 15 in the other rule; ours."""


@dataclass(frozen=True, slots=True)
class Carrying:
    """`one`, `two`: yuan a month from which a manager looks after one or two customers; `below`: how many others."""

    one: int = 200_000
    two: int = 100_000
    below: int = 5

    def part(self, cents: int) -> int:
        """What a customer who spends so much a month takes up."""
        if cents >= self.one * 100:
            return WHOLE
        return WHOLE // 2 if cents >= self.two * 100 else WHOLE // self.below

    def carried(self, spends: Iterable[int]) -> Carried:
        """What customers take up who spend so many cents a month."""
        parts = [self.part(cents) for cents in spends]
        others = sum(one < WHOLE // 2 for one in parts)
        return Carried(parts.count(WHOLE), parts.count(WHOLE // 2), others, sum(parts))


@dataclass(frozen=True, slots=True)
class Carried:
    """Customers by what they spend, the most first, and what they take up together, in thirtieths of a manager."""

    ones: int
    twos: int
    others: int
    parts: int

    @property
    def percent(self) -> int:
        return round(self.parts * 100 / WHOLE)

    @property
    def judged(self) -> str:
        """few, many, or fair."""
        return "many" if self.parts > WHOLE else "few" if self.parts < WHOLE * FAIR else "fair"


@dataclass(frozen=True, slots=True)
class Room:
    """What somebody carries by now, and what one more customer would add, in thirtieths."""

    carried: Carried
    adds: int

    @property
    def enough(self) -> bool:
        return self.carried.parts + self.adds <= WHOLE
