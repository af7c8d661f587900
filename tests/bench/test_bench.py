"""The benchmark runs and says what it is asked to say. How fast anything is, is not asserted anywhere."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from bench import limit, office, transition
from bench.__main__ import main
from bench.figures import Figure, Spread, table
from bench.places import bare, places
from workflow.storage.database import Database
from workflow.storage.store import DERIVED

TABLES = ("cases", "steps", "vault", "outbox", *DERIVED)


def test_every_row_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = ["--quick", "--json", "--database", "sqlite", "--folder", str(tmp_path), "--only", "transition"]
    assert main([*wanted, "--only", "start"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["database"]) for one in found["figures"]] == [
        ("transition, one writer", "sqlite"),
        ("baton --help", ""),
        ("start of the whole", "sqlite"),
    ]
    assert all(0 < one["ours"]["low"] <= one["ours"]["middle"] <= one["ours"]["high"] for one in found["figures"])
    assert found["machine"]["peak memory MB"]["this"] > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_limit_writes_the_same_rows(kind: str, server_folder: Path) -> None:
    with places(kind, server_folder) as (place,):
        material = transition.prepare(place, 2)
        assert len(material.transactions) == len(material.commands) == (2 + transition.WARM) * len(office.STORY)
        with place.copy(material.template) as ours, place.copy(material.template) as theirs:
            door = office.door(Database(ours), office.LATER)
            for one in material.commands:
                one.do(door)
            with closing(bare(theirs)) as connection:
                limit.replayed(connection, material.transactions)
            found = written(door.database)
            assert written(Database(theirs)) == found
            assert found["steps"] > found["cases"] > found["timers"] > 0


def written(database: Database) -> dict[str, object]:
    """How many rows there are, and those that do not depend on fresh salts: cases, their tasks and timers."""
    with database.reading() as connection:
        found: dict[str, object] = {
            name: int(connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()) for name in TABLES
        }
        for columns in ("id, seq, state, updated FROM cases", "* FROM tasks", "* FROM timers", "* FROM clocks"):
            found[columns] = sorted(map(repr, connection.exec_driver_sql(f"SELECT {columns}").all()))
    database.dispose()
    return found


def test_an_aim_is_met_or_missed_by_the_median() -> None:
    half = Spread.of([0.4, 0.5, 0.9])
    assert Figure("a", "", "/s", half, half, half, aim=0.5).met is True
    assert Figure("a", "", "/s", half, half, half, aim=0.51).met is False
    assert Figure("a", "", "ms", half, most=0.5).met is False
    assert Figure("a", "", "s", half).met is None
    assert "missed" in table([Figure("a", "", "ms", half, most=0.5)])
