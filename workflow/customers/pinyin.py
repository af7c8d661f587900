"""Chinese names by their sound, so that a customer is found as `gdyz` or `guangdongyouzheng`."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

MOST = 400
"""Characters looked at."""

OTHER = "\0"
"""Marks what has no pinyin, between the syllables."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Both lower case, letters and digits only; ü is v. What is not Chinese stands in both as it is."""

    initials: str
    full: str

    def __str__(self) -> str:
        """What is stored for search."""
        return f"{self.initials} {self.full}".strip()


def sound(name: str) -> Sound:
    from pypinyin import lazy_pinyin  # its dictionaries take a quarter of a second to load

    text = unicodedata.normalize("NFKC", name[:MOST]).lower().replace(OTHER, "")
    initials, full = "", ""
    for part in lazy_pinyin(text, errors=lambda other: OTHER + other):
        letters = "".join(c for c in part if c.isalnum())
        full += letters
        initials += letters if part.startswith(OTHER) else letters[:1]
    return Sound(initials=initials, full=full)
