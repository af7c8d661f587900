"""What people do beside the work itself: they comment, attach, ask colleagues, answer for what is overdue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from heapq import heappush
from random import Random
from typing import Any

from workflow.core.case import Case, Task
from workflow.core.definition.lifecycle import Definition
from workflow.core.errors import Refused
from workflow.core.step import Actor
from workflow.core.world import World
from workflow.intake.demo.companies import Company
from workflow.intake.demo.fill import Form, said
from workflow.intake.demo.hours import at_work
from workflow.intake.demo.newcomers import Newcomers
from workflow.intake.demo.part import Part
from workflow.intake.demo.people import Cast, Person
from workflow.intake.demo.stage import Stage
from workflow.intake.demo.tables import table

HOUR = timedelta(hours=1)
Scene = tuple[Case, Definition, World]


class Desk:
    """Everybody's desk. `now`: the end of the history; what would come later stays undone.

    `play`: who does what, how often, how quickly; the demonstration's when None.
    """

    def __init__(
        self,
        stage: Stage,
        cast: Cast,
        rng: Random,
        *,
        now: datetime,
        newcomers: Newcomers,
        play: Mapping[str, Any] | None = None,
    ) -> None:
        self.stage = stage
        self.cast = cast
        self.newcomers = newcomers
        self.rng = rng
        self.now = now
        self.play = table("play") if play is None else play
        self.parts: dict[int, Part] = {}
        self.companies: dict[int, Company] = {}
        """Those whose managers are to be followed, by customer."""
        self.calendar = stage.library.calendars["working"]
        self.chances: Mapping[str, float] = self.play["chances"]
        self._agenda: list[tuple[datetime, int, Callable[[datetime], object]]] = []
        self._count = 0

    def at(self, moment: datetime, act: Callable[[datetime], object]) -> None:
        """Something to do at a moment; nothing when that is after the end."""
        if moment <= self.now:
            self._count += 1
            heappush(self._agenda, (moment, self._count, act))

    def actor(self, person: int, at: datetime) -> Actor:
        """The person, or whoever stands in."""
        other = self.cast.stand_in(person, at)
        return Actor(person) if other is None else Actor(other, person)

    def _try(self, act: Callable[[], Any]) -> bool:
        """Do something that the rules may refuse; the refusal is on record."""
        try:
            act()
        except Refused:
            return False
        return True

    def _delegate(self, scene: Scene, task: Task, at: datetime) -> bool:
        case, _, world = scene
        company = self.parts[case.id].company
        team = (company.a, company.b) if company else ()  # one of them may have to look at what the other did
        others = [p for p in world.directory.holders(task.role, task.unit, at) if p not in (task.assignee, *team)]
        assignee = task.assignee
        if not others or assignee is None:
            return False
        to, note = self.rng.choice(others), self.rng.choice(table("words")["texts"]["notes"])
        return self._try(lambda: self.stage.delegate(case.id, task.no, to=to, note=note,
                                                           actor=self.actor(assignee, at), at=at))  # fmt: skip

    def _said(self, text: str, part: Part, case: Case, person: int, at: datetime) -> str:
        """A sentence of the tables, with what stands in the case."""
        rules = self.stage.library.get(case.definition, case.version)
        return said(Form(rules, part, self.cast, self.rng, person, at, case.data, {}), text)

    def _comment(self, part: Part, case: Case, person: int, at: datetime) -> None:
        login = self.rng.choice([p.login for p in self._near(person)])
        text = self.rng.choice(table("words")["texts"]["comments"]).replace("{login}", login)
        self._try(lambda: self.stage.comment(case.id, self._said(text, part, case, person, at),
                                             actor=self.actor(person, at), at=at))  # fmt: skip

    def _attach(self, part: Part, case: Case, person: int, at: datetime) -> None:
        name, text = self.rng.choice(table("words")["texts"]["files"])
        content = self._said(text, part, case, person, at).encode()
        self.stage.commit()  # a file hangs on the row of its case
        self._try(lambda: self.stage.attach(case.id, name, content, type="text/plain", actor=self.actor(person, at),
                                            at=at))  # fmt: skip

    def _near(self, person: int) -> list[Person]:
        home = self.cast.people[person].home
        near = [p for p in self.cast.people.values() if p.home in (home, self.cast.parents[home]) and p.id != person]
        return near or list(self.cast.people.values())

    def _acknowledge(self, case: Case, no: int, persons: Iterable[int], at: datetime) -> None:
        if self.rng.random() >= self.chances["acknowledge"]:
            return
        person = self.rng.choice([*persons])
        note = self.rng.choice(table("words")["texts"]["acks"])
        moment = at_work(at + HOUR * self.rng.uniform(0.3, 9), self.calendar, self.rng)

        def act(now: datetime) -> None:
            if any(e.no == no for e in self.stage.current(case.id).escalations):
                self._try(lambda: self.stage.acknowledge(case.id, no, actor=self.actor(person, now), note=note, at=now))
                if self.rng.random() < self.chances["reassign"]:
                    self._reassign(case.id, person, now)

        self.at(moment, act)

    def _reassign(self, case_id: int, by: int, at: datetime) -> None:
        """Give the work of somebody who does not come to it to a colleague."""
        case, _, world = self.stage.scene(case_id)
        for task in case.tasks:
            others = [p for p in world.directory.holders(task.role, task.unit, at) if p not in (task.assignee, by)]
            if task.assignee is not None and others:
                to, reason = self.rng.choice(others), self.rng.choice(table("words")["texts"]["reassigned"])
                self._try(partial(self.stage.reassign, case_id, task.no, to=to, reason=reason,
                                  actor=self.actor(by, at), at=at))  # fmt: skip
                return
