"""The house of the promises: made once, then copied for each story."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.promises.house import PEOPLE, UNITS, House
from workflow import SYSTEM, Workflow
from workflow.definitions.library import Library
from workflow.storage.database import Database

DEFINITIONS = Path(__file__).parents[2] / "definitions"
BEFORE = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Founded:
    """A database file with the organisation and one customer, and the ids in it."""

    file: Path
    people: dict[str, int]
    units: dict[str, int]
    customer: int


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.load(DEFINITIONS)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, library: Library) -> Founded:
    file = tmp_path_factory.mktemp("promises") / "baton.db"
    shutil.copyfile(sqlite_template, file)
    database = Database(f"sqlite:///{file}")
    ids = furnished(Workflow(database, library, clock=lambda: BEFORE))
    database.dispose()
    return Founded(file, *ids)


def furnished(workflow: Workflow) -> tuple[dict[str, int], dict[str, int], int]:
    """The organisation and its customer: ids of people and units by name, and the customer's."""
    workflow.found()
    units: dict[str, int] = {}
    for name, (kind, parent) in UNITS.items():
        above = units[parent] if parent else None
        units[name] = workflow.add_unit(name, name_zh=name, name_en=name, kind=kind, parent=above, actor=SYSTEM)
    people: dict[str, int] = {}
    for login, (unit, roles) in PEOPLE.items():
        people[login] = workflow.add_person(login, name_zh=login, name_en=login, actor=SYSTEM)
        for role in roles:
            workflow.grant(people[login], units[unit], role, actor=SYSTEM)
    customer = workflow.register_customer(
        {"name_zh": "东方家具有限公司", "division": "441900", "tier": "gold", "stage": "potential"}, actor=SYSTEM
    )
    return people, units, customer


@pytest.fixture
def twofold(database: Database, library: Library) -> House:
    """The same house on each of both databases, for what two people do at once."""
    workflow = Workflow(database, library, clock=lambda: BEFORE)
    house = House(workflow, *furnished(workflow))
    workflow.clock = lambda: house.now
    return house


@pytest.fixture
def house(tmp_path: Path, founded: Founded, library: Library) -> Iterator[House]:
    shutil.copyfile(founded.file, tmp_path / "house.db")
    database = Database(f"sqlite:///{tmp_path / 'house.db'}")
    workflow = Workflow(database, library)
    house = House(workflow, founded.people, founded.units, founded.customer)
    workflow.clock = lambda: house.now
    yield house
    database.dispose()
