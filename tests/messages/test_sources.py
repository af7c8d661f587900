"""Where a rule comes from, in the reader's language: definitions say in English what is our own."""

import re
from pathlib import Path

import pytest

from workflow.messages import source

DEFINITIONS = Path(__file__).parents[2] / "definitions"


def sources() -> set[str]:
    """Every `source:` of every shipped file."""
    texts = "\n".join(path.read_text(encoding="utf-8") for path in DEFINITIONS.rglob("*.yaml"))
    return {quoted or bare.strip() for quoted, bare in re.findall(r'\bsource: *(?:"([^"]*)"|([^,}\n]+))', texts)}


def test_no_source_of_a_shipped_rule_is_told_in_the_other_language() -> None:
    shipped = sources()
    assert len(shipped) > 100
    assert "ours" in shipped
    assert [one for one in shipped if re.search("[A-Za-z]{2}", source(one, "zh"))] == []
    assert [one for one in shipped if re.search(r"\bours\b", source(one, "en"))] == []
    for one in shipped:
        assert re.findall(r"§[\d.]+", one) == re.findall(r"§[\d.]+", source(one, "zh")), one


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("ours", "自定规则，原文未作规定", "our own rule, where the texts say nothing"),
        ("003 §4.3(2)5; limit: ours", "003 §4.3(2)5；时限为自定", "003 §4.3(2)5; the time limit is our own"),
        ("003 annex 2; 30 days: ours", "003 附件 2；30天为自定", "003 annex 2; the 30 days are our own"),
        ("002 §5(2): one answerable", "002 §5(2)：由一人负责", "002 §5(2): one answerable"),
        ("004 §2.2: not of our words", "004 §2.2: not of our words", "004 §2.2: not of our words"),
    ],
)  # fmt: skip
def test_citations_stay_and_remarks_are_told(text: str, zh: str, en: str) -> None:
    assert (source(text, "zh"), source(text, "en")) == (zh, en)
