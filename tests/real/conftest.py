"""The real data, and an organisation that was there when they happened."""

from __future__ import annotations

import csv
import gzip
import os
import resource
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.proof import prove
from workflow import SYSTEM, Workflow
from workflow.definitions.library import Library
from workflow.intake.progress import Outcome, Progress
from workflow.storage.database import Database

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("BATON_REAL_DATA", ROOT.parent / "shared" / "data")).absolute()
MAPPINGS = Path(__file__).parent / "mappings"
FOUNDED = datetime(2000, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
MEBIBYTE = 1024 if sys.platform != "darwin" else 1024 * 1024


def real(name: str) -> Path:
    """A file of the real data, or a failed run."""
    path = DATA / name
    if not path.exists():
        pytest.fail(f"The real data are not here: there is no {path}. Name their folder in BATON_REAL_DATA.")
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, read with nothing of ours; `line` is where each begins (header: 1)."""
    opener: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        found, line = [], 2
        for row in reader:
            found.append({**row, "line": str(line)})
            line = reader.line_num + 1
        return found


@dataclass
class Desk:
    """One unit, in which one person does all the work, one supervises and one directs."""

    workflow: Workflow
    database: Database
    library: Library
    report: Path

    def mapping(self, name: str) -> Path:
        return MAPPINGS / f"{name}.yaml"

    def sql(self, text: str) -> list[tuple[Any, ...]]:
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(text).all()]

    def reported(self) -> list[dict[str, str]]:
        with self.report.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def prove(self) -> int:
        """Every history verifies and replays; gives the number of steps."""
        with self.database.reading() as connection:
            return prove(connection, self.library)

    def accounted(self, outcome: Outcome) -> None:
        """Every row is one thing, and what did not simply come in stands in the report."""
        assert outcome.imported + outcome.merged + outcome.rejected + outcome.earlier == outcome.rows
        lines = self.reported()
        assert len({line["row"] for line in lines if line["outcome"] == "merged"}) == outcome.merged
        rejected = {line["row"] for line in lines if line["outcome"] == "rejected"}
        assert len(rejected) == outcome.rejected
        assert all(line["reason"] for line in lines)


MEASURED: list[str] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the imports took, at the end of the run."""
    for line in MEASURED:
        terminalreporter.write_line(line)


def figures(name: str, outcome: Outcome) -> None:
    """Keep what an import took for the end of the run."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTE
    rates = f"{outcome.rows / outcome.seconds:,.0f} rows/s, {outcome.cases / outcome.seconds:,.0f} cases/s"
    counts = f"{outcome.rows:,} rows, {outcome.cases:,} cases, {outcome.commands:,} commands, {outcome.timers:,} timers"
    MEASURED.append(f"{name}: {counts} in {outcome.seconds:,.1f} s: {rates}, peak memory {peak:,.0f} MiB")


class Shown:
    """Says from time to time how far an import is."""

    def __init__(self, name: str) -> None:
        self.name, self.tenths = name, 0

    def __call__(self, progress: Progress) -> None:
        tenths = progress.done * 10 // max(progress.total, 1)
        if tenths > self.tenths:
            self.tenths = tenths
            left = "" if progress.left is None else f", {progress.left:,.0f} s to go"
            print(
                f"{self.name}: {progress.done:,} of {progress.total:,}, {progress.rate:,.0f} rows/s{left}", flush=True
            )


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.load(ROOT / "definitions")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, library: Library) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("real")
    shutil.copyfile(sqlite_template, folder / "baton.db")
    database = Database(f"sqlite:///{folder / 'baton.db'}")
    founding = Workflow(database, library, clock=lambda: FOUNDED)
    founding.found()
    unit = founding.add_unit("desk", name_zh="服务台", name_en="Desk", kind="city", parent=None, actor=SYSTEM)
    for login, role in (("desk", "account_manager"), ("supervisor", "supervisor"), ("director", "director")):
        person = founding.add_person(login, name_zh=login, name_en=login, actor=SYSTEM)
        founding.grant(person, unit, role, actor=SYSTEM)
    yield Desk(Workflow(database, library, clock=lambda: NOW), database, library, folder / "report.csv")
    database.dispose()
