"""Whoever dies at whatever point, nothing is lost and nothing comes twice; and every write has its points."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.storm.crash_points import LIST, compared, listed
from bench.storm.likeness import unlike
from bench.storm.points import AFTER, BEFORE, Point, called
from bench.storm.writes import Write, uncovered, writes, writes_in
from tests.support.elsewhere import run_elsewhere


@pytest.mark.parametrize(("kind", "least"), [("sqlite", 50), ("postgresql", 20)])
def test_scenes_are_killed_and_the_list_of_points_is_complete(kind: str, least: int, server_folder: Path) -> None:
    # In a process of its own: it forks, which a process with threads should not.
    command = [sys.executable, "-m", "bench.storm.crash_points", "--compare", "--database", kind]
    ended = run_elsewhere([*command, "--folder", str(server_folder)], server_folder)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    points, killed = (int(word) for word in ended.stdout.split() if word.isdigit())
    assert killed >= least
    assert points > 1500


def test_the_list_can_be_read_by_people() -> None:
    lines = LIST.read_text(encoding="utf-8").splitlines()
    named = [line for line in lines if not line.startswith("#")]
    assert named == sorted(set(named))
    assert "perform: insert steps" in listed(LIST.read_text(encoding="utf-8"), "sqlite")
    assert "open: count case_ids" in listed(LIST.read_text(encoding="utf-8"), "postgresql")
    assert "open: count case_ids" not in listed(LIST.read_text(encoding="utf-8"), "sqlite")


def test_a_look_more_or_less_changes_nothing_in_the_list() -> None:
    looks = [
        Point("x: read cases, before", "read cases", BEFORE, "", ""),
        Point("x: begin, after", "begin", AFTER, "", ""),
    ]
    assert compared(looks, "x: begin\n", "sqlite") == []
    assert ": read " not in LIST.read_text(encoding="utf-8")


def test_a_new_write_that_no_scene_plays_is_named() -> None:
    module = "workflow/storage/novel.py"
    text = '''
from sqlalchemy import delete, insert, update
from workflow.storage import tables as t

_TEXT = "UPDATE cases SET seq = 0"

def add(connection):
    connection.execute(insert(t.outages).values(since=1))

def forget(connection, table):
    """DELETE FROM nothing: this is only said."""
    connection.execute(delete(table))
    connection.execute("DELETE FROM vault WHERE 1 = 1")

def touch(connection, values):
    values.update({"a": 1})
    connection.execute(t.facts.update().values(value=1))
'''
    found = set(writes_in(text, module))
    assert found == {
        Write(module, None, "update", "cases"),
        Write(module, "add", "insert", "outages"),
        Write(module, "forget", "delete", None),
        Write(module, None, "delete", "vault"),
        Write(module, "touch", "update", "facts"),
    }
    point = Point("scene: insert outages, before", "insert outages", BEFORE, module, "add")
    assert [str(one) for one in found if one.is_at(point)] == [f"insert outages in add of {module}"]
    elsewhere = Point("scene: insert outages, before", "insert outages", BEFORE, module, "touch")
    assert not any(one.is_at(elsewhere) for one in found)


def test_without_a_single_point_every_write_is_named() -> None:
    told = uncovered([])
    assert len(told) == len(writes()) > 60
    assert "no scene of bench/storm comes by this write: insert steps in workflow/storage/store.py" in told
    assert any("update recounts in advance" in one for one in told)


def test_a_statement_the_store_never_needs_is_told_when_it_does() -> None:
    gone = Point("x: delete links, after", "delete links", AFTER, "workflow/storage/store.py", "_execute")
    assert "delete links does happen" in uncovered([gone])


def test_the_list_and_the_points_must_agree_both_ways() -> None:
    points = [Point("x: begin, before", "begin", BEFORE, "", ""), Point("x: begin, after", "begin", AFTER, "", "")]
    assert compared(points, "# said\nx: begin\n", "sqlite") == []
    assert compared(points, "x: begin [sqlite]\n", "sqlite") == []
    new, gone = compared(points, "x: begin [postgresql]\nx: commit\n", "sqlite")
    assert new.startswith("not in the list of crash points, on sqlite: x: begin;")
    assert gone.startswith("in the list and not met, on sqlite: x: commit;")


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("INSERT INTO steps (a) VALUES (?)", "insert steps"),
        ("SELECT c.body\nFROM cases c WHERE c.id = %s FOR NO KEY UPDATE OF c", "lock cases"),
        ("SELECT nextval('case_ids')", "count case_ids"),
        ("SELECT pg_advisory_xact_lock(1)", "lock by number"),
        ("BEGIN IMMEDIATE", "begin"),
        ("DELETE FROM recounts WHERE recounts.id = ?", "delete recounts"),
    ],
)
def test_a_statement_is_called_by_what_it_does(statement: str, name: str) -> None:
    assert called(statement) == name


def test_two_databases_differ_by_a_row() -> None:
    assert unlike({"steps": ("a", "b")}, {"steps": ("a", "b")}) == ""
    assert "steps: 1 missing, 0 too many" in unlike({"steps": ("a",)}, {"steps": ("a", "a")})
    assert unlike({"tries": ("a", "b")}, {"tries": ("a",)}, more=frozenset({"tries"})) == ""
    assert unlike({"tries": ()}, {"tries": ("a",)}, more=frozenset({"tries"})) != ""
    assert unlike({"steps": (), "tries": ()}, {"steps": (), "tries": ("a",)}, but=frozenset({"tries"})) == ""
