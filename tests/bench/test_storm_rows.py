"""Clocks that are wrong, disks that are full, logs that are cut: the small form of each row finds nothing wrong."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.elsewhere import run_elsewhere

SHOWN = {
    "asleep": ("overdue", "clicks"),
    "lateness": ("timers", "schedulers killed"),
    "cut_log": ("cuts", "commits", "acknowledged"),
    "disk_full": ("points", "acknowledged"),
    "locked_out": ("refused", "reads meanwhile"),
    "poison": ("webhooks meanwhile", "incidents", "people with letters after the retry"),
    "jumps": ("acknowledged", "timers"),
    "apart": ("acknowledged", "timers"),
}
"""Counts of each row that are not nothing, else it has shown nothing."""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_rows_of_time_and_disk_hold(kind: str, server_folder: Path) -> None:
    rows = [row for row in SHOWN if row != "cut_log" or kind == "sqlite"]
    file = server_folder / "outcomes.json"
    # In a process of its own: it forks, which a process with threads should not.
    command = [sys.executable, "-m", "bench.storm", "--size", "small", "--database", kind, "--json", str(file)]
    ended = run_elsewhere([*command, "--folder", str(server_folder), "--only", *rows], server_folder)

    found: dict[str, dict[str, Any]] = {one["row"]: one for one in json.loads(file.read_text())["outcomes"]}

    assert {row: one["faults"] for row, one in found.items()} == {row: [] for row in rows}, ended.stderr
    nothing = [(row, count) for row in rows for count in SHOWN[row] if not found[row]["counts"][count]]
    assert nothing == []
    assert ended.returncode == 0
