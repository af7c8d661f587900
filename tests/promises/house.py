"""A small house to live lifecycles in: people act, time passes, somebody looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from workflow import Actor, Workflow
from workflow.core.case import Case, Clock, Escalation
from workflow.core.errors import Refused
from workflow.core.moments import moment_of
from workflow.core.step import SYSTEM
from workflow.core.work import StartForm

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI).astimezone(UTC)
"""A working Monday without a holiday near: where every story begins."""

UNITS = {
    "province": ("province", None),
    "city": ("city", "province"),
    "east": ("county", "city"),
    "west": ("county", "city"),
    "sorting": ("bureau", "city"),
}
"""Name, kind, and the unit above."""

PEOPLE = {
    "shen": ("province", ("director", "supervisor")),
    "chu": ("city", ("director",)),
    "cao": ("city", ("supervisor",)),
    "cheng": ("city", ("account_administrator",)),
    "dong": ("east", ("director",)),
    "du": ("east", ("supervisor",)),
    "dai": ("east", ("account_administrator",)),
    "li": ("east", ("account_manager",)),
    "wang": ("east", ("account_manager",)),
    "sun": ("east", ("account_manager",)),
    "gui": ("east", ("reporter",)),
    "pan": ("east", ("project_manager",)),
    "xi": ("west", ("director", "supervisor")),
    "zhao": ("west", ("account_manager",)),
    "qian": ("west", ("account_manager",)),
    "fen": ("sorting", ("department",)),
}
"""Login, unit, and the roles held there."""


@dataclass
class House:
    """The organisation, its customer, and the clock. `people`, `units`: ids by the names above."""

    workflow: Workflow
    people: Mapping[str, int]
    units: Mapping[str, int]
    customer: int
    now: datetime = MONDAY

    def open(self, definition: str, *, by: str, unit: str | None = None, about: bool = True, **form: Any) -> Story:
        """`about`: the case is about the customer of the house."""
        place = self.units[unit] if unit else None
        customer = self.customer if about else None
        case = self.workflow.open(
            definition, customer=customer, actor=self.actor(by), unit=place, data=form, at=self.now
        )
        return Story(self, case.id)

    def actor(self, login: str) -> Actor:
        return Actor(self.people[login])

    def person(self, login: str) -> int:
        return self.people[login]

    def grant(self, login: str, unit: str, role: str) -> None:
        """Let somebody hold one role more, from now on."""
        self.workflow.grant(self.person(login), self.units[unit], role, actor=SYSTEM, at=self.now)

    def regrade(self, tier: str) -> None:
        self.workflow.change_customer(self.customer, {"tier": tier}, actor=SYSTEM, at=self.now)

    def wait(self, **length: float) -> None:
        """Let time pass, with a scheduler that is never late."""
        self.wait_until(self.now + timedelta(**length))

    def wait_until(self, moment: datetime) -> None:
        due = self._fire(self.now)
        while due is not None and due <= moment:
            self.now = max(self.now, due)
            due = self._fire(self.now)
        self.now = moment

    def local(self, month: int, day: int, hour: int = 9, minute: int = 0, *, year: int = 2026) -> datetime:
        return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)

    def record(self) -> Mapping[str, Any]:
        """The customer's own record."""
        return self.workflow.as_of(self.customer, self.now, SYSTEM).data

    def record_until(self) -> datetime | None:
        """When the customer's exclusive window ends, as its record says."""
        until = self.record()["until"]
        return None if until is None else moment_of(until)

    def _fire(self, at: datetime) -> datetime | None:
        fired = self.workflow.fire_due(at)
        assert not fired.failed
        return fired.next_due


@dataclass
class Story:
    """One case of the house."""

    house: House
    id: int
    _seen: list[Any] = field(default_factory=list)

    @property
    def case(self) -> Case:
        return self.house.workflow.as_of(self.id, self.house.now, SYSTEM)

    @property
    def state(self) -> str:
        return self.case.state

    def do(self, trigger: str, *, by: str, **form: Any) -> Story:
        self.house.workflow.perform(self.id, trigger, actor=self.house.actor(by), form=form, at=self.house.now)
        return self

    def begin(self, trigger: str, link: str, *, by: str, about: int | None = None, **answers: Any) -> Story:
        """Do what opens a case whose start form is filled in; gives that case. `about`: the customer chosen."""
        start = StartForm(answers, about)
        self.house.workflow.perform(self.id, trigger, actor=self.house.actor(by), start=start, at=self.house.now)
        return self.linked(link)

    def done(self, task: str, *, by: str, **form: Any) -> Story:
        no = next(t.no for t in self.case.tasks if t.name == task)
        self.house.workflow.done(self.id, no, actor=self.house.actor(by), form=form, at=self.house.now)
        return self

    def refused(self, trigger: str, *, by: str, **form: Any) -> Refused:
        """Try what must be refused; the case must not have moved."""
        before = self.case
        with pytest.raises(Refused) as caught:
            self.do(trigger, by=by, **form)
        assert self.case == before
        return caught.value

    def clock(self, name: str) -> Clock:
        found = self.case.clock(name)
        assert found is not None, f"clock {name} never ran"
        return found

    def runs(self, name: str) -> list[Clock]:
        return [clock for clock in self.case.clocks if clock.name == name]

    def escalations(self) -> list[tuple[int, tuple[str, ...]]]:
        """Open escalations: level and logins, in order."""
        return [(e.level, self._logins(e.persons)) for e in self.case.escalations]

    def escalation(self, level: int) -> Escalation:
        return next(e for e in self.case.escalations if e.level == level)

    def work(self) -> dict[str, str | None]:
        """Open tasks, with whose each is; None: it waits in a queue."""
        names = {number: login for login, number in self.house.people.items()}
        return {t.name: None if t.assignee is None else names[t.assignee] for t in self.case.tasks}

    def due(self, task: str) -> datetime | None:
        return next(t.due for t in self.case.tasks if t.name == task)

    def linked(self, link: str) -> Story:
        """The latest linked case of that name."""
        return self.all_linked(link)[-1]

    def linked_count(self, link: str) -> int:
        return len(self.all_linked(link))

    def all_linked(self, link: str) -> list[Story]:
        """In the order they were opened in."""
        return [Story(self.house, case) for case in sorted(x.case for x in self.case.links if x.name == link)]

    def notices(self, kind: str | None = None) -> list[tuple[datetime, str, tuple[str, ...]]]:
        """Messages decided on so far: when, what kind, to whom."""
        found = []
        for step in self.house.workflow.history(self.id, SYSTEM):
            for name, body in step.ops:
                if name == "notice" and kind in (None, body["kind"]):
                    found.append((step.effective, body["kind"], self._logins(body["to"])))
        return found

    def told(self) -> int:
        """How many messages went to the customer."""
        return len(self.notices("tell"))

    def triggers(self) -> list[tuple[str, str]]:
        """The history: what happened, by itself or by whom."""
        return [(step.kind, step.trigger) for step in self.house.workflow.history(self.id, SYSTEM)]

    def _logins(self, persons: Any) -> tuple[str, ...]:
        names = {number: login for login, number in self.house.people.items()}
        return tuple(names[p] for p in persons)
