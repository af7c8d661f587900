"""Which cases are opened, when and by whom: some to live as they may, some to be found in a certain state now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from workflow.intake.demo.companies import Company
from workflow.intake.demo.desk import HOUR
from workflow.intake.demo.hours import at_work
from workflow.intake.demo.part import Aim, Part
from workflow.intake.demo.player import Player
from workflow.intake.demo.tables import table

DAY_SHARES = (0.22, 0.19, 0.18, 0.17, 0.15, 0.05, 0.04)
HOUR_SHARES = (0, 0, 0, 0, 0, 0, 0, 1, 6, 12, 13, 11, 5, 6, 11, 11, 9, 6, 3, 2, 2, 1, 1, 0)
"""When customers call: by weekday and by hour, rounded from what two public logs of such requests show."""


class Scenario:
    """Puts openings on the player's agenda. `size` scales every number, though never below one."""

    def __init__(self, player: Player, companies: list[Company], rng: Random, *, begin: datetime, size: float) -> None:
        self.player = player
        self.rng = rng
        self.begin = begin
        self.now = player.now
        self.size = size
        self.kept = [c for c in companies if c.kept]
        self.known = [c for c in companies if not c.kept]
        self.topics = table("topics")["topic"]
        self._fresh: list[Company] = []

    def write(self) -> None:
        for name, play in self.player.play.items():
            if "centres" in play:
                self._centres(name, play["centres"])
            if "by" not in play:
                continue
            opened = self._opener(play["by"])
            if "stock" in play:
                self._claims(name, play)
            elif "natural" in play:
                for _ in range(self._many(play["natural"]["count"])):
                    self._open(name, self._part(play), self._call(*play["natural"]["days"]), opened)
            if "stock" not in play:
                for aim in play.get("aims", ()):
                    for _ in range(self._many(aim["count"])):
                        self._aimed(name, aim, self._part(play), opened)

    def _claims(self, name: str, play: Mapping[str, Any]) -> None:
        """One claim a customer: the old stock first, then those that are wanted somewhere, then the rest."""
        opened = self._opener(play["by"])
        aims = [aim for aim in play["aims"] for _ in range(self._many(aim["count"]))]
        places, known = self.kept[:], self.known[:]
        for aim in aims:
            mine = known if aim["state"] in play["unkept"] and known else places
            company = mine.pop() if mine else self.rng.choice(self.kept)
            if aim["state"] in play["led_by_a"]:  # whose customer it is to be leads now, not after the handover
                company = replace(company, a=company.b, b=company.a)
            self._aimed(name, aim, Part(company, self._topic()), opened)
        for group in ("stock", "fresh"):
            wanted = play[group]
            for _ in range(min(self._many(wanted["count"]), len(places))):
                company = places.pop()
                self._fresh.append(company)
                part = Part(company, self._topic(), brisk=wanted.get("brisk", 1.0))
                low, high = wanted["days"]
                self._open(name, part, self._working(self.begin + timedelta(days=self.rng.uniform(low, high))), opened)
        for _ in range(self._many(play["overlap"]["count"])):
            company = self.rng.choice(self._fresh or self.kept)
            low, high = play["overlap"]["days"]
            moment = self._working(self.begin + timedelta(days=self.rng.uniform(low, high)))
            self._open(name, Part(company, self._topic()), moment, self._rival)

    def _centres(self, name: str, wanted: Mapping[str, Any]) -> None:
        """One for each unit that has managers, by its director, so many days before the end."""
        cast = self.player.cast
        days = max(wanted["least"], wanted["days_ago"] * self.size)
        for unit in cast.units:
            directors = [p.id for p in cast.of("director") if p.home == unit]
            if directors and cast.managers(unit):
                moment = self._working(self.now - timedelta(days=days + self.rng.uniform(0, 1)))
                self._open(name, Part(None, self._topic()), moment, lambda _, who=directors[0]: who)

    def _aimed(self, name: str, aim: Mapping[str, Any], part: Part, opened: Any) -> None:
        moment = self.now - HOUR * self.rng.uniform(*aim["stay"])
        lead = HOUR * self.rng.uniform(*aim["lead"]) if "lead" in aim else timedelta()
        since = self._working(moment - lead)
        if since > moment:
            since = moment - lead
        part.aim = Aim(aim["state"], moment)
        self._open(name, part, max(since, self.begin + timedelta(days=1)), opened)

    def _open(self, name: str, part: Part, at: datetime, opened: Any) -> None:
        self.player.at(at, lambda now: self.player.open(name, part, by=opened(part), at=now))

    def _part(self, play: Mapping[str, Any]) -> Part:
        company = None if play["by"] in ("reporter", "monthly", "manager", "centre") else self.rng.choice(self.kept)
        return Part(company, self._topic())

    def _opener(self, by: str) -> Any:
        """Who opens a case: `a`, the customer's manager; `anyone` who hears a customer; the director of
        a `centre`; or holders of a role."""
        cast = self.player.cast
        match by:
            case "a":
                return lambda part: part.company.a
            case "anyone":
                return self._hears
            case "reporter":
                return lambda part: self.rng.choice(cast.of("reporter")).id
            case "monthly" | "manager":
                return lambda part: self.rng.choice(cast.managers()).id
            case "clerk":
                return self._clerk
            case "centre":
                return lambda part: self.rng.choice([p for p in cast.of("director") if cast.managers(p.home)]).id
        raise ValueError(by)

    def _hears(self, part: Part) -> int:
        company = part.company
        if company is None or self.rng.random() < 0.25:
            return self.rng.choice(self.player.cast.of("account_administrator")).id
        return company.a if self.rng.random() < 0.4 else company.b

    def _clerk(self, part: Part) -> int:
        """An administrator over the customer's unit, who reads its file."""
        unit, over = part.company.unit if part.company else "", set()
        while unit:
            over.add(unit)
            unit = self.player.cast.parents[unit]
        clerks = self.player.cast.of("account_administrator")
        return self.rng.choice([p for p in clerks if p.home in over] or clerks).id

    def _rival(self, part: Part) -> int:
        """A manager of another unit who claims the same customer."""
        company = part.company
        others = [p.id for p in self.player.cast.managers() if company and p.home != company.unit]
        return self.rng.choice(others)

    def _call(self, low: float, high: float) -> datetime:
        """A moment at which customers call."""
        while True:
            day = self.player.calendar.local(self.begin + timedelta(days=self.rng.uniform(low, high)))
            if self.rng.random() * max(DAY_SHARES) <= DAY_SHARES[day.weekday()]:
                hour = self.rng.choices(range(24), HOUR_SHARES)[0]
                return day.replace(hour=hour, minute=self.rng.randint(0, 59), second=self.rng.randint(0, 59))

    def _working(self, moment: datetime) -> datetime:
        return at_work(moment, self.player.calendar, self.rng)

    def _topic(self) -> Mapping[str, Any]:
        return self.rng.choice(self.topics)

    def _many(self, count: int) -> int:
        return max(1, round(count * self.size))
