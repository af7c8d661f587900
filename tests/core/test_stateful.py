"""The two main lifecycles under any commands in any order, shrunk to the shortest story that breaks them."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.core.test_histories import Paper
from tests.support.answers import answers
from tests.support.office import library
from workflow.core import authority, decide, desk
from workflow.core.codec import case_body
from workflow.core.errors import Refused
from workflow.core.step import Actor

PERSONS = st.integers(1, 8)
CHOICES = st.integers(0, 1000)
RANDOM = st.randoms(use_true_random=False)


class Lifecycle(RuleBasedStateMachine):
    """People pull what they may and what they may not; time passes; linked cases end."""

    name: str
    paper: Paper

    @initialize(rng=RANDOM)
    def opened(self, rng: Random) -> None:
        self.paper = Paper(library().latest[self.name], rng)

    @rule(choice=CHOICES, rng=RANDOM)
    def pull_what_is_possible(self, choice: int, rng: Random) -> None:
        paper = self.paper
        able = [
            (person, way)
            for person in range(1, 9)
            for way, against in authority.possible(
                paper.definition, paper.case, paper.world(), actor=Actor(person), at=paper.now
            )
            if against is None
        ]
        if able:
            person, way = able[choice % len(able)]
            self.pull(person, way, rng)

    @rule(person=PERSONS, choice=CHOICES, rng=RANDOM)
    def pull_anything(self, person: int, choice: int, rng: Random) -> None:
        ways = self.paper.definition.transitions
        self.pull(person, ways[choice % len(ways)], rng)

    @rule(
        person=PERSONS, to=PERSONS, choice=CHOICES, kind=st.sampled_from(("claim", "release", "delegate", "reassign"))
    )
    def handle_a_task(self, person: int, to: int, choice: int, kind: str) -> None:
        paper = self.paper
        tasks = [t.no for t in paper.case.tasks] or [choice]
        no = tasks[choice % len(tasks)]
        beside = {"delegate": (to, "请代办"), "reassign": (to, "负荷过重")}.get(kind, ())
        work = desk.Desk(
            paper.definition, paper.case, paper.world(), actor=Actor(person), at=paper.now, recorded=paper.now
        )
        self.refusable(lambda: getattr(work, kind)(no, *beside))

    @rule(hours=st.sampled_from((0.5, 6, 24, 49, 200, 1500)))
    def time_passes(self, hours: float) -> None:
        self.paper.wait(timedelta(hours=hours))

    @rule(minutes=st.integers(1, 600))
    def the_clock_jumps_back(self, minutes: int) -> None:
        """The door never lets the moments of a case fall; the rules are asked at the moment it gives them."""
        earlier = self.paper.now - timedelta(minutes=minutes)
        self.paper.now = max(earlier, self.paper.case.written or earlier)

    def pull(self, person: int, way: Any, rng: Random) -> None:
        paper = self.paper
        form = answers(paper.definition, way.form, rng, at=paper.now, persons=(1, 2, 3), units=(1, 2))
        self.refusable(
            lambda: decide.perform(
                paper.definition, paper.case, paper.world(), trigger=way.trigger, form=form, actor=Actor(person),
                at=paper.now, recorded=paper.now,
            )
        )  # fmt: skip

    def refusable(self, command: Any) -> None:
        before = case_body(self.paper.case)
        try:
            self.paper.keep(command())
        except Refused:
            assert case_body(self.paper.case) == before

    @invariant()
    def the_history_gives_the_case_and_nothing_waits_unseen(self) -> None:
        if hasattr(self, "paper"):
            self.paper.prove()


class AccountLifecycle(Lifecycle):
    name = "account"


class ComplaintLifecycle(Lifecycle):
    name = "complaint"


STORY = settings(
    max_examples=25,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestAccount = AccountLifecycle.TestCase
TestAccount.settings = STORY
TestComplaint = ComplaintLifecycle.TestCase
TestComplaint.settings = STORY
