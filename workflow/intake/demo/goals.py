"""What is planned for each year, and told about it after each quarter: the inputs of scores and pay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from random import Random

from workflow.core.step import Actor
from workflow.intake.demo.companies import Company
from workflow.intake.demo.hours import at_work
from workflow.intake.demo.income import Income, bringer, ends
from workflow.intake.demo.player import Player
from workflow.service.plans import Of

QUARTERS = 4
HUNDREDS = 100_00
"""Plans are of whole hundreds of yuan; in cents."""

LAST = 12


class Goals:
    """The plans of managers and centres, said by the province's administrator, by what their customers brought in."""

    def __init__(
        self, player: Player, companies: list[Company], rng: Random, *, begin: datetime, income: Income
    ) -> None:
        self.player = player
        self.stage = player.stage
        self.companies = companies
        self.rng = rng
        self.begin = begin
        self.income = income
        self.rules = player.play["goals"]
        self._said: dict[tuple[Of, int, int], dict[str, int]] = {}
        """What was said last of a person or unit and a year."""

    def write(self) -> None:
        """Put the days on which it is said on the players' agenda."""
        calendar = self.player.calendar
        self._put(self.begin + timedelta(days=self.rules["after"]), calendar.local(self.begin).year, 0)
        for end in ends(self.begin, self.player.now, calendar):
            quarter, over = divmod((end - timedelta(days=1)).month, LAST // QUARTERS)
            if over == 0:
                self._put(end + timedelta(days=self.rules["after"]), (end - timedelta(days=1)).year, quarter)
            if quarter == QUARTERS:
                self._put(end + timedelta(days=self.rules["after"]), end.year, 0)

    def _put(self, day: datetime, year: int, quarter: int) -> None:
        moment = at_work(day, self.player.calendar, self.rng)
        self.player.at(moment, lambda now: self._say(year, quarter, now))

    def _say(self, year: int, quarter: int, at: datetime) -> None:
        """Of everybody who is there: what is planned, and after a quarter how it stands."""
        cast = self.player.cast
        actor = Actor(bringer(cast).id)
        kept = [company for company in self.companies if company.kept]
        planned: dict[str, int] = {}
        count: dict[str, int] = {}
        held: dict[int, list[Company]] = {}
        for company in kept:
            # First its revenue is its developer's, who is A, later its keeper's, who is B (000 §3.2.3).
            for holder in (company.a, company.b):
                held.setdefault(holder, []).append(company)
            for unit in self._above(company.unit):
                count[unit] = count.get(unit, 0) + 1
        for person in cast.managers():
            known = self._said.get(("person", person.id, year)) or self._planned(held.get(person.id, []))
            known = self._said["person", person.id, year] = known | self._told(known, quarter)
            self.stage.plan("person", person.id, year, known, actor=actor, at=at)
            for unit in self._above(person.home):
                planned[unit] = planned.get(unit, 0) + known["planned"]
        for unit, whole in planned.items():
            goal = self._said.get(("unit", cast.units[unit], year)) or {
                "planned": whole,
                "customers": max(1, round(count.get(unit, 0) * self._between("customers"))),
            }
            if quarter:
                goal = goal | {"satisfaction": round(self._between("satisfaction"))}
            self._said["unit", cast.units[unit], year] = goal
            self.stage.plan("unit", cast.units[unit], year, goal, actor=actor, at=at)

    def _above(self, unit: str) -> Iterator[str]:
        """A unit and those over it."""
        while unit:
            yield unit
            unit = self.player.cast.parents[unit]

    def _planned(self, companies: list[Company]) -> dict[str, int]:
        """A manager's year by half of what the customers of now bring in, as A or B; money in cents."""
        revenue = max(sum(company.revenue for company in companies) * 100 // 2, self.rules["least"] * 100)
        planned = _whole(revenue * self._between("planned"))
        sold = sum(len(self.income.products[company.id]) for company in companies)
        return {
            "planned": planned,
            "base": _whole(self._between("base") * 100),
            "months": LAST,
            "allowed": _whole(planned * self._between("allowed")),
            "forecast": _whole(planned * self._between("forecast")),
            "products": max(1, round(sold / 2 * self._between("products"))),
        }

    def _told(self, known: Mapping[str, int], quarter: int) -> dict[str, int]:
        """How a manager's year stands after a quarter; nothing when it begins."""
        if not quarter:
            return {}
        so_far = known["planned"] * quarter / QUARTERS
        return {
            "spent": _whole(known["allowed"] * quarter / QUARTERS * self._between("spent")),
            "receivables": _whole(so_far * self._between("receivables")),
            "all_staff": _whole(so_far * self._between("all_staff")),
            "satisfaction": round(self._between("satisfaction")),
            "margin": round(self._between("margin")),
            "rate": round(self._between("rate")),
        }

    def _between(self, name: str) -> float:
        return self.rng.uniform(*self.rules[name])


def _whole(cents: float) -> int:
    return max(HUNDREDS, round(cents / HUNDREDS) * HUNDREDS)
