"""What customers bring in, said each month: figures that move, and what follows from them."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from workflow.core.errors import Refused
from workflow.core.step import Actor
from workflow.core.stints import OWNED
from workflow.customers.tiers import RevenueScheme, ScoreScheme
from workflow.intake.demo.companies import Company
from workflow.intake.demo.hours import at_work
from workflow.intake.simulate.actors import Actors
from workflow.intake.simulate.tables import table
from workflow.intake.simulate.years import Years
from workflow.service.revenue import Figure

PORTION = 100
"""Customers whose figures are one command."""

BRINGER = "account_administrator"


class Income:
    """The figures of every month, brought in by the province's administrator."""

    def __init__(
        self, actors: Actors, companies: list[Company], rng: Random, *, scheme: ScoreScheme | RevenueScheme
    ) -> None:
        self.actors = actors
        self.stage = actors.stage
        self.companies = companies
        self.rng = rng
        self.scheme = scheme
        self.rules = table("province")["income"]
        products = list(self.stage.library.revenue.products)
        self.products = {c.id: rng.sample(products, rng.randint(*self.rules["products"])) for c in companies}

    def write(self, years: Years) -> None:
        """Put the days after each month's end on the players' agenda."""
        for end in years.ends():
            month = f"{end - timedelta(days=1):%Y-%m}"
            day = at_work(end + timedelta(days=self.rng.uniform(*self.rules["days"])), self.actors.calendar, self.rng)
            self.actors.at(day, lambda now, month=month: self._say(month, now))  # type: ignore[misc]

    def _say(self, month: str, at: datetime) -> None:
        bringer = next(p for p in self.actors.cast.of(BRINGER) if self.actors.cast.parents[p.home] == "")
        self.stage.commit()
        figures = {c.id: self._figures(c, month) for c in self.companies if self._brings(c)}
        ids = list(figures)
        for place in range(0, len(ids), PORTION):
            portion = {customer: figures[customer] for customer in ids[place : place + PORTION]}
            self.stage.say_revenue(portion, actor=Actor(bringer.id), at=at)
        self.stage.commit()
        try:
            self.stage.watch_revenue(scheme=self.scheme, month=f"{self.actors.calendar.local(at):%Y-%m}", at=at)
        except Refused:
            return  # it is on record, and the others are opened

    def _brings(self, company: Company) -> bool:
        return self.stage.current(company.id).data.get("stage") in OWNED

    def _figures(self, company: Company, month: str) -> list[Figure]:
        """The month's revenue by product, in cents; now and then a customer's moves for good."""
        moves = self.rules["moves"]
        if self.rng.random() < moves["chance"]:
            company.revenue = round(company.revenue * self.rng.uniform(*moves["times"]))
        season = self.rules["months"][int(month[5:]) - 1]
        products = self.products[company.id]
        noise = self.rules["noise"]
        usual = company.revenue * 100 / 12 * season / len(products)
        return [(month, product, round(usual * self.rng.uniform(1 - noise, 1 + noise))) for product in products]
