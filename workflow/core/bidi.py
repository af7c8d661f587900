"""Invisible characters that turn the direction of writing round, in names and lines of text.

Neither Chinese nor English needs them: they come along when something is pasted, or make a
program (`…fdp.exe`) read as a document (`…exe.pdf`). A name is kept without them, so that it reads as it is.
"""

from __future__ import annotations

import re

_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Unicode's `Bidi_Control`: marks, embeddings, overrides and isolates."""


def straight(text: str) -> str:
    """The text without them."""
    return _TURNS.sub("", text)


def shown(text: str) -> str:
    """A name that was kept with them, before they were taken out: each is made visible."""
    return _TURNS.sub("\N{REPLACEMENT CHARACTER}", text)
