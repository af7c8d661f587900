"""What things of a definition are called on a page: looked up in the version a row belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import g
from flask_babel import gettext

from web.context import workflow
from web.language import title
from workflow.core.case import Timer
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.states import TaskRule
from workflow.service.calendar_reads import MovedRow
from workflow.service.due_reads import DueView


def definition(row: Any) -> Definition | None:
    """The definition of a row; None for a record (a customer's or the organisation's), which has none."""
    key = (row.definition, row.version)
    known: dict[tuple[str, int], Definition | None] = g.setdefault("definitions", {})
    if key not in known:
        known[key] = workflow().library.versions.get(key)
    return known[key]


def lifecycle(row: Any) -> str:
    found = definition(row)
    return title(found.title) if found else gettext(f"record.{row.definition}")


def state(row: Any, name: str | None = None) -> str:
    """The title of a state, the row's own unless named."""
    found = definition(row)
    wanted = name if name is not None else row.state
    if found is None or wanted not in found.states:
        return gettext("record.kept")
    return title(found.states[wanted].title)


def phase(row: Any) -> str:
    found = definition(row)
    return title(found.phases.get(row.phase)) if found else ""


def task(row: Any) -> str:
    """The title of a task row."""
    return task_title(row, row.name)


def task_title(row: Any, name: str) -> str:
    found = task_named(row, name)
    return title(found.title) if found else name


def task_named(row: Any, name: str) -> TaskRule | None:
    found = definition(row)
    if found is None:
        return None
    for one in found.states.values():
        for rule in one.tasks:
            if rule.name == name:
                return rule
    return None


def clock(row: Any, name: str | None = None) -> str:
    found = definition(row)
    wanted = name if name is not None else row.name
    return title(found.clocks[wanted].title) if found and wanted in found.clocks else wanted


def trigger(row: Any, name: str, state_: str | None = None) -> str:
    """The title of a trigger, of the transition from the given state where there are several; of the task where a step
    is a task's own that was done and moves nothing."""
    found = definition(row)
    ways = [way for way in found.transitions if way.trigger == name] if found else []
    best = next((way for way in ways if state_ in way.sources), ways[0] if ways else None)
    return title(best.title) if best else task_title(row, name)


def due(found: DueView) -> str:
    """The title of what is due beside the clocks."""
    if found.kind == "task":
        return task_title(found.row, found.name)
    return happening(found.row, found.kind, found.name)


def happening(row: Any, kind: str, name: str) -> str:
    """What happens by itself: work that comes back, or what a timer of the row's state pulls or reminds of."""
    rules = definition(row)
    if rules is None:
        return name
    if kind == "recurring":
        return title(rules.recurring[name].title)
    rule = next(one for one in rules.states[row.state].timers if one.name == name)
    if rule.trigger is not None:
        return trigger(row, rule.trigger, row.state)
    return gettext("due.reminds", text=title(rule.text)) if rule.text is not None else gettext("due.reminder")


def moved(row: MovedRow) -> str:
    """The title of what a calendar has moved; the case may have left the state it was a part of."""
    rules = definition(row.case)
    if row.what == "clock":
        return clock(row.case, row.name)
    if row.what == "task":
        return task_title(row.case, row.name)
    if rules is not None and row.what == "recurring" and row.name in rules.recurring:
        return title(rules.recurring[row.name].title)
    return gettext("due.kind_state")


@dataclass(frozen=True, slots=True)
class Ahead:
    """Something that will happen by itself. `kind`: state or recurring."""

    no: int
    kind: str
    title: str
    due: datetime
    provisional: bool


def ahead(row: Any, timers: Iterable[Timer]) -> list[Ahead]:
    """What will happen by itself on a case, the nearest first; a schedule that only asks again is none of it."""
    shown = [t for t in timers if t.kind in ("state", "recurring") and not t.note.endswith("?")]
    return [
        Ahead(t.no, t.kind, happening(row, t.kind, t.name), t.due, t.provisional)
        for t in sorted(shown, key=lambda t: (t.due, t.no))
    ]


def link(row: Any, name: str) -> str:
    found = definition(row)
    return title(found.links[name].title) if found and name in found.links else name


def field(row: Any, name: str) -> str:
    found = definition(row)
    return title(found.fields[name].title) if found and name in found.fields else name


def of_customer(row: Any) -> str:
    """The name of a row's customer; empty without one."""
    return title(cast(Any, row).customer.name) if row.customer else ""
