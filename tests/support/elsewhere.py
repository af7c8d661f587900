"""Tests work in a folder of their own: what is written where a setting of the product says, as `var/seal.key`, never
gets between the files of an installation in the checkout."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run_elsewhere(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A program of the checkout, to its end, in a folder outside it. Nothing is left there by default settings."""
    ended = subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert not (folder / "var").exists(), "something was written where an installation keeps its own"
    return ended
