"""Plans of the demonstration: somebody's customers are handed over, and part of it is done by now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from workflow.core.stints import OWNED, owner
from workflow.intake.demo.companies import Company
from workflow.intake.demo.hours import at_work
from workflow.intake.demo.part import Part
from workflow.intake.demo.people import Person
from workflow.intake.demo.player import Player

KEPT = "maintained"
OVER = ("supervisor", "director")
"""Who makes a plan, of the unit or the nearest one above."""


class Plans:
    """Puts the plans on the player's agenda; what they are called and asked for stands in the table of the play."""

    def __init__(self, player: Player, companies: list[Company], rng: Random) -> None:
        self.player = player
        self.companies = companies
        self.rng = rng

    def write(self) -> None:
        for name, play in self.player.play.items():
            for row in play.get("plans", ()):
                moment = at_work(self.player.now - timedelta(days=row["days_ago"]), self.player.calendar, self.rng)
                self.player.at(moment, partial(self._open, name, play, row))

    def _open(self, name: str, play: Mapping[str, Any], row: Mapping[str, Any], at: datetime) -> None:
        """Whoever is over the manager with the most customers says who gets some of them."""
        leaver = self._leaver(row)
        by = None if leaver is None else self._over(leaver)
        if leaver is None or by is None:
            return
        words = play["plan"]
        rows = [
            {words["customer"]: self._record(company)["number"], words["receiver"]: receiver.id}
            for company, receiver in self._receivers(leaver, row["most"])
        ]
        if rows:
            last = self.player.calendar.local(self.player.now + timedelta(days=row["last_day"])).date().isoformat()
            answers = {**row["form"], words["person"]: leaver.id, words["last_day"]: last, words["rows"]: rows}
            self.player.open(name, Part(None, {}, brisk=row["brisk"], wants=answers), by=by.id, at=at)

    def _leaver(self, row: Mapping[str, Any]) -> Person | None:
        """The one named; where nobody is called so, or has no customer, the manager with the most customers."""
        named = next((p for p in self.player.cast.managers() if p.login == row["who"]), None)
        if named is not None and self._of(named):
            return named
        return max(self.player.cast.managers(), key=lambda p: (len(self._of(p)), -p.id), default=None)

    def _receivers(self, leaver: Person, most: int) -> list[tuple[Company, Person]]:
        """Some of the customers, each for who leads the fewest, so that nobody gets more than they may (003 §3.2)."""
        cast = self.player.cast
        has = Counter(owner(self._record(company)) for company in self.companies)
        room = [p for p in cast.managers() if p.id != leaver.id]
        found = []
        for company in self._of(leaver)[:most]:
            free = [p for p in room if p.id not in (company.a, company.b)]
            best = min(free, key=lambda p: (has[p.id], p.id), default=None)
            if best is not None:
                has[best.id] += 1
                found.append((company, best))
        return found

    def _of(self, person: Person) -> list[Company]:
        """The customers a manager has, of the units of whoever makes the plan; those that are looked after first."""
        over = self._over(person)
        below = set() if over is None else self._below(over.home)
        records = {company.id: self._record(company) for company in self.companies}
        # A customer that is wanted in a certain state at the end is left alone.
        parts = self.player.parts.values()
        wanted = {part.company.id for part in parts if part.company and (part.held or part.aim)}
        found = [
            company
            for company in self.companies
            if person.id in (records[company.id].get("a"), records[company.id].get("b"))
            and records[company.id].get("stage") in OWNED
            and records[company.id].get("unit") in below
            and company.id not in wanted
        ]
        return sorted(found, key=lambda one: records[one.id].get("stage") != KEPT)

    def _below(self, code: str) -> set[int]:
        """The unit of a code and those under it."""
        cast = self.player.cast
        found, waiting = set(), [code]
        while waiting:
            unit = waiting.pop()
            found.add(cast.units[unit])
            waiting.extend(one for one, parent in cast.parents.items() if parent == unit)
        return found

    def _record(self, company: Company) -> Mapping[str, Any]:
        return self.player.stage.current(company.id).data

    def _over(self, person: Person) -> Person | None:
        cast, unit = self.player.cast, person.home
        while unit:
            found = [p for role in OVER for p in cast.of(role) if p.home == unit and p.id != person.id]
            if found:
                return found[0]
            unit = cast.parents[unit]
        return None
