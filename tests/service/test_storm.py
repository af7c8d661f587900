"""Processes are killed in the middle of everything: nothing acknowledged is lost, nothing happens twice."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_small_storm_breaks_nothing(kind: str, server_folder: Path) -> None:
    # In a process of its own: it forks, which a process with threads should not.
    command = [sys.executable, "-m", "bench.storm", "--kills", "6", "--json", "--database", kind]
    ended = subprocess.run(
        [*command, "--folder", str(server_folder)], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert report["faults"] == []
    assert report["kills"] == 6
    assert report["acknowledged"] > 0
    assert report["timers"] > 0
    assert report["steps"] > report["cases"] > 300
