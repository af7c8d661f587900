"""Every mistake is named where it stands. The files in `tests/bad_definitions` have one each."""

from pathlib import Path

import pytest

from workflow.definitions.faults import DefinitionErrors
from workflow.definitions.load import load, loads

FOLDER = Path(__file__).parents[1] / "bad_definitions"
FILES = sorted(FOLDER.glob("*.yaml"))
FIRST = "# expect: "


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bad_definition_gives_its_one_fault(path: Path) -> None:
    expected = path.read_text(encoding="utf-8").split("\n", 1)[0].removeprefix(FIRST)
    with pytest.raises(DefinitionErrors) as refused:
        load(path)
    assert [str(fault) for fault in refused.value.faults] == [
        f"{path.name}:{expected}".replace(": : ", ": ")  # a fault of the whole file has no path
    ]


def test_the_corpus_is_large_and_every_file_says_what_it_expects() -> None:
    assert len(FILES) >= 45
    assert all(path.read_text(encoding="utf-8").startswith(FIRST) for path in FILES)


def test_every_fault_is_reported_at_once_in_the_order_of_the_file() -> None:
    text = (FOLDER / "state_unknown_target.yaml").read_text(encoding="utf-8")
    text = text.replace("version: 1", "version: none").replace("data.amount < 1000.0", "data.amout < 1000.0")
    text = text.replace("remind: [clerk, boss]", "remind: [clerk, bos]").replace("at: 50%", "at: 2000%")
    with pytest.raises(DefinitionErrors) as refused:
        loads(text)
    faults = refused.value.faults
    assert [fault.path for fault in faults] == [
        "version",
        "conditions.is_small.if",
        "transitions.0.to",
        "clocks.answer.ladder.0.at",
        "clocks.answer.ladder.1.remind.1",
    ]
    assert [fault.line for fault in faults] == sorted(fault.line for fault in faults)


def test_a_broken_part_does_not_hide_that_another_is_unsound() -> None:
    text = (FOLDER / "clock_never_met.yaml").read_text(encoding="utf-8")
    with pytest.raises(DefinitionErrors) as refused:
        loads(text.replace("{en: Settled.}", "{en: Settled}").replace("is_small: {if:", "is_small: {iff:"))
    paths = [fault.path for fault in refused.value.faults]
    assert "clocks.answer.met_on" in paths
    assert "conditions.is_small.iff" in paths


def test_a_file_without_a_first_comment_is_refused() -> None:
    text = (FOLDER / "state_unknown_target.yaml").read_text(encoding="utf-8").replace("to: acepted", "to: accepted")
    loads(text)
    with pytest.raises(DefinitionErrors, match=r"definition.yaml:1:1: the file begins with a comment"):
        loads(text.split("\n", 1)[1])
