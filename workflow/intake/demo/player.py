"""The players: whatever waits for somebody is taken up by that person, in their own time and way.

They see a case as people do, by its open tasks; what they do, they do through the door, so that the rules hold
for them, too. Whatever the rules refuse stays on record as it would for anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from heapq import heappop
from typing import Any

from workflow.core.authority import task_rule
from workflow.core.case import Case, Task
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import TaskRule, Transition
from workflow.core.errors import ConditionNotMet, FourEyes, Refused
from workflow.core.step import Actor
from workflow.core.work import StartForm
from workflow.core.world import Customer
from workflow.intake.demo.companies import Company
from workflow.intake.demo.desk import HOUR, Desk, Scene
from workflow.intake.demo.fill import Form, fill
from workflow.intake.demo.hours import at_work, on_duty
from workflow.intake.demo.part import Aim, Part
from workflow.intake.demo.steering import outcome, way
from workflow.intake.demo.tables import table
from workflow.service.case_reads import begins

MOST_TRIES = 4
FOR_A_LINK = timedelta(days=19)
"""How long another case is waited for at the most, on the way to an aim."""


class Player(Desk):
    """Plays everybody. `now`: the end of the history; what would come later stays undone."""

    def run(self, progress: Callable[[datetime], None]) -> None:
        """Play until the end: what is due by itself comes first at every moment."""
        while self._agenda:
            moment, _, act = heappop(self._agenda)
            self.time(moment)
            self.look(moment)
            act(moment)
            self.look(moment)
            if self.stage.rest():
                progress(moment)
        self.time(self.now)
        self.stage.commit()

    def time(self, moment: datetime) -> None:
        """Let happen what happens by itself until a moment."""
        self.stage.fire_due(moment)

    def open(self, definition: str, part: Part, *, by: int, at: datetime) -> int | None:
        """Open a case by hand; gives its id, None where the rules refused it."""
        rules = self.stage.library.get(definition)
        if part.company is None and (rules.subject == "customer" or _hears_of(rules)):
            part.prospect = self.newcomers.name(by)
        if part.company is None and rules.subject == "customer":
            part.company = self._on_file(part.prospect, by, at)
        form = Form(rules, part, self.cast, self.rng, by, at, {}, {})
        customer = part.company.id if part.company else None
        try:
            case = self.stage.open(
                definition, customer=customer, actor=self.actor(by, at), data=fill(form, rules.start_form), at=at
            )
        except Refused:
            return None
        self.parts[case.id] = part
        return case.id

    def look(self, at: datetime) -> None:
        """Take note of the cases that moved, and plan what people will do about them."""
        for case_id in self.stage.moved():
            if self.stage.current(case_id).kind != "case":
                continue
            case, _, world = scene = self.stage.scene(case_id)
            if world.customer is not None:
                self._follow(world.customer)
            part = self.parts.get(case_id) or self._linked(case)
            if part.state != case.state:
                self._arrived(part, scene, at)
            self._plan(part, scene, at)

    def _follow(self, customer: Customer) -> None:
        """A customer's managers may be others by now."""
        company = self.companies.get(customer.id)
        if company is not None:
            company.a, company.b = customer.a or company.a, customer.b or company.b
            company.tier = customer.tier or company.tier
            company.unit = self.cast.code(customer.unit) or company.unit

    def _linked(self, case: Case) -> Part:
        """The part of a case another one has opened: it goes where that one needs it."""
        above = self.parts.get(case.parent or 0)
        part = Part(above.company if above else None, above.topic if above else {}, brisk=above.brisk if above else 1)
        if not above:
            part.topic = self.rng.choice(table("topics")["topic"])
        self.parts[case.id] = part
        if above and above.aim and case.parent is not None:
            upper, rules, _ = self.stage.scene(case.parent)
            self._steer(part, case, above, upper, rules)
        return part

    def _steer(self, part: Part, case: Case, above: Part, upper: Case, rules: Definition) -> None:
        aim, child = above.aim, self.stage.library.get(case.definition, case.version)
        beside = self.play.get(rules.name, {}).get("lasts_with", {}).get(upper.state)
        link = case.parent_link
        if aim is None or link is None or link not in (*rules.states[upper.state].waits_for, beside):
            return
        if upper.state == aim.state:
            near = [name for name in child.states if _short(way(child, child.initial, name))]
            open_ones = [name for name in near if not child.states[name].final]
            part.aim = Aim(self.rng.choice(open_ones), self.now - (self.now - aim.arrive) * self.rng.uniform(0.1, 0.7))
            return
        path = way(rules, upper.state, aim.state)
        if path and path[0][1] == "link":
            wanted = outcome(rules, link, child, path[0][0].trigger)
            part.aim = Aim(wanted, aim.arrive) if wanted else None

    def _arrived(self, part: Part, scene: Scene, at: datetime) -> None:
        """A case has come into another state."""
        case, rules, _ = scene
        part.state, part.tries, part.sent = case.state, 0, False
        part.barred.clear()
        part.refused.clear()
        if part.aim is not None and part.aim.state == case.state:
            if rules.states[case.state].final:
                part.aim = None
            else:
                part.held = True
        elif part.held:  # time has moved it on
            part.held, part.aim = False, None
        play = self.play.get(rules.name, {})
        if case.state in play.get("settled", ()):
            part.brisk = 1.0
        if part.held:
            return
        for beside in play.get("beside", {}).get(case.state, ()):
            self._beside(part, case, beside, at)

    def _beside(self, part: Part, case: Case, beside: Mapping[str, Any], at: datetime) -> None:
        """What may happen beside the tasks, once or time and again."""
        if "every" in beside:
            moment = at + timedelta(days=self.rng.expovariate(1 / beside["every"]))
        elif self.rng.random() < beside["chance"] and part.aim is None:
            moment = at + HOUR * self.rng.uniform(*beside["after"])
        else:
            return
        moment = at_work(moment, self.calendar, self.rng)

        def act(now: datetime) -> None:
            found, rules, _ = scene = self.stage.scene(case.id)
            ways = rules.moves(found.state, beside["trigger"])
            if found.state != case.state or not ways or part.held:
                return
            if part.aim is None or ways[0].target is None:
                self._pull(part, scene, ways[0], None, now, by=self.somebody(scene, ways[0], now))
            if "every" in beside and self.stage.current(case.id).state == case.state:
                self._beside(part, case, beside, now)

        self.at(moment, act)

    def _plan(self, part: Part, scene: Scene, at: datetime) -> None:
        case, rules, _ = scene
        for escalation in case.escalations:
            if escalation.no not in part.seen and escalation.acknowledged is None and escalation.persons:
                part.seen.add(escalation.no)
                self._acknowledge(case, escalation.no, escalation.persons, at)
        for task in case.tasks:
            if task.no not in part.planned:
                part.planned.add(task.no)
                rule = task_rule(rules, case, task)
                moment = self._moment(part, scene, task, rule, at)
                self.at(moment, lambda now, no=task.no: self._work(part, case.id, no, now))  # type: ignore[misc]
        self._steered(part, scene, at)

    def _steered(self, part: Part, scene: Scene, at: datetime) -> None:
        """A move on the way to its aim that is nobody's task."""
        case, rules, _ = scene
        step = self._next(part, case, rules)
        if step is None or part.sent or any(step.trigger in task_rule(rules, case, t).triggers for t in case.tasks):
            return
        part.sent = True
        moment = self._paced(part, case, rules, at, None)

        def act(now: datetime) -> None:
            again = self.stage.scene(case.id)
            if again[0].state != case.state or part.held:
                return
            if not self._pull(part, again, step, None, now, by=self.somebody(again, step, now)):
                part.tries += 1
                part.sent = part.tries >= MOST_TRIES
                self._steered(part, self.stage.scene(case.id), now + 3 * HOUR)

        self.at(moment, act)

    def _next(self, part: Part, case: Case, rules: Definition) -> Transition | None:
        """The move a person makes next on the way to the aim; None without an aim, or while time must pass."""
        if part.aim is None or part.held:
            return None
        path = way(rules, case.state, part.aim.state)
        return path[0][0] if path and path[0][1] == "person" else None

    def _paced(self, part: Part, case: Case, rules: Definition, at: datetime, deadline: datetime | None) -> datetime:
        """When to take the next step so as to arrive in time."""
        assert part.aim is not None  # noqa: S101 - asked only with an aim
        path = way(rules, case.state, part.aim.state) or []
        waits = sum(by == "link" for _, by in path) * FOR_A_LINK
        left = max(part.aim.arrive - at - waits, timedelta(minutes=10))
        moment = at + left / len(path) * self.rng.uniform(0.7, 1.2) if len(path) > 1 else at + left
        if deadline is not None and moment > deadline:
            moment = at + (deadline - at) * self.rng.uniform(0.6, 0.95)
        moment = max(moment, at + timedelta(minutes=4))
        later = at_work(moment, self.calendar, self.rng)
        return later if later < part.aim.arrive else min(moment, max(part.aim.arrive, at + timedelta(minutes=2)))

    def _moment(self, part: Part, scene: Scene, task: Task, rule: TaskRule, at: datetime) -> datetime:
        """When somebody gets round to a task."""
        case, rules, _ = scene
        play = self.play.get(rules.name, {})
        deadline = min([c.due for c in case.clocks if c.status == "running"] + ([task.due] if task.due else []),
                       default=None)  # fmt: skip
        if deadline is not None and deadline <= at:
            deadline = None
        if self._next(part, case, rules) is not None:
            moment = self._paced(part, case, rules, at, deadline)
            return moment if rule.done is None else at + (moment - at) * 0.6
        person = self.cast.people.get(task.assignee or 0)
        slow = person.pace if person else 1.0
        tardy = play.get("tardy", {})
        pace = play.get("pace", {}).get(case.state)
        chance = tardy.get(case.state, tardy.get("any", self.chances["tardy"]) if pace is None else 0) * slow**1.5
        if deadline is not None and self.rng.random() < chance:
            low, high = play.get("late", (4, 24 * self.chances["late_days"]))
            return at_work(deadline + HOUR * self.rng.triangular(low, high, low), self.calendar, self.rng)
        if pace is not None:
            moment = at + HOUR * self.takes(pace) * slow**0.5 * part.brisk
        elif deadline is not None:
            moment = at + (deadline - at) * min(0.9, self.rng.betavariate(2, 2.6) * slow) * part.brisk
        else:
            moment = at + HOUR * self.rng.uniform(4, 60) * slow * part.brisk
        if rule.done is not None:
            moment = at + (moment - at) * 0.5
        moment = at_work(max(moment, at + timedelta(minutes=3)), self.calendar, self.rng)
        if deadline is not None and moment >= deadline and not isinstance(pace, str):
            return on_duty(at, deadline, self.calendar, self.rng)
        return moment

    def takes(self, pace: Any) -> float:
        """Hours somebody takes, by the table's least and most."""
        return self.rng.uniform(*pace)

    def _work(self, part: Part, case_id: int, no: int, at: datetime) -> None:
        """Take up a task: the person it waits for, or one of those in whose queue it lies."""
        scene = case, rules, _ = self.stage.scene(case_id)
        task = case.task(no)
        if task is None:
            return
        rule = task_rule(rules, case, task)
        if part.held and (
            rule.done is None or any(w.auto and w.target and case.state in w.sources for w in rules.transitions)
        ):
            return
        if rule.done is None and any(task_rule(rules, case, t).done is not None for t in case.tasks if t.no != no):
            self._again(part, case_id, no, at, hours=(4, 30))  # the others first
            return
        if task.assignee is None:
            self._claim(part, scene, task, at)
            return
        if self.rng.random() < self.chances["delegate"] and task.owner is None and self._delegate(scene, task, at):
            self._again(part, case_id, no, at, hours=(0.3, 5))
            return
        if self.rng.random() < self.chances["comment"]:
            self._comment(part, case, task.assignee, at)
            if self.rng.random() < self.chances["attach"]:
                self._attach(part, case, task.assignee, at)
        actor = task.assignee
        if rule.done is not None:
            form = Form(rules, part, self.cast, self.rng, actor, at, case.data, {})
            self._try(lambda: self.stage.done(case_id, no, actor=self.actor(actor, at),
                                                    form=fill(form, rule.done or ()), at=at))  # fmt: skip
            return
        step = self._choose(part, case, rules, rule)
        if step is not None and not self._pull(part, scene, step, task, at, by=actor):
            part.tries += 1
            if part.tries < MOST_TRIES:
                self._again(part, case_id, no, at, hours=(4, 30))

    def _again(self, part: Part, case_id: int, no: int, at: datetime, hours: tuple[float, float] = (2, 20)) -> None:
        moment = at + HOUR * self.rng.uniform(*hours)
        if at_work(at, self.calendar, self.rng) == at:  # who is at it in the evening goes on in the evening
            moment = at_work(moment, self.calendar, self.rng)
        self.at(moment, lambda now: self._work(part, case_id, no, now))

    def _choose(self, part: Part, case: Case, rules: Definition, rule: TaskRule) -> Transition | None:
        """What a person makes of a task."""
        step = self._next(part, case, rules)
        if step is not None and step.trigger in rule.triggers:
            return step
        if part.aim is not None:
            return None  # it would lead away from where it is wanted
        shares = self.play.get(rules.name, {}).get("does", {}).get(rule.name) or {rule.triggers[0]: 1}
        shares = {name: share for name, share in shares.items() if name in ("", *rule.triggers)}
        shares = {name: share for name, share in shares.items() if name not in part.refused} or shares
        trigger = self.rng.choices(list(shares), list(shares.values()))[0]
        ways = rules.moves(case.state, trigger) if trigger else ()
        return ways[0] if ways else None

    def _pull(
        self, part: Part, scene: Scene, step: Transition, task: Task | None, at: datetime, *, by: int | None
    ) -> bool:
        """Pull a trigger as a person; whether the rules let it pass."""
        case, rules, _ = scene
        if by is None:
            return False
        seen = self.stage.current(case.id).seq
        if self.rng.random() < self.chances["early"]:
            # Sent off before it was filled in.
            self._try(lambda: self.stage.perform(case.id, step.trigger, actor=self.actor(by, at), form={}, at=at))
            if self.stage.current(case.id).seq != seen:
                return True
        if self.rng.random() < self.chances["stray"]:
            stranger = self.rng.choice(self._near(by)).id
            self._try(lambda: self.stage.perform(case.id, step.trigger, actor=Actor(stranger),
                                                 form=self._form(part, case, rules, step, by, at), at=at))  # fmt: skip
            if self.stage.current(case.id).seq != seen:
                return True
        try:
            self.stage.perform(
                case.id,
                step.trigger,
                actor=self.actor(by, at),
                form=self._form(part, case, rules, step, by, at),
                task=task.no if task else None,
                start=self._start(part, case, rules, step, by, at),
                at=at,
            )
        except FourEyes:
            part.barred.add(by)
            if task is not None:
                self._try(lambda: self.stage.release(case.id, task.no, actor=self.actor(by, at), at=at))
            return False
        except ConditionNotMet:
            part.refused.add(step.trigger)
            return False
        except Refused:
            return False
        return True

    def _form(
        self, part: Part, case: Case, rules: Definition, step: Transition, by: int, at: datetime
    ) -> dict[str, Any]:
        return fill(Form(rules, part, self.cast, self.rng, by, at, case.data, {}), step.form)

    def _start(
        self, part: Part, case: Case, rules: Definition, step: Transition, by: int, at: datetime
    ) -> StartForm | None:
        """What somebody fills in for the case that is begun with a step, about a customer put on file for it."""
        order = begins(step)
        if order is None:
            return None
        if part.company is None:
            part.company = self._on_file(part.prospect, by, at)
        child = self.stage.library.get(rules.links[order.link].definition)
        form = Form(child, Part(part.company, part.topic), self.cast, self.rng, by, at, {}, {})
        return StartForm(fill(form, child.start_form), part.company.id)

    def _on_file(self, name: str, by: int, at: datetime) -> Company:
        company = self.newcomers.on_file(name, by=by, at=at)
        self.companies[company.id] = company
        return company

    def somebody(self, scene: Scene, step: Transition, at: datetime) -> int | None:
        """One of those who may pull a trigger."""
        case, rules, world = scene
        found = self.stage.people(case, rules, world, step.by, at)
        found = [p for p in found if p in self.cast.people]
        return found[0] if found and self.rng.random() < 0.75 else (self.rng.choice(found) if found else None)

    def _claim(self, part: Part, scene: Scene, task: Task, at: datetime) -> None:
        """Somebody takes the task out of the queue, and does it a little later."""
        case, rules, world = scene
        waiting = [p for p in world.directory.holders(task.role, task.unit, at) if p not in part.barred]
        if self.rng.random() < self.chances["mindful"]:  # of the four eyes
            triggers = task_rule(rules, case, task).triggers
            before = {name for step in rules.transitions if step.trigger in triggers for name in step.not_by}
            had = {person for name in before for person in case.did.get(name, ())}
            waiting = [p for p in waiting if p not in had] or waiting
        if not waiting:
            if part.barred:  # somebody who is away will come back
                part.barred.clear()
                part.tries = 0
                self._again(part, case.id, task.no, at, hours=(40, 70))
            return
        weights = [1 / self.cast.people[p].pace for p in waiting]
        person = self.rng.choices(waiting, weights)[0]
        if self._try(lambda: self.stage.claim(case.id, task.no, actor=self.actor(person, at), at=at)):
            self._again(part, case.id, task.no, at, hours=(0.05, 1.2))


def _hears_of(rules: Definition) -> bool:
    """Whether whoever opens a case names a customer nobody knows yet."""
    recipes = table("words")["recipes"]
    return any(recipes.get(f"{rules.name}.{asked.name}") == "prospect" for asked in rules.start_form)


def _short(path: list[Any] | None) -> bool:
    return path is not None and len(path) <= 2 and all(by == "person" for _, by in path)
