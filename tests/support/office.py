"""A small organisation behind a real door, with a clock the test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from workflow.core.codec import case_from
from workflow.core.step import SYSTEM, Actor
from workflow.definitions.library import Library
from workflow.service.door import Workflow
from workflow.storage.database import Database

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""09:00 in Shanghai."""

STAFF = (
    ("director", "director", "city"),
    ("supervisor", "supervisor", "city"),
    ("anna", "account_manager", "city"),
    ("ben", "account_manager", "city"),
    ("clerk", "account_administrator", "city"),
    ("delivery", "department", "works"),
    ("project", "project_manager", "city"),
    ("auditor", "auditor", "province"),
    ("root", "administrator", "province"),
    ("chief", "director", "province"),
    ("overseer", "supervisor", "province"),
    ("clerk-up", "account_administrator", "province"),
    ("carl", "account_manager", "other"),
    ("stranger", "supervisor", "other"),
    ("teller", "reporter", "county"),
    ("dana", "account_manager", "county"),
    ("head", "director", "county"),
)


@cache
def library() -> Library:
    """The product's own lifecycles."""
    return Library.load(Path(__file__).parents[2] / "definitions")


class Office:
    """`people` by login, `units` by code; `customer` is kept by Anna (A) and Ben (B) of the city."""

    def __init__(self, database: Database, lifecycles: Library | None = None) -> None:
        self.now = MONDAY
        self.workflow = Workflow(database, lifecycles or library(), clock=lambda: self.now)
        self.database = database
        door = self.workflow
        if self._is_there():
            return
        door.found()
        self.units: dict[str, int] = {}
        for code, kind, parent in (
            ("province", "province", None),
            ("city", "city", "province"),
            ("other", "city", "province"),
            ("county", "county", "city"),
            ("works", "bureau", "city"),
        ):
            self.units[code] = door.add_unit(
                code,
                name_zh=f"{code}局",
                name_en=code.title(),
                kind=kind,
                parent=self.units[parent] if parent else None,
                division="440100",
                actor=SYSTEM,
            )
        self.people: dict[str, int] = {}
        for login, role, unit in STAFF:
            self.people[login] = door.add_person(login, name_zh=f"{login}员", name_en=login.title(), actor=SYSTEM)
            door.grant(self.people[login], self.units[unit], role, actor=SYSTEM)
        self.customer = self.register("青云数据有限公司")

    def _is_there(self) -> bool:
        """Whether the database was copied from one with the organisation in it."""
        with self.database.reading() as connection:
            if not connection.exec_driver_sql("SELECT count(*) FROM persons").scalar_one():
                return False
            self.units = dict(connection.exec_driver_sql("SELECT code, id FROM units ORDER BY id").all())
            self.people = dict(connection.exec_driver_sql("SELECT login, id FROM persons ORDER BY id").all())
            self.customer = int(connection.exec_driver_sql("SELECT id FROM customers").scalar_one())
        return True

    def register(self, name: str, **values: Any) -> int:
        given = {"unit": self.units["city"], "a": self.people["anna"], "b": self.people["ben"], "tier": "gold"}
        return self.workflow.register_customer({"name_zh": name, "division": "440106", **given, **values}, actor=SYSTEM)

    def actor(self, login: str, behalf: str | None = None) -> Actor:
        return Actor(self.people[login], self.people[behalf] if behalf else None)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def fire(self) -> int:
        """Let everything due happen; gives the number of timers."""
        total = 0
        while fired := self.workflow.fire_due().timers:
            total += fired
        return total

    def stored(self, case: int) -> Any:
        """The case as its row says."""
        with self.database.reading() as connection:
            return case_from(connection.exec_driver_sql(f"SELECT body FROM cases WHERE id = {case}").scalar_one())

    def count(self, table: str) -> int:
        with self.database.reading() as connection:
            return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())

    def complaint(self, login: str = "anna", **data: Any) -> Any:
        form = {"kind": "complaint", "channel": "phone", "text": "邮件延误三天", "severity": "normal", **data}
        return self.workflow.open("complaint", customer=self.customer, actor=self.actor(login), data=form)


@pytest.fixture
def office(database: Database) -> Office:
    """The small organisation, on each kind of database."""
    return Office(database)


@pytest.fixture
def sqlite_office(sqlite_database: Database) -> Office:
    return Office(sqlite_database)
