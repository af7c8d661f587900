"""Every row of the storm in its small form: nothing is at fault, and what it counts was really done."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.places import Place
from bench.storm.__main__ import main
from bench.storm.outcome import Outcome, Size
from bench.storm.rows import ROWS, Row
from tests.support.elsewhere import run_elsewhere


def blown(kind: str, folder: Path, *rows: str) -> dict[str, dict[str, Any]]:
    """Row → its counts; none is at fault. In a process of its own: it forks, which threads do not bear."""
    found = folder / "found.json"
    command = [sys.executable, "-m", "bench.storm", "--size", "small", "--database", kind, "--only", *rows]
    command += ["--folder", str(folder), "--json", str(found)]
    ended = run_elsewhere(command, folder)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    outcomes = json.loads(found.read_text(encoding="utf-8"))["outcomes"]
    assert [(one["row"], one["database"], one["faults"]) for one in outcomes] == [(row, kind, []) for row in rows]
    return {one["row"]: one["counts"] for one in outcomes}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killing_processes_and_servers_breaks_nothing(kind: str, server_folder: Path) -> None:
    rows = ["kill_storm", "restarts"] if kind == "postgresql" else ["kill_storm"]
    found = blown(kind, server_folder, *rows)
    for counts in found.values():
        assert counts["kills"] in (30, 16)
        assert counts["commands acknowledged"] > 0
        assert counts["timers fired"] >= 12 * counts["vigils"] > 0
        assert counts["of them amidst"] > 0
    assert found["kill_storm"]["kills"] == 30
    assert found.get("restarts", {"restarts": 2})["restarts"] == 2


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_one_of_many_does_it_and_an_answer_lost_changes_nothing(kind: str, server_folder: Path) -> None:
    found = blown(kind, server_folder, "one_winner", "lost_answers")
    won, lost = found["one_winner"], found["lost_answers"]
    assert won["winners of 2"] == won["tasks wanted by 2"] == won["told who and when of 2"] > 0
    assert won["winners of 8"] == won["tasks wanted by 8"] > 0
    assert won["told who and when of 8"] == 7 * won["tasks wanted by 8"]
    assert (
        lost["commands"] == lost["other payloads refused"] == lost["answers compared"] + lost["cut off in flight"] > 0
    )
    assert lost["answers compared"] > lost["cut off in flight"] > 0


def test_a_row_that_breaks_off_is_a_fault_and_the_others_are_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def whole(place: Place, size: Size) -> Outcome:
        return Outcome(row="whole", database=place.name, counts={"done": 1234}, faults=(), seconds=0.1)

    def broken(place: Place, size: Size) -> Outcome:
        raise ValueError("the roof is off")

    for name in list(ROWS):
        monkeypatch.delitem(ROWS, name)
    monkeypatch.setitem(ROWS, "broken", Row("", broken))
    monkeypatch.setitem(ROWS, "elsewhere", Row("", broken, databases=("postgresql",)))
    monkeypatch.setitem(ROWS, "whole", Row("", whole))

    assert main(["--database", "sqlite", "--folder", str(tmp_path), "--json", str(tmp_path / "found")]) == 1
    printed = capsys.readouterr().out
    assert "sqlite: done 1,234: nothing lost, nothing twice" in printed
    assert "1 FAULTS\n    broke off: ValueError: the roof is off" in printed
    written = json.loads((tmp_path / "found").read_text(encoding="utf-8"))
    assert [(one["row"], len(one["faults"])) for one in written["outcomes"]] == [("broken", 1), ("whole", 0)]
    assert main(["--database", "sqlite", "--folder", str(tmp_path), "--only", "whole"]) == 0
