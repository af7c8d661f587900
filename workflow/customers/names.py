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

ENDINGS = (
    "分", "支", "分行", "支行", "分店", "门店", "分部", "分局", "分社", "分校", "分院", "校区", "营业部", "营业厅",
    "网点", "办事处", "代表处", "branch", "office", "store",
)  # fmt: skip
"""How the normalised name of a branch ends: 分公司 and 支公司 have lost their last two characters by then."""

LEAST = 3
"""Characters of a head office's normalised name at the least."""


def normalised(name: str) -> str:
    """The key of a name. Two names with the same key are taken for the same customer in one division.

    Never empty for a name with anything visible in it; a name that is nothing but a form keeps it.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name[:MOST]).casefold())
    words = " ".join("".join(c if c.isalnum() else _gap(c) for c in folded.replace("&", " and ")).split())
    core = _without(ENGLISH_FORM, words)
    joined = core.replace(" ", "")
    return _without(CHINESE_FORM, joined) or joined or "".join(folded.split())


def heads_of(key: str) -> tuple[str, ...]:
    """The keys a head office of this name may have: `某某集团东莞分` (分公司) may be a branch of what it begins with.

    Empty for a key that does not end like a branch's.
    """
    if not is_branch(key):
        return ()
    return tuple(key[:length] for length in range(LEAST, len(key)))


def is_branch(key: str) -> bool:
    """Whether a normalised name ends like a branch's."""
    return key.endswith(ENDINGS) and len(key) > LEAST


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
