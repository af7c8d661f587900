"""Whatever people and time do, the history gives the case, and nothing waits unseen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.answers import answers
from tests.support.office import library
from tests.support.random_definitions import sound_definitions
from workflow.core import authority, decide, desk, unasked
from workflow.core.case import Case
from workflow.core.codec import case_body, case_from
from workflow.core.definition.expressions import Text
from workflow.core.definition.fields import FormField
from workflow.core.definition.figures import Draft
from workflow.core.definition.lifecycle import Definition
from workflow.core.directory import Directory, Membership, Person, Unit
from workflow.core.errors import Refused
from workflow.core.replay import replay
from workflow.core.step import Actor, Step
from workflow.core.work import Decision
from workflow.core.world import Asking, Customer, World
from workflow.definitions.load import loads

START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
TRIES = 200
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ROLES = ("account_manager", "account_administrator", "director", "supervisor", "department", "project_manager")
DIRECTORY = Directory(
    1,
    [Unit(1, "p", Text("省", "P"), "province", None), Unit(2, "c", Text("市", "C"), "city", 1)],
    [Person(n, f"p{n}", Text(f"人{n}", f"P{n}")) for n in range(1, 9)],
    [Membership(n, 1 + (n > 2), ROLES[n % len(ROLES)], LONG_AGO) for n in range(1, 9)]
    + [Membership(7, 2, "account_manager", LONG_AGO)],
)


class Paper:
    """One case on paper: the rules and the fold, without a database."""

    def __init__(self, definition: Definition, rng: Random) -> None:
        self.definition = definition
        self.rng = rng
        self.now = START
        self.steps: list[Step] = []
        self.vault: dict[str, str | None] = {}
        self.ids = count(100)
        self.refused = 0
        self.case = self.keep(self._opened())

    def _opened(self) -> Decision:
        """The first of what somebody tries that the lifecycle lets be opened."""
        for _ in range(TRIES):
            form = self.definition.start_form
            given = answers(self.definition, form, self.rng, at=self.now, persons=(1, 2, 3), units=(1, 2))
            try:
                return decide.open_case(
                    self.definition, self.world(), case_id=1, number="X1", customer=5, unit=2, actor=Actor(1),
                    at=self.now, recorded=self.now, parent=self._parent(), link="made", form=None, given=given,
                )  # fmt: skip
            except Refused:
                self.refused += 1
        raise AssertionError(f"{self.definition.name} is never opened")

    def _parent(self) -> Case:
        return Case(id=9, kind="case", number="P9", definition="p", version=1, state="s", seq=1, opened=self.now)

    def world(self) -> World:
        team = Customer(id=5, number="1", name="客户", tier="gold", stage="maintained", unit=2, a=7, b=1)
        return World(
            directory=DIRECTORY,
            calendars=library().calendars,
            vault=self.vault,
            customer=team,
            open_cases=list,
            new_id=lambda: next(self.ids),
            salt=lambda: self.rng.randbytes(16),
            definition=lambda name: self.definition,
            figures=self.figures,
        )

    def figures(self, draft: Draft, asking: Asking) -> Mapping[str, Any]:
        """Any that fit: how they are counted is not told on paper."""
        fields = tuple(FormField(name) for name in draft.values)
        found = answers(self.definition, fields, self.rng, at=self.now, persons=(1, 2, 3), units=(1, 2))
        averages = [name for name, figure in draft.values.items() if figure.kind == "average"]
        return found | {name: f"{self.rng.randint(0, 99) / 10}" for name in averages}

    def keep(self, decision: Decision) -> Case:
        assert decision.case is not None
        self.steps.extend(decision.steps)
        self.case = decision.case
        self.prove()
        return self.case

    def prove(self) -> None:
        folded = replay(self.steps)
        assert folded == self.case
        assert case_from(case_body(self.case)) == self.case
        final = self.definition.states[self.case.state].final
        assert final == (self.case.closed is not None)
        assert final or self.case.tasks or self.case.timers or any(x.outcome is None for x in self.case.links)

    def act(self) -> None:
        """Somebody tries something, allowed or not; a refusal changes nothing."""
        before, steps = case_body(self.case), len(self.steps)
        try:
            self._try()
        except Refused:
            self.refused += 1
            assert (case_body(self.case), len(self.steps)) == (before, steps)

    def _try(self) -> None:
        actor = Actor(self.rng.randint(1, 8))
        case, definition, world = self.case, self.definition, self.world()
        at = {"actor": actor, "at": self.now, "recorded": self.now}
        task = self.rng.choice([t.no for t in case.tasks] or [1])
        kind = self.rng.choice(
            ("perform", "perform", "perform", "perform", "done", "claim", "release", "delegate", "say")
        )
        if kind == "perform":
            able = [
                (person, way)
                for person in range(1, 9)
                for way, against in authority.possible(definition, case, world, actor=Actor(person), at=self.now)
                if against is None
            ]
            going_on = [(p, w) for p, w in able if w.target is None or not definition.states[w.target].final]
            able = going_on if going_on and self.rng.random() < 0.95 else able
            onward = [(p, w) for p, w in able if w.target not in (None, case.state)]
            able = onward if onward and self.rng.random() < 0.7 else able
            person, way = self.rng.choice(able or [(1, self.rng.choice(definition.transitions))])
            if self.rng.random() < 0.1:  # something that is not allowed
                person, way = self.rng.randint(1, 8), self.rng.choice(definition.transitions)
            at["actor"] = Actor(person)
            form = answers(definition, way.form, self.rng, at=self.now, persons=(1, 2, 3), units=(1, 2))
            self.keep(decide.perform(definition, case, world, trigger=way.trigger, form=form, **at))
        elif kind == "done":
            self.keep(decide.done(definition, case, world, task=task, form={}, **at))
        else:
            work = desk.Desk(definition, case, world, **at)
            if kind == "say":
                self.keep(work.comment("好"))
            elif kind == "delegate":
                self.keep(work.delegate(task, self.rng.randint(1, 8), "请代办"))
            else:
                self.keep(getattr(work, kind)(task))

    def wait(self, span: timedelta) -> None:
        """Time passes, and what is due happens in order."""
        self.now += span
        while due := [t for t in self.case.timers if t.due <= self.now]:
            timer = min(due, key=lambda t: (t.due, t.no))
            self.keep(unasked.fire(self.definition, self.case, self.world(), timer, recorded=self.now))
        for link in self.case.links:
            if link.outcome is None and self.rng.random() < 0.5:
                rule = self.definition.links[link.name]
                outcome = self.rng.choice(list(rule.on_closed) or ["done"])
                args = {"child": link.case, "outcome": outcome, "at": self.now, "recorded": self.now}
                self.keep(unasked.linked(self.definition, self.case, self.world(), **args))


def drive(paper: Paper, commands: int) -> None:
    for _ in range(commands):
        if paper.rng.random() < 0.35:
            paper.wait(timedelta(hours=paper.rng.choice((1, 5, 24, 80, 400) if paper.rng.random() < 0.2 else (1, 5))))
        else:
            paper.act()


SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(text=sound_definitions(), seed=st.integers(0, 2**32))
def test_any_sound_lifecycle_replays_to_the_case_it_made(text: str, seed: int) -> None:
    drive(Paper(loads(text, calendars=library().calendars), Random(seed)), 25)


@pytest.mark.parametrize("name", sorted(library().latest))
@settings(max_examples=12, deadline=None, suppress_health_check=SLOW)
@given(seed=st.integers(0, 2**32))
def test_every_lifecycle_of_the_product_replays_to_the_case_it_made(name: str, seed: int) -> None:
    drive(Paper(library().latest[name], Random(seed)), 40)


def test_the_commands_reach_most_states() -> None:
    """What the two tests above walk through is not the first state only."""
    for name in ("account", "complaint"):
        states = set(library().latest[name].states)
        seen: set[str] = set()
        for seed in range(120):
            paper = Paper(library().latest[name], Random(seed))
            drive(paper, 160)
            seen |= {step.to_state for step in paper.steps}
            if len(seen) >= 0.7 * len(states):
                break
        assert len(seen) >= 0.7 * len(states), f"{name}: never in {sorted(states - seen)}"
