"""What customers bring in: a file each month, with figures that move, and what follows from them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from random import Random

from workflow.core.calendar import Calendar
from workflow.core.errors import Refused
from workflow.core.splits import later
from workflow.core.step import Actor
from workflow.core.stints import OWNED
from workflow.customers.tiers import RevenueScheme, ScoreScheme
from workflow.intake import revenue
from workflow.intake.demo.companies import Company
from workflow.intake.demo.hours import at_work
from workflow.intake.demo.people import Cast, Person
from workflow.intake.demo.player import Player
from workflow.intake.sheet import title
from workflow.service.revenue import Figure

LANGUAGE = "zh"
"""Of the files' titles."""

MOST = 2000
"""Customers in one file: a year's figures of so many are fewer rows than a file may have."""

BRINGER = "account_administrator"


class Income:
    """The figures of every month, brought in by the province's administrator.

    A customer comes with the year before the first month it is somebody's: there is something to hold figures against.
    """

    def __init__(
        self,
        player: Player,
        companies: list[Company],
        rng: Random,
        *,
        begin: datetime,
        scheme: ScoreScheme | RevenueScheme,
    ) -> None:
        self.player = player
        self.stage = player.stage
        self.companies = companies
        self.rng = rng
        self.begin = begin
        self.scheme = scheme
        self.rules = player.play["income"]
        products = list(self.stage.library.revenue.products)
        self.products = {c.id: rng.sample(products, rng.randint(*self.rules["products"])) for c in companies}
        self._said: set[int] = set()
        """Customers of whom there are figures."""

    def write(self) -> None:
        """Put the days after each month's end on the players' agenda."""
        for end in ends(self.begin, self.player.now, self.player.calendar):
            month = f"{end - timedelta(days=1):%Y-%m}"
            day = at_work(end + timedelta(days=self.rng.uniform(*self.rules["days"])), self.player.calendar, self.rng)
            self.player.at(day, lambda now, month=month: self._bring(month, now))  # type: ignore[misc]

    def _bring(self, month: str, at: datetime) -> None:
        brought = [company for company in self.companies if self._brings(company)]
        for number, place in enumerate(range(0, len(brought), MOST), start=1):
            part = "" if len(brought) <= MOST else f"（{number}）"
            rows = list(self._rows(brought[place : place + MOST], month))
            self._file(f"{month} 用邮收入{part}.csv", rows, at)
        self.stage.commit()
        try:
            self.stage.watch_revenue(scheme=self.scheme, month=f"{self.player.calendar.local(at):%Y-%m}", at=at)
        except Refused:
            return  # it is on record, and the others are opened

    def _file(self, name: str, rows: list[tuple[str, Figure]], at: datetime) -> None:
        """Bring a file in as people do: checked, kept, applied."""
        actor = Actor(bringer(self.player.cast).id)
        self.stage.commit()  # a file is checked against what is kept
        upload = revenue.keep(self.stage, name, self._table(rows), actor=actor, at=at)
        self.stage.commit()
        revenue.apply(self.stage, upload, actor=actor, at=at)

    def _table(self, rows: list[tuple[str, Figure]]) -> bytes:
        titles = self.stage.library.revenue.products
        sheet = StringIO()
        table = csv.writer(sheet)
        table.writerow(title(LANGUAGE, column) for column in revenue.COLUMNS)
        for number, (month, product, cents) in rows:
            table.writerow((number, month, titles[product].zh, f"{cents / 100:.2f}"))
        return sheet.getvalue().encode()

    def _brings(self, company: Company) -> bool:
        return self.stage.current(company.id).data.get("stage") in OWNED

    def _rows(self, companies: list[Company], month: str) -> Iterator[tuple[str, Figure]]:
        for company in companies:
            number = str(self.stage.current(company.id).data["number"])
            before = 0 if company.id in self._said else self.rules["before"]
            self._said.add(company.id)
            for back in range(before, 0, -1):
                yield from ((number, figure) for figure in self._figures(company, later(month, -back)))
            moves = self.rules["moves"]
            if self.rng.random() < moves["chance"]:
                company.revenue = round(company.revenue * self.rng.uniform(*moves["times"]))
            yield from ((number, figure) for figure in self._figures(company, month))

    def _figures(self, company: Company, month: str) -> list[Figure]:
        """A month's revenue by product, in cents."""
        first = self.player.calendar.local(self.begin)
        since = (int(month[:4]) - first.year) * 12 + int(month[5:]) - first.month
        season = self.rules["months"][int(month[5:]) - 1] * (1 + self.rules["growth"]) ** since
        products = self.products[company.id]
        noise = self.rules["noise"]
        usual = company.revenue * 100 / 12 * season / len(products)
        return [(month, product, round(usual * self.rng.uniform(1 - noise, 1 + noise))) for product in products]


def bringer(cast: Cast) -> Person:
    """The province's account administrator."""
    return next(person for person in cast.of(BRINGER) if cast.parents[person.home] == "")


def ends(begin: datetime, until: datetime, calendar: Calendar) -> Iterator[datetime]:
    """The first moments of the months that follow one since the begin."""
    day = calendar.local(begin).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while (day := (day + timedelta(days=32)).replace(day=1)) <= until:
        yield day
