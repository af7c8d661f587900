"""The harness sees: mistakes made in our own code on purpose are all caught, and it passes without them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bench.storm.seeded_faults import SEEDS
from tests.support.elsewhere import run_elsewhere


@pytest.mark.parametrize(("kind", "least"), [("sqlite", 15), ("postgresql", 6)])
def test_every_seeded_fault_is_caught(kind: str, least: int, server_folder: Path) -> None:
    # In a process of its own: it forks, which a process with threads should not.
    told = server_folder / "outcomes.json"
    command = [sys.executable, "-m", "bench.storm", "--only", "seeded_faults", "--size", "small", "--json", str(told)]
    ended = run_elsewhere([*command, "--database", kind, "--folder", str(server_folder)], server_folder)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    [outcome] = json.loads(told.read_text(encoding="utf-8"))["outcomes"]
    assert outcome["faults"] == []
    assert outcome["counts"]["caught"] == outcome["counts"]["seeded"] >= least
    assert outcome["counts"]["passed without"] >= 4


def test_there_are_enough_of_them_on_each_database() -> None:
    for database in ("sqlite", "postgresql"):
        assert sum(database in seed.databases for seed in SEEDS.values()) >= 12
