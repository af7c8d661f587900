"""What people do with work without moving the case: take it, put it back, hand it on, write beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from workflow.core import clocks, deadline, roles
from workflow.core.authority import holds, task_rule
from workflow.core.case import Case, Clock, Task
from workflow.core.definition.clocks import ClockRule
from workflow.core.definition.lifecycle import Definition
from workflow.core.errors import (
    AlreadyAcknowledged,
    ClockNotFound,
    ClockNotHeld,
    ClockNotRunning,
    EscalationNotFound,
    NobodyToRemind,
    NotPermitted,
    NotYourTask,
    PauseUsedUp,
    ReceiverUnfit,
    TaskNotFound,
)
from workflow.core.moments import micros
from workflow.core.step import Actor
from workflow.core.work import Decision, Work
from workflow.core.world import World


class Desk:
    """One command at one case. Each method gives a `Decision` of one step, or raises `Refused`."""

    def __init__(
        self,
        definition: Definition,
        case: Case,
        world: World,
        *,
        actor: Actor,
        at: datetime,
        recorded: datetime,
    ) -> None:
        self.definition = definition
        self.case = case
        self.world = world
        self.actor = actor
        self.at = at
        self.decision = Decision(case=case)
        self.work = Work(definition, self.decision, case, world, actor=actor, at=at, recorded=recorded)

    def claim(self, no: int) -> Decision:
        """Take a task from a queue. Claiming one's own task again changes nothing."""
        task = self._task(no)
        if not holds(self.case, self.world, task, self.actor, self.at):
            raise NotYourTask(who=task.assignee)
        return self._amended("claim", replace(task, assignee=self.actor.principal))

    def release(self, no: int) -> Decision:
        """Put a task back: a delegated one returns to its owner, another to its queue."""
        task = self._task(no)
        if task.assignee is None or task.assignee != self.actor.principal:
            raise NotYourTask(who=task.assignee)
        return self._amended("release", replace(task, assignee=task.owner, owner=None))

    def delegate(self, no: int, to: int, note: str) -> Decision:
        """Let somebody else do this one task; it stays the owner's, to whom it returns when put back."""
        task = self._task(no)
        if not holds(self.case, self.world, task, self.actor, self.at):
            raise NotYourTask(who=task.assignee)
        self._fit(to)
        owner = task.owner if task.owner is not None else self.actor.principal
        self.work.notice("delegated", (to,), task=task.name)
        return self._amended("delegate", replace(task, assignee=to, owner=owner), {"to": to, "note": note})

    def reassign(self, no: int, to: int, reason: str) -> Decision:
        """Give a task to somebody else for good: for overseers of the case's unit, or whose task it is.

        A delegated task is its owner's, who may so take it back; it is not for good with whom it was lent to.
        """
        task = self._task(no)
        overseer = self.world.directory.oversees(self.actor.principal, self.case.unit, self.at)
        owner = task.owner if task.owner is not None else task.assignee
        if not overseer and not (owner is not None and owner == self.actor.principal):
            raise NotPermitted(action="reassign")
        self._fit(to)
        before = task.assignee
        told = tuple(p for p in (to, before) if p is not None and p != self.actor.person)
        self.work.notice("reassigned", told, task=task.name)
        return self._amended("reassign", replace(task, assignee=to, owner=None), {"to": to, "reason": reason})

    def comment(self, text: str, mentioned: tuple[int, ...] = ()) -> Decision:
        self.work.add("comment", {"mentioned": list(mentioned)})
        self.work.notice("mentioned", mentioned)
        return self._finish("comment", "comment", {"comment": text})

    def remind(self, text: str) -> Decision:
        """Write beside the case and tell those whose tasks are open; not oneself."""
        working = dict.fromkeys(t.assignee for t in self.case.tasks if t.assignee is not None)
        others = tuple(person for person in working if person != self.actor.person)
        if not others:
            raise NobodyToRemind(case=self.case.number)
        return self.comment(text, others)

    def attach(self, file: Mapping[str, Any]) -> Decision:
        self.work.add("file", dict(file))
        return self._finish("attach", "attach", {})

    def acknowledge(self, no: int, note: str) -> Decision:
        """Say that an escalation was seen: by one it was raised to, or an overseer of its unit."""
        found = next((e for e in self.case.escalations if e.no == no), None)
        if found is None:
            raise EscalationNotFound(case=self.case.number, escalation=no)
        directory, me = self.world.directory, self.actor.principal
        mine = me in found.persons or directory.holds(me, found.role, found.unit, self.at)
        if not mine and not directory.oversees(me, found.unit, self.at):
            raise NotPermitted(action="acknowledge")
        if found.acknowledged is not None:
            raise AlreadyAcknowledged(who=found.acknowledged_by, at=micros(found.acknowledged))
        self.work.put("escalation=", replace(found, acknowledged=self.at, acknowledged_by=me))
        waiting = [t.no for t in self.case.timers if t.kind == "again" and t.ref == no]
        if waiting:
            self.work.add("timer-", waiting)
        return self._finish("acknowledge", found.clock, {"note": note} if note else {})

    def asks_reason(self, name: str) -> bool:
        """Whether who pauses this clock must say why. Raises `ClockNotFound`."""
        rule, _ = self._clock(name)
        return rule.pausable is not None and rule.pausable.reason

    def pause(self, name: str, reason: str) -> Decision:
        """Let a clock stand still, where the lifecycle lets this person, for as long as it does."""
        rule, clock = self._pausable(name)
        if clock.status != "running":
            raise ClockNotRunning(clock=name)
        left = clocks.left_to_hold(self.work, rule, clock)
        if left is not None and left <= 0:
            raise PauseUsedUp(clock=name)
        calendar = self.world.calendar(clock.calendar)
        limit = None if left is None else deadline.shift(self.at, left, calendar)
        clocks.hold(self.work, rule, clock, limit=limit)
        return self._finish("pause", name, {"reason": reason} if reason else {})

    def resume(self, name: str, note: str) -> Decision:
        """Let a clock that was paused by hand go on with what it had left."""
        rule, clock = self._pausable(name)
        if not clock.held:
            raise ClockNotHeld(clock=name)
        clocks.release(self.work, rule, clock)
        return self._finish("resume", name, {"note": note} if note else {})

    def _pausable(self, name: str) -> tuple[ClockRule, Clock]:
        rule, clock = self._clock(name)
        by = () if rule.pausable is None else rule.pausable.by
        persons = roles.resolve_all(by, self.definition, self.case, self.world, at=self.at)
        if self.actor.principal not in persons:
            raise NotPermitted(action="pause")
        return rule, clock

    def _clock(self, name: str) -> tuple[ClockRule, Clock]:
        rule, clock = self.definition.clocks.get(name), self.case.clock(name)
        if rule is None or clock is None:
            raise ClockNotFound(case=self.case.number, clock=name)
        return rule, clock

    def _task(self, no: int) -> Task:
        task = self.case.task(no)
        if task is None:
            raise TaskNotFound(case=self.case.number, task=no)
        return task

    def _fit(self, to: int) -> None:
        """A receiver must be there and not only look on."""
        person = self.world.directory.person(to)
        held = self.world.directory.role_names(to, self.at)
        if person is None or not held - {"auditor", "administrator"}:
            raise ReceiverUnfit(person=to)

    def _amended(self, kind: str, task: Task, form: dict[str, Any] | None = None) -> Decision:
        self.work.put("task=", task)
        return self._finish(kind, task_rule(self.definition, self.case, task).name, form or {}, task.no)

    def _finish(self, kind: str, trigger: str, form: dict[str, Any], task: int | None = None) -> Decision:
        self.work.finish(kind, trigger, task=task, form=form)
        return self.decision
