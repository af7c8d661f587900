"""How the due times beside the clocks came about: of tasks, of what a state does by itself, of work that comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from workflow.core.calendar import Calendar
from workflow.core.calendar_text import calendar_of
from workflow.core.case import Case, Task, Timer
from workflow.core.codec import case_from
from workflow.core.deadline import NATURAL, reach
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.targets import AnyTarget, Target, TargetTable
from workflow.core.derivation import Line, explain, nominal
from workflow.core.directory import WORKING
from workflow.core.errors import DueNotFound
from workflow.core.step import SYSTEM, Actor
from workflow.core.world import Situation, World
from workflow.service.clock_reads import ClockReads
from workflow.service.views.cases import CaseRow
from workflow.storage.queries import calendars, history

if TYPE_CHECKING:
    from sqlalchemy import Connection

Candidate = tuple[Calendar | None, Calendar]
"""A calendar a length may have been counted in (None: natural time), and the working one beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueView:
    """A due moment with what it comes from. `name`: of the task, timer or schedule; `calendar`: what it depends on."""

    row: CaseRow
    kind: Literal["task", "state", "recurring"]
    no: int
    name: str
    due: datetime
    provisional: bool
    calendar: Calendar
    lines: tuple[Line, ...]


class DueReads(ClockReads):
    def explain_due(self, case: int, no: int, reader: Actor) -> DueView:
        """The derivation of the due moment of an open task, a timer of the state or the next date of a schedule.

        Raises CaseNotFound, DueNotFound.
        """
        with self._read(reader) as (connection, shown):
            row = self._seen(connection, shown, case)
            found = case_from(row.body)
            rules = self.library.get(found.definition, found.version) if found.kind == "case" else None
            task = found.task(no)
            timer = next((t for t in found.timers if t.no == no), None)
            if rules is None:
                raise DueNotFound(case=found.number, no=no)
            world = self._world(connection, shown, found)
            kind: Literal["task", "state", "recurring"]
            if task is not None and task.due is not None:
                due, provisional, name, kind = task.due, task.provisional, task.name, "task"
                calendar, lines = self._of_task(connection, world, rules, found, task, task.due)
            elif timer is not None and timer.kind == "state":
                due, provisional, name, kind = timer.due, timer.provisional, timer.name, "state"
                calendar, lines = self._of_timer(connection, world, rules, found, timer)
            elif timer is not None and timer.kind == "recurring" and not timer.note.endswith("?"):
                due, provisional, name, kind = timer.due, timer.provisional, timer.name, "recurring"
                calendar, lines = _of_schedule(world, rules, found, timer)
            else:
                raise DueNotFound(case=found.number, no=no)
            return DueView(
                row=shown.case(row, self._beside(connection, [case])),
                kind=kind,
                no=no,
                name=name,
                due=due,
                provisional=provisional,
                calendar=calendar,
                lines=lines,
            )

    def _of_task(
        self, connection: Connection, world: World, rules: Definition, case: Case, task: Task, due: datetime
    ) -> tuple[Calendar, tuple[Line, ...]]:
        rule = next(one for one in rules.states[case.state].tasks if one.name == task.name)
        assert rule.within is not None  # noqa: S101 - a task with a due moment has a rule for it
        return self._reproduced(connection, world, rules, case, rule.within, rule.calendar, since=task.opened, due=due)

    def _of_timer(
        self, connection: Connection, world: World, rules: Definition, case: Case, timer: Timer
    ) -> tuple[Calendar, tuple[Line, ...]]:
        rule = next(one for one in rules.states[case.state].timers if one.name == timer.name)
        since = timer.since or _set_at(connection, case, timer)
        return self._reproduced(connection, world, rules, case, rule.after, rule.calendar, since=since, due=timer.due)

    def _reproduced(
        self,
        connection: Connection,
        world: World,
        rules: Definition,
        case: Case,
        table: AnyTarget,
        calendar: str,
        *,
        since: datetime,
        due: datetime,
    ) -> tuple[Calendar, tuple[Line, ...]]:
        """The calendar and the lines that give this due moment: those that hold now, or, where what it comes from has
        changed and the case has not been computed again yet, those that held before.
        """
        lengths = _lengths(table, Situation(rules, case, world, SYSTEM, _moment(case)))
        for counted, working in self._candidates(connection, world, calendar):
            for target in lengths:
                if reach(since, target, counted, working).at == due:
                    return counted or working, explain(since, target, (), counted, working)
        counted, working = world.calendar(calendar), world.working
        lines = explain(since, lengths[0], (), counted, working)
        last = lines[-1].since
        passed = [Line("passed", since=last)] if last is not None and last < due else []
        return counted or working, (*lines[:-1], *passed, Line("due", since=due))

    def _candidates(self, connection: Connection, world: World, name: str) -> Iterator[Candidate]:
        """What a length may have been counted in, the present first."""
        present, working = world.calendar(name), world.working
        yield present, working
        for one in world.calendars.values():
            for row in calendars.versions(connection, one.name):
                older = calendar_of(row.text)
                if name == NATURAL:
                    yield None, older
                elif name == WORKING:
                    yield older, older
                elif one.name == name:
                    yield older, working
                else:
                    yield present, older


def _of_schedule(world: World, rules: Definition, case: Case, timer: Timer) -> tuple[Calendar, tuple[Line, ...]]:
    rule = rules.recurring[timer.name]
    calendar = world.calendar(rule.calendar) or world.working
    anchor, day = date.fromisoformat(case.schedules[timer.name]), date.fromisoformat(timer.note)
    every = _lengths(rule.every, Situation(rules, case, world, SYSTEM, _moment(case)))[0]
    return calendar, nominal(anchor, every, day, rule.shift, calendar, world.working, timer.due)


def _lengths(table: AnyTarget, facts: Situation) -> list[Target]:
    """The lengths there are, the one that holds now first."""
    if isinstance(table, Target):
        return [table]
    others = [*table.values.values(), table.otherwise] if isinstance(table, TargetTable) else []
    picked = table.pick(facts)
    return list(dict.fromkeys(one for one in (picked, *others) if one is not None))


def _moment(case: Case) -> datetime:
    """The moment of the case's last step."""
    return case.moment or case.opened


def _set_at(connection: Connection, case: Case, timer: Timer) -> datetime:
    """When a timer that no calendar can move began to count: at the step that set it."""
    steps = (history.step(row) for row in history.rows(connection, case.id))
    return next(
        step.effective for step in steps if any(op == "timer+" and body["no"] == timer.no for op, body in step.ops)
    )
