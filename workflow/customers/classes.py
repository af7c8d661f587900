"""How customers are classed (002 §7, 003 §4.2(1)), and the industries there are."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

CLASSES: Mapping[str, tuple[str, ...]] = {
    "trade": ("comprehensive", "specialist"),
    "cooperation": ("cooperating", "potential"),
    "importance": ("strategic", "ordinary"),
    "nature": ("commercial", "policy"),
}
"""Class → what it may be: 综合/专业, 合作/潜在, 战略/一般, 商业性/政策性. A record may leave each open."""

CREDIT_RATINGS = ("AAA", "AA", "A", "BBB", "BB", "B", "C")
"""Recorded, not scored (003 §4.2(4)). The source names no steps; these are the usual ones."""


@cache
def industries() -> Mapping[str, tuple[str, str]]:
    """Code → Chinese and English name (002 §7)."""
    text = (Path(__file__).parent / "industries.toml").read_text(encoding="utf-8")
    return {code: (zh, en) for code, (zh, en) in tomllib.loads(text)["names"].items()}


def industry(text: str) -> str:
    """The code of an industry written as its code or name; what the list does not have stays as it is written."""
    asked = text.strip()
    return _called().get(asked.casefold(), asked)


@cache
def _called() -> Mapping[str, str]:
    """Code or folded name → code; of two that are called alike the first one."""
    found: dict[str, str] = {}
    for code, names in industries().items():
        for name in (code, *names):
            found.setdefault(name.casefold(), code)
    return found
