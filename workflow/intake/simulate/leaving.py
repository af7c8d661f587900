"""Managers who leave: a plan hands their customers over one by one, and nothing stays with whoever is not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from workflow.core.errors import Refused
from workflow.core.step import SYSTEM, Actor
from workflow.core.stints import OWNED
from workflow.intake.demo.companies import Company
from workflow.intake.demo.hours import at_work
from workflow.intake.demo.part import Part
from workflow.intake.demo.people import MANAGER, Person
from workflow.intake.simulate.actors import Actors
from workflow.intake.simulate.province import newcomers, person
from workflow.intake.simulate.tables import table
from workflow.service.views.tasks import TaskRow


@dataclass(slots=True)
class Plan:
    """Somebody's leaving: who comes instead, if anybody, the last day, and who is to get which customer.

    `case`: None until it is opened; `receivers`: by customer.
    """

    leaver: Person
    successor: Person | None
    until: datetime
    case: int | None
    receivers: dict[int, Person]


class Leaving:
    """Everybody who leaves, and who comes for them."""

    def __init__(self, actors: Actors, rng: Random, *, begin: datetime) -> None:
        self.actors = actors
        self.stage = actors.stage
        self.cast = actors.cast
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
            self._put(day, self._notice)

    def _put(self, day: datetime, act: Any) -> None:
        self.actors.at(at_work(day, self.actors.calendar, self.rng), act)

    def _notice(self, at: datetime) -> None:
        """Somebody says that they leave; a plan is made within days."""
        leaver = self._leaver()
        if leaver is None:
            return
        until = at_work(at + timedelta(days=self.rng.uniform(*self.rules["notice"])), self.actors.calendar, self.rng)
        successor = self._newcomer(leaver, at) if self.rng.random() < self.rules["replaced"] else None
        plan = Plan(leaver, successor, until, None, {})
        self._put(at + timedelta(days=self.rng.uniform(*self.rules["planned"])), lambda now: self._plan(plan, now))
        self.actors.at(until, lambda now: self._leave(plan, now))

    def _plan(self, plan: Plan, at: datetime) -> None:
        """A supervisor names who gets which customer; whether more than the limit is theirs the director says later."""
        rules, leaver = self.rules["plan"], plan.leaver
        found = self._customers(plan)
        by = self._over(leaver)
        if not found or by is None:
            return
        answers = {
            **rules["form"],
            rules["person"]: leaver.id,
            rules["last_day"]: self.actors.calendar.local(plan.until).date().isoformat(),
            rules["rows"]: found,
        }
        plan.case = self.actors.open(rules["definition"], Part(None, {}, wants=answers), by=by.id, at=at)
        self._put(at + timedelta(days=self.rng.uniform(*rules["beyond"]["after"])), lambda now: self._insist(plan, now))
        self._put(at + timedelta(days=rules["again"]["every"]), lambda now: self._name_again(plan, now))

    def _insist(self, plan: Plan, at: datetime) -> None:
        """A plan that was not begun, because somebody would have more than the limit, the director begins."""
        rules = self.rules["plan"]
        rows = {rules["rows"]: self._customers(plan)}
        if rows[rules["rows"]]:
            self._pull(plan, rules["beyond"], at, form=rows)

    def _name_again(self, plan: Plan, at: datetime) -> None:
        """Where handovers fell away and none is on its way, somebody else is named, until the last day."""
        again = self.rules["plan"]["again"]
        if at >= plan.until or plan.case is None:
            return
        if self.stage.current(plan.case).state in again["states"]:
            self._pull(plan, again, at, form={again["rows"]: self._customers(plan)})
        self._put(at + timedelta(days=again["every"]), lambda now: self._name_again(plan, now))

    def _settle(self, plan: Plan, at: datetime) -> None:
        """What is left of a plan when the person is gone is called off, as soon as no handover is on its way."""
        if not self._pull(plan, self.rules["plan"]["end"], at):
            self._put(at + timedelta(days=self.rules["plan"]["end"]["again"]), lambda now: self._settle(plan, now))

    def _pull(self, plan: Plan, move: dict[str, Any], at: datetime, *, form: dict[str, Any] | None = None) -> bool:
        """Make a move of the plan where it may be made; whether nothing is left of it to do, one way or the other."""
        if plan.case is None:
            return True
        scene = case, rules, _ = self.stage.scene(plan.case)
        if case.closed is not None:
            return True
        ways = rules.moves(case.state, move["trigger"])
        by = self.actors.somebody(scene, ways[0], at) if ways else None
        if by is None:
            return False
        try:
            answers = {**(form or {}), **move.get("form", {})}
            self.stage.perform(case.id, move["trigger"], actor=self.actors.actor(by, at), form=answers, at=at)
        except Refused:
            return False
        return True

    def _customers(self, plan: Plan) -> list[dict[str, Any]]:
        """The leaver's customers that are somebody's and not on their way yet, each with who is to get it."""
        rules = self.rules["plan"]
        rows = []
        for company in self._of(plan.leaver):
            record = self.stage.current(company.id).data
            mine = record.get("stage") in OWNED and plan.leaver.id in (record.get("a"), record.get("b"))
            if mine and rules["each"] not in self.stage.open_of(company.id):
                other = plan.receivers[company.id] = self._receiver(company, plan)
                rows.append({rules["customer"]: record["number"], rules["receiver"]: other.id})
        return rows

    def _over(self, leaver: Person) -> Person | None:
        """Who supervises or directs the lowest unit over the leaver and all the customers; somebody else."""
        units = {company.unit for company in self._of(leaver)} | {leaver.home}
        unit = leaver.home
        while unit:
            found = [p for role in self.rules["plan"]["by"] for p in self.cast.of(role) if p.home == unit]
            found = [p for p in found if p.id != leaver.id]
            if found and all(unit in self._above(one) for one in units):
                return found[0]
            unit = self.cast.parents[unit]
        return None

    def _above(self, unit: str) -> Iterator[str]:
        """A unit and those over it."""
        while unit:
            yield unit
            unit = self.cast.parents[unit]

    def _leave(self, plan: Plan, at: datetime) -> None:
        """Whatever is still the leaver's goes to somebody else, in the same hour."""
        leaver, successor = plan.leaver, plan.successor
        self.cast.gone.add(leaver.id)
        for company in self._of(leaver):
            pair = {"a": company.a, "b": company.b}
            mine = next(role for role, holder in pair.items() if holder == leaver.id)
            other = self._receiver(company, plan)
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
        self._settle(plan, at)

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

    def _receiver(self, company: Company, plan: Plan) -> Person:
        """Who gets a customer: who was named for it, the successor, else a colleague near by who does not have it."""
        taken = {plan.leaver.id, company.a, company.b} | self.going
        for known in (plan.receivers.get(company.id), plan.successor):
            if known is not None and known.id not in taken:
                return known
        unit = plan.leaver.home
        while unit:
            found = [p for p in self.cast.managers(unit) if p.id not in taken]
            if found:
                return self.rng.choice(found)
            unit = self.cast.parents[unit]
        return self.rng.choice([p for p in self.cast.managers() if p.id not in taken])

    def _colleague(self, leaver: Person, successor: Person | None) -> int:
        if successor is not None:
            return successor.id
        found = [p.id for p in self.cast.managers(leaver.home) if p.id not in self.going]
        return self.rng.choice(found or [p.id for p in self.cast.managers() if p.id not in self.going])

    def _of(self, leaver: Person) -> list[Company]:
        return [one for one in self.actors.companies.values() if leaver.id in (one.a, one.b)]
