"""The colours of `tokens.css` as numbers: whether what is written in them can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TOKENS = Path(__file__).parent / "static" / "tokens.css"
READABLE = 4.5
"""The contrast text needs on its ground (WCAG 2.2, 1.4.3)."""

PAIRS = (
    ("ink", "ground"), ("ink", "surface"), ("ink", "raised"), ("ink-soft", "ground"), ("ink-soft", "surface"),
    ("ink-soft", "raised"), ("accent", "ground"), ("accent", "surface"), ("accent-strong", "accent-soft"),
    ("on-accent", "accent"), ("danger", "surface"), ("danger", "danger-soft"), ("on-danger", "danger"),
    ("warn", "surface"), ("warn", "warn-soft"), ("good", "surface"), ("good", "good-soft"), ("info", "surface"),
    ("info", "info-soft"),
)  # fmt: skip
"""What is written in which colour on which."""

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Contrast:
    """How far apart two colours are, from 1 to 21."""

    words: str
    ground: str
    light: float
    dark: float


@cache
def tokens() -> dict[str, tuple[Colour, Colour]]:
    """Name → the colour in light and in dark, each part from 0 to 1."""
    found = re.findall(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)", TOKENS.read_text("utf-8"))
    return {name: (_parts(light), _parts(dark)) for name, light, dark in found}


@cache
def contrasts() -> tuple[Contrast, ...]:
    known = tokens()
    return tuple(
        Contrast(words, ground, *(round(apart(known[words][way], known[ground][way]), 2) for way in (0, 1)))
        for words, ground in PAIRS
    )


def apart(one: Colour, other: Colour) -> float:
    """The contrast of two colours (WCAG 2.2, relative luminance)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _parts(text: str) -> Colour:
    return int(text[1:3], 16) / 255, int(text[3:5], 16) / 255, int(text[5:7], 16) / 255


def _luminance(colour: Colour) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
