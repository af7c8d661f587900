"""Cases written by the store without any lifecycle, for tests of what is read."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.organisation import NOW, Organisation, build
from workflow.core.case import Case, Clock, Escalation, Task
from workflow.core.step import SYSTEM, Actor, Step
from workflow.definitions.library import Library
from workflow.service.reads import Reads
from workflow.storage.database import Database
from workflow.storage.store import Store


@dataclass
class World:
    """A database with an organisation, its reads at NOW, and a way to write cases."""

    database: Database
    reads: Reads
    organisation: Organisation
    last: int = 0
    secrets: list[tuple[str, bytes, str]] = field(default_factory=list)

    def who(self, login: str, behalf: str | None = None) -> Actor:
        persons = self.organisation.persons
        return Actor(persons[login], persons[behalf] if behalf else None)

    def customer(self, name: str, **values: Any) -> Case:
        """A customer's own record."""
        data = {
            "number": f"{len(name):014d}", "name_zh": name, "name_en": name, "key": name, "pinyin": name.lower(),
            "division": "000000", "industry": "", "tier": "gold", "stage": "existing", "lead": "a",
        }  # fmt: skip
        data |= {k: v for k, v in values.items() if v is not None}
        return self.write(kind="customer", definition="customer", data=data, unit=data.get("unit"))

    def write(self, **values: Any) -> Case:
        """A case at its first step; `unit` by id, everything else as in `Case`."""
        self.last += 1
        given = {
            "id": self.last, "kind": "case", "number": f"N{self.last:06d}", "definition": "sample", "version": 1,
            "state": "received", "seq": 1, "opened": NOW - timedelta(days=1), "written": NOW - timedelta(days=1),
        }  # fmt: skip
        case = Case(**(given | values))
        with self.database.writing() as connection:
            store = Store(connection)
            store.append(None, case, [opening(case)], self.secrets)
            store.flush(lambda _: "intake")
        self.secrets = []
        return case


def opening(case: Case) -> Step:
    """The one step of such a case, enough to fold it again."""
    body = {"kind": case.kind, "number": case.number, "definition": case.definition, "customer": case.customer,
            "unit": case.unit, "opener": None}  # fmt: skip
    ops: list[list[Any]] = [["case", body]]
    if case.data:
        ops.append(["set", dict(case.data)])
    return Step(
        case=case.id, seq=1, kind="open", trigger="open", actor=SYSTEM, effective=case.opened, recorded=case.opened,
        from_state="", to_state=case.state, version=case.version, form=dict(case.data), ops=ops,
    )  # fmt: skip


def task(no: int, *, due: datetime | None = None, **values: Any) -> Task:
    given: dict[str, Any] = {"name": "triage", "unit": None, "role": "account_manager", "assignee": None}
    return Task(no=no, opened=NOW - timedelta(hours=1), due=due, **(given | values))


def clock(due: datetime, **values: Any) -> Clock:
    given: dict[str, Any] = {"name": "answer", "run": 1, "status": "running", "seconds": 172800, "calendar": "natural"}
    return Clock(started=due - timedelta(hours=48), due=due, **(given | values))


def escalation(no: int, *, level: int, role: str, unit: int, **values: Any) -> Escalation:
    given: dict[str, Any] = {"clock": "answer", "run": 1, "persons": ()}
    return Escalation(no=no, level=level, role=role, unit=unit, raised=NOW, recorded=NOW, **(given | values))


@pytest.fixture
def world(database: Database) -> World:
    return World(database, Reads(database, Library({}), clock=lambda: NOW), build(database))
