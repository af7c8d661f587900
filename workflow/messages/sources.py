"""Where a rule comes from, for whoever reads it: definitions cite their texts, and say in English what is ours."""

from __future__ import annotations

import re

from workflow.messages.catalogue import find, words

_WORD = re.compile(r"\b(annex|domain)\b")


def source(text: str, language: str) -> str:
    """A `source:` of a definition. Citations (`003 §4.3(2)1`) stay; remarks nobody has words for stay as they are."""
    return words(language, "source_and").join(_part(part, language) for part in text.split("; "))


def _part(part: str, language: str) -> str:
    known = find(language, "source", part)
    if known is not None:
        return known
    cited, colon, remark = part.partition(": ")
    told = find(language, "source", remark) if colon else None
    if told is None:
        return _cited(part, language)
    return words(language, "source_says", cited=_part(cited, language), remark=told)


def _cited(text: str, language: str) -> str:
    return _WORD.sub(lambda found: find(language, "source", found[0]) or found[0], text)
