"""What is opened over the years, when and by whom: claims by season, calls by hour and weekday."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from workflow.core.definition.lifecycle import Definition
from workflow.intake.demo.companies import Company
from workflow.intake.demo.part import Part
from workflow.intake.demo.people import MANAGER, Person
from workflow.intake.demo.scenario import Scenario
from workflow.intake.demo.tables import table as demo_table
from workflow.intake.simulate.actors import Actors
from workflow.intake.simulate.tables import table


class Years(Scenario):
    """Puts two years of openings on the players' agenda."""

    def __init__(self, player: Actors, companies: list[Company], rng: Random, *, begin: datetime) -> None:
        super().__init__(player, companies, rng, begin=begin, size=1.0)
        self.companies = companies
        self.days = (self.now - begin).total_seconds() / 86_400
        self.months = table("province")["seasons"]["months"]
        arrivals = table("measured")["arrivals"]
        self.hours, self.weekdays = arrivals["hours"], arrivals["weekdays"]
        self.off = table("measured")["shares"]["on_days_off"]["is"]

    def write(self) -> None:
        claims, opened = table("province")["claims"], table("province")["opened"]
        # Claims come one a customer, and who leaves has a plan.
        apart = {claims["definition"], table("province")["leaving"]["plan"]["definition"]}
        self._entered(claims)
        for name, rules in sorted(self.player.stage.library.latest.items()):
            if name in apart or not rules.opened_by:
                continue
            play = self.player.play.get(name, {})
            by = self._opener(play["by"]) if "by" in play else self._one_of(rules)
            rates = opened.get(name)
            if rates is None and "natural" in play:
                self._as_often(name, play, by)
            elif rates is not None and rates["each"] == "centre":
                self._once(name)
            else:
                self._at_a_rate(name, rates or opened["any"], rules, by)

    def _entered(self, claims: Mapping[str, Any]) -> None:
        """One claim a customer: the old books in the first days, the others by season."""
        name, by = claims["definition"], self._opener("a")
        low, high = claims["days"]
        for company in self.companies:
            part = Part(company, self._topic())
            if company.kept and self.rng.random() < claims["old"]:
                part.brisk = claims["brisk"]
                day = self.begin + timedelta(days=self.rng.uniform(low, high))
                self._open(name, part, self._working(day), by)
                continue
            moment = self._working(self._in_season())
            seasonal = claims["seasonal"]
            if self._month(moment) in seasonal["months"] and self.rng.random() < seasonal["share"]:
                part.wants = {seasonal["field"]: seasonal["value"]}
            self._open(name, part, moment, by)
            if self.rng.random() < claims["rivals"]:
                later = self._working(moment + timedelta(days=self.rng.uniform(0.1, 20)))
                self._open(name, Part(company, self._topic()), later, self._rival)

    def _as_often(self, name: str, play: Mapping[str, Any], by: Any) -> None:
        """What the demonstration opens by a number: as many for so many customers and days."""
        sizes = demo_table("play")["sizes"]
        share = len(self.companies) / sizes["customers"] * self.days / sizes["days"]
        for _ in range(self._count(play["natural"]["count"] * share)):
            self._open(name, self._part(play), self._working(self._in_season()), by)

    def _at_a_rate(self, name: str, rates: Mapping[str, Any], rules: Definition, by: Any) -> None:
        for _ in self._each(rates["each"]):
            for _ in range(self._count(rates["a_year"] * self.days / 365)):
                moment = self._called() if rates.get("calls") else self._working(self._in_season())
                company = self.rng.choice(self.kept) if rules.subject == "customer" else None
                self._open(name, Part(company, self._topic()), moment, by)

    def _once(self, name: str) -> None:
        """One for each unit that has managers, by its director, in the first days."""
        for unit in self.player.cast.units:
            directors = [p for p in self.player.cast.of("director") if p.home == unit]
            if directors and self.player.cast.managers(unit):
                moment = self._working(self.begin + timedelta(days=self.rng.uniform(0.2, 3)))
                self._open(name, Part(None, self._topic()), moment, _oneself(directors[0]))

    def _one_of(self, rules: Definition) -> Callable[[Part], int]:
        """Somebody who may open it: the customer's manager where managers may, else anybody with the role."""

        def by(part: Part) -> int:
            if part.company is not None and MANAGER in rules.opened_by:
                return part.company.b
            found = [p for role in rules.opened_by for p in self.player.cast.of(role)]
            return self.rng.choice(found).id

        return by

    def _open(self, name: str, part: Part, at: datetime, opened: Callable[[Part], int]) -> None:
        """Whoever has left opens nothing."""

        def act(now: datetime) -> None:
            by = opened(part)
            if by not in self.player.cast.gone:
                self.player.open(name, part, by=by, at=now)

        self.player.at(at, act)

    def _each(self, what: str) -> list[Any]:
        return self.companies if what == "customer" else self.player.cast.of(what)

    def _called(self) -> datetime:
        """A moment at which customers call: by month, weekday, day off and hour."""
        while True:
            day = self.player.calendar.local(self._in_season())
            off = not self.player.calendar.spans(day.date()) and day.weekday() < 5
            weight = self.weekdays[day.weekday()] * (self.off if off else 1)
            if self.rng.random() * max(self.weekdays) <= weight:
                hour = self.rng.choices(range(24), self.hours)[0]
                return day.replace(hour=hour, minute=self.rng.randint(0, 59), second=self.rng.randint(0, 59))

    def _in_season(self) -> datetime:
        while True:
            moment = self.begin + timedelta(days=self.rng.uniform(0.5, self.days - 0.5))
            if self.rng.random() * max(self.months) <= self.months[self._month(moment) - 1]:
                return moment

    def _month(self, moment: datetime) -> int:
        return self.player.calendar.local(moment).month

    def _count(self, expected: float) -> int:
        """A whole number that is so much on average."""
        return int(expected) + (self.rng.random() < expected % 1)


def _oneself(person: Person) -> Callable[[Part], int]:
    return lambda part: person.id
