"""A customer's name made comparable, so that the same customer is not registered twice.

Full and half width, case, spaces, punctuation and the form of the company do not tell two
customers apart: 深圳市振业（集团）股份有限公司 and 深圳市振业集团有限责任公司 are one.
"""

from __future__ import annotations

import re
import unicodedata

MOST = 400
"""Characters looked at; no registered name is longer."""

CHINESE_FORM = re.compile(
    r"(股份有限责任公司|股份有限公司|有限责任公司|有限责任|有限公司|股份公司|有限合伙|普通合伙|总公司|公司)$"
)
ENGLISH_FORM = re.compile(r"( and|( (company|corporation|incorporated|limited|plc|inc|corp|ltd|llc|gmbh|co|ag)))$")


def normalised(name: str) -> str:
    """The key of a name. Two names with the same key are taken for the same customer in one division.

    Never empty for a name with anything visible in it; a name that is nothing but a form keeps it.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name[:MOST]).casefold())
    words = " ".join("".join(c if c.isalnum() else _gap(c) for c in folded.replace("&", " and ")).split())
    core = _without(ENGLISH_FORM, words)
    joined = core.replace(" ", "")
    return _without(CHINESE_FORM, joined) or joined or "".join(folded.split())


def _gap(character: str) -> str:
    """Between Latin words a point or bracket separates; apostrophes and invisible characters do not."""
    if character in "'’." or unicodedata.category(character) in ("Cf", "Cc", "Mn"):
        return " " if character.isspace() else ""
    return " "


def _without(form: re.Pattern[str], name: str) -> str:
    """Take the form off the end, and again (`Co., Ltd.`), but never the whole name."""
    while (shorter := form.sub("", name)) and shorter != name:
        name = shorter
    return name
