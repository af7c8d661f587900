"""Every row of the storm in its small form: nothing is at fault, and what it counts was really done."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def blown(row: str, kind: str, folder: Path) -> dict[str, Any]:
    """The counts of a row that is without fault. In a process of its own: it forks, which threads do not bear."""
    found = folder / "found.json"
    command = [sys.executable, "-m", "bench.storm", "--size", "small", "--only", row, "--database", kind]
    command += ["--folder", str(folder), "--json", str(found)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    [outcome] = json.loads(found.read_text(encoding="utf-8"))["outcomes"]
    assert (outcome["row"], outcome["database"], outcome["faults"]) == (row, kind, [])
    return outcome["counts"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killing_processes_breaks_nothing(kind: str, server_folder: Path) -> None:
    counts = blown("kill_storm", kind, server_folder)
    assert counts["kills"] == 60
    assert counts["commands acknowledged"] > 0
    assert counts["timers fired"] >= 12 * counts["vigils"] > 0
    assert counts["of them amidst"] > 0
