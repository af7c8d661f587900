"""What one event of the older system does at the door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from workflow.core.case import Case, Task
from workflow.core.errors import BatonError, CustomerNotFound, FormInvalid, NotInThisState
from workflow.core.step import SYSTEM, Actor
from workflow.intake.mapping import HOLDER, Command, RowRule, Rules
from workflow.intake.people import Staff
from workflow.intake.plan import Columns, Event, Row
from workflow.intake.values import Clock, Unusable, Value
from workflow.service.batch import Batch
from workflow.storage.errors import StorageError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something was not done; with `note`, what there is to know about something that was."""

    reason: str
    detail: str = ""
    note: bool = False


class Rows:
    """Applies events to cases. What could not be done ends in `problems`, and nothing of it at the case."""

    def __init__(self, batch: Batch, rules: Rules, columns: Columns, clock: Clock) -> None:
        self.batch, self.rules, self.columns, self.clock = batch, rules, columns, clock
        self.staff = Staff(batch, rules, columns, clock)
        self._customers: dict[tuple[str, str, str], int] = {}

    def open(self, event: Event, problems: list[Problem]) -> int | None:
        """The new case, None where it could not be opened."""
        row = event.row

        def opening() -> int:
            return self.batch.open(
                self.rules.definition,
                customer=self._customer(row, event),
                actor=self.staff.actor(self.rules.open_by, row),
                unit=self.staff.unit,
                data=self._form(self.rules.data, row, problems),
                at=event.at,
                origin={"source": self.rules.name, "reference": event.reference, "row": row.number},
            ).id

        return _tried(opening, problems)

    def apply(self, event: Event, case: int, problems: list[Problem]) -> int:
        """Do what the rules say of the event's row; gives the number of commands kept."""
        kept, meant, fitted = 0, False, False
        for rule in event.rules or ():
            if not self._says(rule, event.row):
                continue
            meant = True
            if rule.states and self.batch.current(case).state not in rule.states:
                continue
            fitted = True
            for command in rule.commands:
                if _tried(partial(self._command, command, case, event, problems), problems) is None:
                    break
                kept += 1
        if meant and not fitted:
            problems.append(Problem("no_way", self.batch.current(case).state))
        return kept

    def _says(self, rule: RowRule, row: Row) -> bool:
        cells, before = self.columns.of(row), row.before
        earlier = self.columns.of(before) if before is not None else lambda column: ""
        return (
            all(cells(column) in values for column, values in rule.when.items())
            and (not rule.changed or any(cells(column) != earlier(column) for column in rule.changed))
            and (rule.raised is None or _number(cells(rule.raised)) > _number(earlier(rule.raised)))
        )

    def _command(self, command: Command, case: int, event: Event, problems: list[Problem]) -> Case:
        row, at = event.row, event.at
        if command.trigger is not None:
            actor = self._actor(command, self.batch.current(case), row)
            form = self._form(command.form, row, problems)
            return self.batch.perform(case, command.trigger, actor=actor, form=form, at=at)
        by = self.staff.actor(command.by or "", row)
        if command.reassign is not None and command.to is not None:
            now = self.batch.current(case)
            task = self._task(now, command.reassign)
            to = self.staff.actor(command.to, row).person
            if to is None or to == task.assignee:
                return now
            reason = str(self._value(command.reason, row, problems) or self.rules.name)
            return self.batch.reassign(case, task.no, to=to, actor=by, reason=reason, at=at)
        text = str(self._value(command.comment, row, problems) or "")
        return self.batch.comment(case, text, actor=by, at=at)

    def _actor(self, command: Command, case: Case, row: Row) -> Actor:
        """Whoever holds the task the trigger finishes, where the mapping says so; without one, the named one."""
        if command.by == HOLDER:
            state = self.batch.library.get(case.definition, case.version).states[case.state]
            finishing = {task.name for task in state.tasks if command.trigger in task.triggers}
            held = [t.assignee for t in case.tasks if t.name in finishing and t.assignee is not None]
            return Actor(held[0]) if held else self.staff.actor(self.rules.by, row)
        return self.staff.actor(command.by or "", row)

    def _task(self, case: Case, name: str) -> Task:
        found = next((task for task in case.tasks if task.name == name), None)
        if found is None:
            raise NotInThisState(trigger=name, state=case.state)
        return found

    def _customer(self, row: Row, event: Event) -> int | None:
        rule = self.rules.customer
        if rule is None:
            return None
        number, name, division = (str(self._value(v, row, []) or "") for v in (rule.number, rule.name, rule.division))
        key = number, name, division
        if key not in self._customers:
            found = self.batch.customer_of(number=number or None, name=name, division=division)
            if found is None and not name:
                raise CustomerNotFound(customer=number)
            if found is None:
                values = {"name_zh": name, "division": division, "unit": self.staff.unit}
                found = self.batch.register_customer(values, actor=SYSTEM, number=number or None, at=event.at)
            self._customers[key] = found
        return self._customers[key]

    def _form(self, values: Mapping[str, Value], row: Row, problems: list[Problem]) -> dict[str, Any]:
        made = {name: self._value(value, row, problems, name) for name, value in values.items()}
        return {name: value for name, value in made.items() if value is not None}

    def _value(self, value: Value | None, row: Row, problems: list[Problem], name: str = "") -> Any:
        if value is None:
            return None
        return value.of(
            self.columns.of(row), self.clock, lambda: problems.append(Problem("shortened", name, note=True))
        )


def _tried(doing: Callable[[], T], problems: list[Problem]) -> T | None:
    """The answer, None when the rules or the row itself say no; why then stands in `problems`."""
    try:
        return doing()
    except StorageError:
        raise
    except Unusable as fault:
        problems.append(Problem(fault.reason, fault.column))
    except FormInvalid as refused:
        problems.append(Problem(refused.code, fields_of(refused)))
    except BatonError as refused:
        facts = [str(refused.facts[name]) for name in ("trigger", "state", "action") if name in refused.facts]
        problems.append(Problem(refused.code, " ".join(facts)))
    return None


def fields_of(refused: FormInvalid) -> str:
    """Which fields are wrong and how, without what stood in them."""
    fields = refused.facts["fields"]
    if not isinstance(fields, Mapping):
        return ""
    return "; ".join(f"{name}: {', '.join(code for code, _ in faults)}" for name, faults in fields.items())


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
