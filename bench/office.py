"""The organisation and the cases that are measured, made by running the engine. The lifecycle is data: `STORY`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from workflow import Actor, Workflow
from workflow.assembly import with_stored
from workflow.core.case import Case
from workflow.core.step import SYSTEM
from workflow.definitions.library import Library
from workflow.storage.database import Database

BEGIN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LIFECYCLE = "complaint"
FORM = {
    "kind": "complaint",
    "channel": "phone",
    "severity": "normal",
    "category": "延误",
    "contact": "王先生",
    "text": "邮件延误三天，客户要求尽快查明去向并书面答复。",
}
STORY: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("dispatch", "manager", {"department": "bureau", "question": "请查明邮件去向", "told": "phone"}),
    ("report", "department", {"findings": "分拣格口有误，邮件已改发。", "cause": "sorting"}),
    ("answer", "manager", {"reply": "邮件已找到，明日上午送达，谨致歉意。", "cause": "sorting"}),
)
"""Trigger, who pulls it, and the form: three transitions with tasks, timers, a clock, notices and personal text."""

MANAGERS = 20


@cache
def library() -> Library:
    """The product's own lifecycles."""
    return Library.load(Path(__file__).parents[1] / "definitions")


@dataclass(frozen=True, slots=True)
class Office:
    """Ids of what was made. Each customer is kept by one manager; each case is about one customer."""

    city: int
    bureau: int
    managers: tuple[int, ...]
    department: int
    customers: tuple[int, ...]

    def manager(self, customer: int) -> int:
        return self.managers[self.customers.index(customer) % MANAGERS]


def _person(workflow: Workflow, login: str, role: str, unit: int) -> int:
    person = workflow.add_person(login, name_zh=f"{login}员", name_en=login.title(), actor=SYSTEM)
    workflow.grant(person, unit, role, actor=SYSTEM)
    return person


def door(database: Database, at: datetime = BEGIN) -> Workflow:
    """The door with a clock that stands still, so that every round writes the same rows."""
    return Workflow(database, with_stored(database, library()), clock=lambda: at)


def found(database: Database) -> Office:
    workflow = door(database)
    workflow.found()
    units: dict[str, int] = {}
    for code, kind, parent in (
        ("province", "province", None),
        ("city", "city", "province"),
        ("bureau", "bureau", "city"),
    ):
        units[code] = workflow.add_unit(
            code, name_zh=f"{code}局", name_en=code.title(), kind=kind, parent=units[parent] if parent else None,
            division="440100", actor=SYSTEM,
        )  # fmt: skip
    managers = tuple(_person(workflow, f"manager{n}", "account_manager", units["city"]) for n in range(MANAGERS))
    department = _person(workflow, "department", "department", units["bureau"])
    _person(workflow, "supervisor", "supervisor", units["city"])
    _person(workflow, "director", "director", units["city"])
    _person(workflow, "chief", "director", units["province"])
    customers = tuple(
        workflow.register_customer(
            {"name_zh": f"第{n}号客户有限公司", "division": "440106", "unit": units["city"],
             "a": managers[n % MANAGERS], "tier": "gold"},
            actor=SYSTEM,
        )
        for n in range(2 * MANAGERS)
    )  # fmt: skip
    return Office(units["city"], units["bureau"], managers, department, customers)


def again(database: Database) -> Office:
    """The organisation of a copy."""
    with database.reading() as connection:
        units = {code: int(unit) for unit, code in connection.exec_driver_sql("SELECT id, code FROM units").all()}
        people = {login: int(one) for one, login in connection.exec_driver_sql("SELECT id, login FROM persons").all()}
        customers = connection.exec_driver_sql("SELECT id FROM customers ORDER BY id").scalars().all()
    managers = tuple(people[f"manager{n}"] for n in range(MANAGERS))
    return Office(units["city"], units["bureau"], managers, people["department"], tuple(map(int, customers)))


def open_cases(database: Database, office: Office, count: int) -> None:
    """Open cases, in transactions of many."""
    workflow = door(database)
    with workflow.batch() as batch:
        for n in range(count):
            open_one(batch, office, n)
            batch.rest()


def open_one(workflow: Workflow, office: Office, n: int, *, at: datetime | None = None) -> Case:
    """The case with a number; the customers take turns."""
    customer = office.customers[n % len(office.customers)]
    return workflow.open(LIFECYCLE, customer=customer, actor=Actor(office.manager(customer)), data=FORM, at=at)


def commands(office: Office, cases: list[tuple[int, int]]) -> list[Command]:
    """The whole story of each case (id, customer), one case after the other."""
    found = []
    for case, customer in cases:
        for trigger, who, form in STORY:
            person = office.department if who == "department" else office.manager(customer)
            filled = {name: office.bureau if value == "bureau" else value for name, value in form.items()}
            found.append(Command(case, trigger, person, filled))
    return found


@dataclass(frozen=True, slots=True)
class Command:
    """One transition by a person, not yet made."""

    case: int
    trigger: str
    person: int
    form: dict[str, Any]

    def do(self, workflow: Workflow, *, key: str | None = None) -> Case:
        return workflow.perform(self.case, self.trigger, actor=Actor(self.person), form=self.form, key=key)


def case_ids(database: Database) -> list[tuple[int, int]]:
    """Id and customer of every case of the lifecycle, in id order."""
    with database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT id, customer_id FROM cases WHERE kind = 'case' ORDER BY id").all()
    return [(int(case), int(customer)) for case, customer in rows]


LATER = BEGIN + timedelta(hours=1)
"""When the story is told: nothing has come due by then."""

DUE = BEGIN + timedelta(hours=30)
"""When each case has exactly one timer due: the first rung of its clock."""
