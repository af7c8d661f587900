"""Work goes with the customer: what the old owner held in its cases is the new owner's from then on.

Nothing of a customer may be left with somebody who has gone (000 §2.2, 004 §1.4 I). Stages, clocks, due times and
history stay as they are: only in whose hands the open tasks lie changes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from workflow.core import roles, stints
from workflow.core.authority import task_rule
from workflow.core.case import Task
from workflow.core.definition.lifecycle import Definition
from workflow.core.work import Work
from workflow.core.world import Customer, World

OP = "hands"
"""Of the step, and of the word between cases: the customer, and who had it before."""

Before = dict[str, Any]
"""`customer`, and its `a`, `b`, `lead` and `unit` before."""


def before(customer: Customer) -> Before:
    return {"customer": customer.id, **{name: getattr(customer, name) for name in ("a", "b", "lead", "unit")}}


def written(said: Before) -> str:
    """As the name of a word: five parts, empty for nobody."""
    return ":".join("" if said[name] is None else str(said[name]) for name in ("customer", "a", "b", "lead", "unit"))


def read(word: str) -> Before:
    customer, a, b, lead, unit = word.split(":")
    of = {"customer": customer, "a": a, "b": b, "unit": unit}
    return {**{name: int(part) if part else None for name, part in of.items()}, "lead": lead}


def turned(old: Customer, new: Customer) -> bool:
    """Whether somebody who had to have the customer has it no more, or leads it no more.

    Of one that nobody had to have any more (lost, back in the pool) the work stays with whom it was.
    """
    if old.stage not in stints.OWNED:
        return False
    people = any(getattr(old, name) not in (None, getattr(new, name)) for name in ("a", "b", "unit"))
    return people or (old.lead != new.lead and old.maintainer is not None)


def follow(work: Work, said: Before) -> bool:
    """Give on the open tasks of a case; whether there were any."""
    now = work.world.customer
    if now is None or now.id != said["customer"]:
        return False
    was = replace(now, **{name: said[name] for name in ("a", "b", "lead", "unit")})
    earlier = replace(work.world, customer=was)
    passed = False
    for task in work.case.tasks:
        fresh = _passed(work, task, was, now, earlier)
        if fresh != task:
            work.put("task=", fresh)
            if fresh.assignee is not None and fresh.assignee != task.assignee:
                work.notice("reassigned", (fresh.assignee,), task=task.name)
            passed = True
    return passed


def _passed(work: Work, task: Task, was: Customer, now: Customer, earlier: World) -> Task:
    """The task as it is after; what a supervisor gave to somebody else stays there."""
    expr = work.definition.roles[task_rule(work.definition, work.case, task).role]
    holder = task.owner if task.owner is not None else task.assignee
    if expr.of.startswith("customer."):
        old = roles.resolve(expr, work.definition, work.case, earlier, at=work.at)
        new = roles.resolve(expr, work.definition, work.case, work.world, at=work.at)
        queued = holder is None and (task.unit, task.role) == (old.unit, old.role)
        if old != new and (queued or (holder is not None and holder == old.assignee)):
            return _given(task, unit=new.unit, role=new.role, to=new.assignee)
    if holder is None or holder not in (was.a, was.b) or holder in (now.a, now.b):
        return task
    heir = now.a if holder == was.a else now.b
    directory = work.world.directory
    person = None if heir is None else directory.person(heir)
    if heir is None or person is None or not person.active:
        return task
    if not _personal(expr.of, work.definition) and not directory.holds(heir, task.role, task.unit, work.at):
        return task
    return _given(task, unit=directory.home(heir, work.at, task.role) or task.unit, role=task.role, to=heir)


def _personal(of: str, definition: Definition) -> bool:
    """Whether the way leads to one person and not to whoever holds a role in a unit."""
    head, _, rest = of.partition(".")
    if head == "data":
        return definition.fields[rest.partition(".")[0]].type == "person"
    return head in ("case", "did") or (head == "customer" and not rest.startswith("unit"))


def _given(task: Task, *, unit: int | None, role: str, to: int | None) -> Task:
    """A delegated task stays with whom it was lent to, and returns to the new owner."""
    if task.owner is None:
        return replace(task, unit=unit, role=role, assignee=to)
    return replace(task, unit=unit, role=role, owner=None if to == task.assignee else to)
