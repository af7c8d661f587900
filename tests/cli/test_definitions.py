"""`baton check` and `baton diagram`."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.conftest import ROOT, Baton, parsed

GOOD = ROOT / "definitions" / "complaint.yaml"


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """The complaint with a state misspelt in two places."""
    folder = tmp_path / "bad"
    folder.mkdir()
    file = folder / "visit.yaml"
    text = (ROOT / "definitions" / "visit.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("\ninitial: ", "\ninitial: x"), encoding="utf-8")
    return file


def test_the_products_own_definitions_are_sound(fresh_sqlite: Baton) -> None:
    done = fresh_sqlite("check")

    assert done.exit_code == 0, done.output
    assert done.stdout == "No fault found.\n"


def test_a_single_file_may_be_checked(fresh_sqlite: Baton) -> None:
    assert fresh_sqlite("check", str(GOOD)).exit_code == 0


def test_faults_are_printed_with_their_places(fresh_sqlite: Baton, bad: Path) -> None:
    found = fresh_sqlite("check", str(bad))

    lines = [line for line in found.stdout.splitlines() if line.startswith("visit.yaml:")]
    assert found.exit_code == 1
    assert any("initial: unknown state" in line for line in lines)
    assert found.stderr.strip().endswith("in 1 file.")


def test_faults_for_a_script(fresh_sqlite: Baton, bad: Path) -> None:
    found = fresh_sqlite("check", "--json", str(bad))

    assert found.exit_code == 1
    first = next(fault for fault in parsed(found) if fault["path"] == "initial")
    assert first["file"] == "visit.yaml"
    assert first["line"] > 1


def test_sound_files_for_a_script_are_an_empty_list(fresh_sqlite: Baton) -> None:
    assert parsed(fresh_sqlite("check", "--json", str(GOOD))) == []


def test_a_file_that_is_not_there_is_a_usage_error(fresh_sqlite: Baton) -> None:
    assert fresh_sqlite("check", "nowhere.yaml").exit_code == 2


def test_bad_definitions_stop_the_start(fresh_sqlite: Baton, tmp_path: Path, bad: Path, password_file: Path) -> None:
    fresh_sqlite("init", "--password-file", str(password_file))
    file = tmp_path / "config.toml"
    text = file.read_text(encoding="utf-8").replace(str(ROOT / "definitions"), str(bad.parent))
    file.write_text(text, encoding="utf-8")

    refused = fresh_sqlite("serve", "--port", "0")

    assert refused.exit_code == 1
    assert "baton: visit.yaml:" in refused.stderr


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_lifecycle_can_be_drawn(fresh_sqlite: Baton, tmp_path: Path, language: str) -> None:
    file = tmp_path / "drawing.svg"

    done = fresh_sqlite("diagram", "complaint", "--language", language, "-o", str(file))

    assert done.exit_code == 0, done.output
    assert ET.fromstring(file.read_text(encoding="utf-8")).tag.endswith("svg")


def test_an_unknown_lifecycle_is_answered_with_those_there_are(fresh_sqlite: Baton) -> None:
    refused = fresh_sqlite("diagram", "compliant")

    assert refused.exit_code == 1
    assert "complaint" in refused.stderr


def test_a_drawing_that_cannot_be_written_is_said(fresh_sqlite: Baton, tmp_path: Path) -> None:
    refused = fresh_sqlite("diagram", "complaint", "-o", str(tmp_path / "nowhere" / "x.svg"))

    assert refused.exit_code == 1
    assert "cannot be written" in refused.stderr
