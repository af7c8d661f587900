"""Managers who leave: their customers go to others one by one, and nothing stays with whoever is no longer there."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from workflow.core.errors import Refused
from workflow.core.step import SYSTEM, Actor
from workflow.intake.demo.companies import Company
from workflow.intake.demo.hours import at_work
from workflow.intake.demo.people import MANAGER, Person
from workflow.intake.simulate.actors import Actors
from workflow.intake.simulate.province import newcomers, person
from workflow.intake.simulate.tables import table
from workflow.service.views import TaskRow

AGAIN = timedelta(days=3)
"""After which a change of managers that was refused is tried again."""


class Leaving:
    """Everybody who leaves, and who comes for them."""

    def __init__(self, actors: Actors, companies: list[Company], rng: Random, *, begin: datetime) -> None:
        self.actors = actors
        self.stage = actors.stage
        self.cast = actors.cast
        self.companies = companies
        self.rng = rng
        self.begin = begin
        self.rules = table("province")["leaving"]
        self.newcomers = newcomers(rng)
        self.going: set[int] = set()

    def write(self) -> None:
        """Put notices on the players' agenda: so many of the managers a year, at any time."""
        days = (self.actors.now - self.begin).days
        longest = self.rules["notice"][1] + 5
        first = min(90, max(days - longest, 0) / 2)
        expected = len(self.cast.managers()) * self.rules["a_year"] * days / 365
        for _ in range(max(1, round(expected))):
            day = self.begin + timedelta(days=self.rng.uniform(first, max(days - longest, first)))
            self.actors.at(at_work(day, self.actors.calendar, self.rng), self._notice)

    def _notice(self, at: datetime) -> None:
        """Somebody says that they leave; a colleague or a newcomer gets each customer."""
        leaver = self._leaver()
        if leaver is None:
            return
        until = at_work(at + timedelta(days=self.rng.uniform(*self.rules["notice"])), self.actors.calendar, self.rng)
        successor = self._newcomer(leaver, at) if self.rng.random() < self.rules["replaced"] else None
        for company in self._of(leaver):
            day = at_work(at + timedelta(days=self.rng.uniform(0.1, 8)), self.actors.calendar, self.rng)
            self._change(company, leaver, successor, day, until)
        self.actors.at(until, lambda now: self._leave(leaver, successor, now))

    def _change(
        self, company: Company, leaver: Person, successor: Person | None, day: datetime, until: datetime
    ) -> None:
        """The customer's case is handed to others; refused ones are tried again until the leaver goes."""

        def act(now: datetime) -> None:
            case = self.actors.cases.get((self.rules["definition"], company.id))
            if case is None or leaver.id not in (company.a, company.b):
                return
            scene = self.stage.scene(case)
            ways = scene[1].moves(scene[0].state, self.rules["trigger"])
            by = self.actors.somebody(scene, ways[0], now) if ways else None
            other = self._receiver(company, leaver, successor)
            if scene[0].state == self.rules["state"] and by is not None:
                role = "a" if company.a == leaver.id else "b"
                form = {**self.rules["form"], self.rules["newcomers"][role]: other.id}
                try:
                    self.stage.perform(case, ways[0].trigger, actor=self.actors.actor(by, now), form=form, at=now)
                except Refused:
                    self._change(company, leaver, successor, now + AGAIN, until)

        if day < until:
            self.actors.at(at_work(day, self.actors.calendar, self.rng), act)

    def _leave(self, leaver: Person, successor: Person | None, at: datetime) -> None:
        """Whatever is still the leaver's goes to somebody else, in the same hour."""
        self.cast.gone.add(leaver.id)
        for company in self._of(leaver):
            pair = {"a": company.a, "b": company.b}
            mine = next(role for role, holder in pair.items() if holder == leaver.id)
            other = self._receiver(company, leaver, successor)
            self.stage.change_customer(company.id, {mine: other.id}, actor=SYSTEM, reason=self.rules["reason"], at=at)
            setattr(company, mine, other.id)
        self.stage.commit()
        for row in self._tasks(leaver):
            to = (
                row.assignee.id if row.assignee and row.assignee.id != leaver.id else self._colleague(leaver, successor)
            )
            by = row.owner.id if row.owner else leaver.id
            self.stage.reassign(row.case, row.no, to=to, reason=self.rules["reason"], actor=Actor(by), at=at)
        for unit, role in leaver.units:
            self.stage.revoke(leaver.id, self.cast.units[unit], role, actor=SYSTEM, at=at)
        self.stage.change_person(leaver.id, {"active": False}, actor=SYSTEM, at=at)

    def _tasks(self, leaver: Person) -> list[TaskRow]:
        """What the leaver has to do, and what others do for the leaver and would give back."""
        found: dict[tuple[int, int], TaskRow] = {}
        for page_of in (self.stage.inbox, self.stage.delegated):
            after: str | None = None
            while True:
                page = page_of(Actor(leaver.id), after=after)
                found |= {(row.case, row.no): row for row in page.rows if row.behalf is None}
                after = page.next
                if after is None:
                    break
        return list(found.values())

    def _leaver(self) -> Person | None:
        """Somebody whose unit can do without."""
        found = [p for p in self.cast.managers() if p.id not in self.going and len(self.cast.managers(p.home)) > 1]
        if not found:
            return None
        one = self.rng.choice(found)
        self.going.add(one.id)
        return one

    def _newcomer(self, leaver: Person, at: datetime) -> Person:
        """Somebody new in the leaver's unit."""
        login, zh, en = next(self.newcomers)
        unit = leaver.home
        _, _, _, _, pace = person((login, zh, en), unit, MANAGER, self.rng)
        email = f"{login}@yunling-post.example"
        new = self.stage.add_person(login, name_zh=zh, name_en=en, email=email, actor=SYSTEM, at=at)
        self.stage.grant(new, self.cast.units[unit], MANAGER, actor=SYSTEM, at=at)
        found = Person(new, login, zh, ((unit, MANAGER),), pace)
        self.cast.people[new] = found
        return found

    def _receiver(self, company: Company, leaver: Person, successor: Person | None) -> Person:
        """Who gets a customer: the successor, else a colleague near by who does not have it already."""
        taken = {leaver.id, company.a, company.b}
        if successor is not None and successor.id not in taken:
            return successor
        unit = leaver.home
        while unit:
            found = [p for p in self.cast.managers(unit) if p.id not in taken | self.going]
            if found:
                return self.rng.choice(found)
            unit = self.cast.parents[unit]
        return self.rng.choice([p for p in self.cast.managers() if p.id not in taken | self.going])

    def _colleague(self, leaver: Person, successor: Person | None) -> int:
        if successor is not None:
            return successor.id
        found = [p.id for p in self.cast.managers(leaver.home) if p.id not in self.going]
        return self.rng.choice(found or [p.id for p in self.cast.managers() if p.id not in self.going])

    def _of(self, leaver: Person) -> list[Company]:
        return [company for company in self.companies if leaver.id in (company.a, company.b)]
