"""The design: colours that can be read in both themes, its page, and the density a person chose."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.web.conftest import Visitor
from web import colours

STYLES = sorted((Path(colours.__file__).parent / "static").glob("*.css"))
Enter = Callable[[str], Visitor]


@pytest.mark.parametrize("pair", colours.contrasts(), ids=lambda pair: f"{pair.words} on {pair.ground}")
def test_what_is_written_can_be_read_in_light_and_dark(pair: colours.Contrast) -> None:
    assert min(pair.light, pair.dark) >= colours.READABLE


def test_contrast_is_counted_as_the_rule_says() -> None:
    white, black, grey = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0x77 / 255,) * 3

    assert colours.apart(white, black) == colours.apart(black, white) == pytest.approx(21)
    assert colours.apart(white, grey) == pytest.approx(4.48, abs=0.01)


def test_every_role_of_a_colour_is_known_in_both_themes() -> None:
    assert {name for pair in colours.PAIRS for name in pair} <= colours.tokens().keys()


def test_what_tables_phases_and_marks_are_called_is_no_rule_for_anything_else() -> None:
    """Every sheet is on every page: a rule of one page for `.entry` laid the tables of all forms out anew, and one for
    `.ahead` made boxes of the phases to come."""
    written = "".join(one.read_text() for one in STYLES)
    kinds = set(re.findall(r"\.table\.([\w-]+)", written))

    assert {"entry", "ledger", "folding"} <= kinds
    for kind in kinds | {"ahead", "kept", "rest"}:
        assert not re.search(rf"^\s*\.{kind}(?=[ ,.:{{])", written, re.MULTILINE), kind


def test_the_page_of_the_design_is_for_administrators(signed_in: Enter) -> None:
    shown = signed_in("root").get("/styleguide/")

    assert shown.status_code == 200
    assert "颜色与对比度" in shown.text
    assert "style=" not in shown.text
    assert signed_in("anna").get("/styleguide/").status_code == 403


def test_a_chosen_density_stays_and_nonsense_changes_nothing(signed_in: Enter) -> None:
    anna = signed_in("anna")
    assert 'data-density="comfortable"' in anna.get("/inbox/").text

    anna.post("/settings", {"language": "zh", "density": "compact"})
    assert 'data-density="compact"' in anna.get("/inbox/").text

    anna.post("/settings", {"language": "zh", "density": '"><script>'})
    assert 'data-density="compact"' in anna.get("/inbox/").text
