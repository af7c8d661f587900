"""A desk that was there when the older system's history happened, and files to bring in."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.proof import prove
from workflow import SYSTEM, Actor, Workflow
from workflow.definitions.library import Library
from workflow.intake.history import import_history
from workflow.intake.mapping import Rules, load_mapping
from workflow.intake.progress import Outcome, Told
from workflow.storage.database import Database

FOUNDED = datetime(2000, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
MAPPING = Path(__file__).parent / "mappings" / "log.yaml"
HEADER = "id,seq,state,at,by,text,reply,owner"


@cache
def library() -> Library:
    return Library.load(Path(__file__).parents[2] / "definitions")


@dataclass
class Desk:
    """`people`: ids by login."""

    workflow: Workflow
    database: Database
    folder: Path
    people: dict[str, int]
    unit: int

    @property
    def report(self) -> Path:
        return self.folder / "report.csv"

    def file(self, content: str | bytes, name: str = "log.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def log(self, *rows: str) -> Path:
        return self.file("\n".join((HEADER, *rows)) + "\n")

    def rules(self) -> Rules:
        return load_mapping(MAPPING, library())

    def bring_in(self, file: Path, *, progress: Told | None = None) -> Outcome:
        return import_history(self.workflow, file, self.rules(), report=self.report, progress=progress)

    def lines(self) -> list[tuple[str, str, str, str, str]]:
        """The report: row, case, outcome, reason, detail."""
        with self.report.open(encoding="utf-8-sig", newline="") as file:
            return [(x["row"], x["case"], x["outcome"], x["reason"], x["detail"]) for x in csv.DictReader(file)]

    def sql(self, text: str) -> list[tuple[Any, ...]]:
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(text).all()]

    def steps(self, reference: str) -> list[tuple[str, str, datetime]]:
        """The history of the case an older number became: kind, trigger, moment."""
        [(case,)] = self.sql(f"SELECT case_id FROM imports WHERE reference = '{reference}'")
        found = self.sql(f"SELECT kind, trigger, effective FROM steps WHERE case_id = {case} ORDER BY seq")
        return [(kind, trigger, datetime.fromtimestamp(at / 1_000_000, UTC)) for kind, trigger, at in found]

    def state(self, reference: str) -> str:
        return str(
            self.sql(
                f"SELECT c.state FROM cases c JOIN imports i ON i.case_id = c.id WHERE i.reference = '{reference}'"
            )[0][0]
        )

    def prove(self) -> int:
        with self.database.reading() as connection:
            return prove(connection, library())

    def actor(self, login: str) -> Actor:
        return Actor(self.people[login])


def founded(database: Database, folder: Path) -> Desk:
    founding = Workflow(database, library(), clock=lambda: FOUNDED)
    founding.found()
    unit = founding.add_unit("desk", name_zh="服务台", name_en="Desk", kind="city", parent=None, actor=SYSTEM)
    people = {}
    staff = (("desk", "account_manager"), ("supervisor", "supervisor"), ("director", "director"))
    for login, role in staff:
        people[login] = founding.add_person(login, name_zh=login, name_en=login, actor=SYSTEM)
        founding.grant(people[login], unit, role, actor=SYSTEM)
    return Desk(Workflow(database, library(), clock=lambda: NOW), database, folder, people, unit)


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    """On each kind of database."""
    return founded(database, tmp_path)


@pytest.fixture
def sqlite_desk(sqlite_database: Database, tmp_path: Path) -> Desk:
    return founded(sqlite_database, tmp_path)
