"""What the self-check of security points at is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_file_that_is_named_is_there() -> None:
    named = set(re.findall(r"`((?:[a-z_]+/)*[a-z_]+\.(?:py|toml))`|`((?:tests|bench|workflow|web)/[a-z_/]+)`", PAGE))
    tests = {path.name for path in (ROOT / "tests").rglob("*.py")}
    code = {path.name for room in ("web", "workflow") for path in (ROOT / room).rglob("*.py")}

    assert len(named) > 20
    for name in filter(None, (one for pair in named for one in pair)):
        assert (ROOT / name).exists() or name in tests | code, name


def test_every_chapter_is_judged_and_each_gap_it_points_at_is_told() -> None:
    told = {int(number) for number in re.findall(r"^(\d+)\. \*\*", PAGE.partition("## Gaps")[2], re.MULTILINE)}
    chapters = dict(re.findall(r"^\| (V\d+)[^|]*\| (.*)$", PAGE, re.MULTILINE))
    pointed = {int(number) for row in chapters.values() for of in re.findall(r"\*Gaps? ([\d, ]+)", row)
               for number in of.split(",")}  # fmt: skip

    assert list(chapters) == [f"V{number}" for number in range(1, 18)]
    assert pointed
    assert pointed <= told
