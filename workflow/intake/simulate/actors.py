"""The demonstration's player with what a long simulation adds: measured lengths, trying what nobody has tried yet,
and days on which no scheduler is alive.
"""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

from workflow.core.case import Case, Task
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import TaskRule, Transition
from workflow.intake.demo.desk import HOUR, Scene
from workflow.intake.demo.hours import at_work
from workflow.intake.demo.newcomers import Newcomers
from workflow.intake.demo.part import Part
from workflow.intake.demo.people import Cast
from workflow.intake.demo.player import Player
from workflow.intake.demo.stage import Stage
from workflow.intake.simulate.durations import drawn
from workflow.intake.simulate.tables import habits

OFTEN = 4
"""Of so many cases that time is to move on, one will not be moved by somebody else before."""

Outage = tuple[datetime, datetime]


class Actors(Player):
    """`outages`: from when to when nothing happens by itself, the earliest first."""

    def __init__(
        self, stage: Stage, cast: Cast, rng: Random, *, now: datetime, newcomers: Newcomers, outages: list[Outage]
    ) -> None:
        super().__init__(stage, cast, rng, now=now, newcomers=newcomers, play=habits())
        self._outages = outages
        self._tried: set[tuple[str, str, str]] = set()
        self._left: dict[tuple[str, str], int] = {}
        """How often work was left lying in a state, so that time would move it."""

    def time(self, moment: datetime) -> None:
        """In an outage nothing happens by itself; when it is over, all that came due meanwhile happens then."""
        while self._outages and moment >= self._outages[0][0]:
            since, until = self._outages[0]
            if self.stage.alive_until != since:
                self.stage.fire_due(since)
                self.stage.alive(since)
            if moment < until:
                return
            self._outages.pop(0)
            self.stage.fire_late(until)
        super().time(moment)

    def takes(self, pace: Any) -> float:
        """A length named by a word was measured."""
        return drawn(pace, self.rng) if isinstance(pace, str) else super().takes(pace)

    def _arrived(self, part: Part, scene: Scene, at: datetime) -> None:
        super()._arrived(part, scene, at)
        case, rules, _ = scene
        offered = {trigger for task in rules.states[case.state].tasks for trigger in task.triggers}
        for way in rules.transitions:
            fresh = case.state in way.sources and way.by and way.trigger not in offered
            if fresh and self._untried(rules, way.trigger, case.state) and self._curious():
                self._try_out(part, case, way, at)

    def _try_out(self, part: Part, case: Case, way: Transition, at: datetime) -> None:
        """Somebody does, a little later, what nobody has done yet."""

        def act(now: datetime) -> None:
            scene = self.stage.scene(case.id)
            if scene[0].state == case.state and self._untried(scene[1], way.trigger, case.state):
                self._pull(part, scene, way, None, now, by=self.somebody(scene, way, now))

        self.at(at_work(at + HOUR * self.rng.uniform(0.5, 60), self.calendar, self.rng), act)

    def _choose(self, part: Part, case: Case, rules: Definition, rule: TaskRule) -> Transition | None:
        fresh = [
            way
            for trigger in rule.triggers
            if trigger not in part.refused and self._untried(rules, trigger, case.state)
            for way in rules.moves(case.state, trigger)[:1]
        ]
        if fresh and self._curious():
            return self.rng.choice(fresh)
        state = rules.states[case.state]
        timed = [timer.trigger for timer in state.timers if timer.trigger]
        timed += [
            rung.trigger
            for clock in rules.clocks.values()
            if case.state in clock.runs_in
            for rung in clock.ladder
            if rung.trigger
        ]
        place = rules.name, case.state
        if timed and self._left.get(place, 0) < OFTEN and self._curious():
            self._left[place] = self._left.get(place, 0) + 1
            return None
        return super()._choose(part, case, rules, rule)

    def _pull(
        self, part: Part, scene: Scene, step: Transition, task: Task | None, at: datetime, *, by: int | None
    ) -> bool:
        done = super()._pull(part, scene, step, task, at, by=by)
        if done:
            self._tried.add((scene[1].name, step.trigger, scene[0].state))
        return done

    def _untried(self, rules: Definition, trigger: str, state: str) -> bool:
        return (rules.name, trigger, state) not in self._tried

    def _curious(self) -> bool:
        return self.rng.random() < self.chances["curious"]
