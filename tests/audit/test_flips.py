"""A bit that turns over is found, and where it is part of a history, so is the step."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from bench import flips, tampering
from tests.support.office import Office
from tests.support.sealed import Sealed
from workflow.audit.log.verify import examine, verify
from workflow.storage import walk


@pytest.fixture
def sealed(sqlite_office: Office, tmp_path: Path) -> Sealed:
    return Sealed(sqlite_office, tmp_path)


def test_a_bit_in_any_field_of_a_history_is_found_in_its_step(sealed: Sealed) -> None:
    """Each 97th bit here; `python -m bench --only tampering` turns over every one."""
    found = list(flips.fields(sealed.office.database, sealed.long, every=97))

    assert len(found) > 2_000
    assert {step for step, _, _ in found} == set(range(1, 101))
    assert {field for _, field, _ in found} == {*walk.HASHED, "previous", "hash"}
    assert [(step, field) for step, field, good in found if not good] == []


def test_a_field_changed_in_the_database_itself_is_found_in_its_step(sealed: Sealed) -> None:
    for name, value in (
        ("form", "CAST(x'7bff7d' AS TEXT)"), ("ops", "'[]'"), ("kind", "'opem'"), ("actor_id", "NULL"), ("task", "0"),
        ("effective", "effective + 1"), ("recorded", "recorded - 1"), ("version", "version + 1"),
        ("previous", "zeroblob(31)"), ("hash", "zeroblob(32)"), ("hash", "x'00'"),
        ("trigger", "CAST(x'80' AS TEXT)"), ("to_state", "''"),
    ):  # fmt: skip
        with tampering.undone(sealed.office.database) as connection:
            connection.exec_driver_sql(f"UPDATE steps SET {name} = {value} WHERE case_id = {sealed.long} AND seq = 41")
            found = {(one.case, one.seq) for one in examine(connection).damages if one.kind != "unprotected"}
        assert found == {(sealed.long, 41)}, name


def test_a_bit_anywhere_in_the_file_is_found_or_the_histories_are_as_before(sealed: Sealed, tmp_path: Path) -> None:
    """200 here; `python -m bench --only tampering` does 10,000."""
    sealed.office.database.dispose()
    file = tmp_path / "whole.db"
    shutil.copyfile(tmp_path / "baton.db", file)
    assert not flips.verified(file)

    seen = list(flips.anywhere(file, tmp_path, count=200, seed=3))

    assert [bit for bit, found, equal in seen if not found and not equal] == []
    assert sum(found for _, found, _ in seen) > 20


@pytest.mark.parametrize(
    ("table", "change"),
    [("steps", "seq = x'29'"), ("vault", "salt = 5"), ("checkpoints", "size = 'x'"), ("cases", "seq = NULL"),
     ("leaves", "case_id = 'x'")],
)  # fmt: skip
def test_a_value_that_its_table_never_took_is_found(sealed: Sealed, tmp_path: Path, table: str, change: str) -> None:
    """A bit that turns over in a row's head makes a text of a number, whatever the table says."""
    database = sealed.office.database
    with database.writing() as connection:
        tampering.unprotect(connection)
    database.dispose()
    file = tmp_path / "baton.db"
    for statements in (
        ["PRAGMA writable_schema = ON",
         f"UPDATE sqlite_schema SET sql = replace(replace(sql, ' STRICT', ''), 'NOT NULL', '') WHERE name = '{table}'"],
        [f"UPDATE {table} SET {change} WHERE rowid = (SELECT max(rowid) FROM {table})"],
    ):  # fmt: skip
        raw = sqlite3.connect(file, isolation_level=None)
        for statement in statements:
            assert raw.execute(statement).rowcount in (-1, 1)
        raw.close()

    found = verify(database)

    assert not found.holds
    assert {one.kind for one in found.damages} - {"unprotected"}
    database.dispose()
