"""Controls are data, and a slip of the pen in them is named where it stands."""

from pathlib import Path

import pytest

from tests.support.office import library
from workflow.definitions.controls import Control, load_controls
from workflow.definitions.faults import DefinitionErrors
from workflow.definitions.library import Library, check

HEAD = "late:\n  title: {zh: 超时, en: Late}\n"
CLOCK = HEAD + "  each: clock\n  of: {definition: complaint, clock: answer}\n"


def load(folder: Path, text: str) -> tuple[Control, ...]:
    (folder / "some.yaml").write_text(text, encoding="utf-8")
    return load_controls(folder, library().latest)


def test_the_product_s_own_controls_are_those_auditors_asked_for() -> None:
    assert [control.name for control in library().controls] == [
        "answered_in_time", "own_work_not_approved", "four_eyes_by_substitute", "handover_without_complaints",
        "first_handover_without_complaints", "never_without_owner",
        "one_owner_at_every_moment", "shares_always_whole", "monthly_meeting", "window_extended_once",
        "visit_form_next_morning",
    ]  # fmt: skip


def test_a_control_is_what_its_file_says(tmp_path: Path) -> None:
    (control,) = load(tmp_path, CLOCK + '  where: clock.run > 1\n  holds: "!clock.breached"\n  source: ours\n')

    assert (control.name, control.title["en"], control.each, control.source) == ("late", "Late", "clock", "ours")
    assert control.where is not None
    assert control.where.names == {"clock.run"}
    assert not control.holds.holds({"clock.breached": True})


def test_the_hash_is_of_what_it_asks_and_not_of_its_title(tmp_path: Path) -> None:
    (one,) = load(tmp_path, CLOCK + "  holds: clock.met\n")
    (titled,) = load(tmp_path, (CLOCK + "  holds: clock.met\n").replace("Late", "Too late"))
    (other,) = load(tmp_path, CLOCK + "  holds: clock.run == 1\n")

    assert one.hash == titled.hash != other.hash


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CLOCK + "  holds: clock.breeched\n",
         "some.yaml:5:15: late.holds: unknown name 'clock.breeched', did you mean 'clock.breached'?"),
        (CLOCK + "  holds: clock.late\n",
         "some.yaml:5:10: late.holds: the result is int, but a condition must be bool"),
        (CLOCK + "  holds: clock.met\n  wher: clock.met\n",
         "some.yaml:6:3: late.wher: unknown key 'wher', did you mean 'where'?"),
        (CLOCK, "some.yaml:1:1: late: a control says what 'holds'"),
        (HEAD + "  each: clok\n  holds: clock.met\n",
         "some.yaml:3:9: late.each: unknown subject 'clok', did you mean 'clock'?"),
        (HEAD + "  each: clock\n  of: {definition: complaint, clock: anser}\n  holds: clock.met\n",
         "some.yaml:4:38: late.of.clock: unknown clock 'anser', did you mean 'answer'?"),
        (HEAD + "  each: clock\n  of: {definition: complant, clock: answer}\n  holds: clock.met\n",
         "some.yaml:4:20: late.of.definition: unknown definition 'complant', did you mean 'complaint'?"),
        (HEAD + "  each: clock\n  of: {definition: complaint}\n  holds: clock.met\n",
         "some.yaml:4:3: late.of: of each clock, say its 'clock'"),
        (HEAD + "  each: step\n  of: {trigger: confirm}\n  holds: step.person > 0\n",
         "some.yaml:4:17: late.of.trigger: 'trigger' says nothing without a definition"),
        (HEAD + "  each: record\n  of: {clock: x}\n  holds: held.seconds > 0\n",
         "some.yaml:4:8: late.of.clock: unknown key 'clock'"),
        (HEAD + "  each: step\n  of: {four_eyes: 3}\n  holds: step.person > 0\n",
         "some.yaml:4:19: late.of.four_eyes: 'four_eyes' is true, or left out"),
        ("late:\n  title: {zh: 超时}\n  each: case\n  holds: case.open\n",
         "some.yaml:2:10: late.title: a control's title is in both languages, {zh: …, en: …}"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_line_and_column(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DefinitionErrors) as caught:
        load(tmp_path, text)

    assert [str(fault) for fault in caught.value.faults] == [said]


def test_a_file_named_to_check_is_looked_at_beside_its_lifecycles(tmp_path: Path) -> None:
    own = Path(__file__).parents[2] / "definitions"
    (tmp_path / "controls").mkdir()
    (tmp_path / "complaint.yaml").write_bytes((own / "complaint.yaml").read_bytes())
    file = tmp_path / "controls" / "some.yaml"
    file.write_text(CLOCK + "  holds: clock.mett\n", encoding="utf-8")

    (fault,) = check([file])

    assert str(fault) == "some.yaml:5:15: late.holds: unknown name 'clock.mett', did you mean 'clock.met'?"


def test_a_folder_with_a_wrong_control_is_not_loaded(tmp_path: Path) -> None:
    own = Path(__file__).parents[2] / "definitions"
    for path in own.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "calendars").symlink_to(own / "calendars")
    (tmp_path / "controls").mkdir()
    (tmp_path / "controls" / "some.yaml").write_text(HEAD, encoding="utf-8")

    with pytest.raises(DefinitionErrors, match=r"some\.yaml:1:1: late\.each: unknown subject ''"):
        Library.load(tmp_path)
