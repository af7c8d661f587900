"""The small icons in one file: `python -m web.sprite` writes it after a change of their names; a test notices."""

import re

from heroicons.jinja import heroicon_mini

from web.icons import NAMES, SMALL, SPRITE, STATIC

BETWEEN = re.compile(r"\s*\n\s*")


def sprite() -> str:
    """What the file holds."""
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbol(*one) for one in NAMES.items())}</svg>\n'


def symbol(meaning: str, name: str) -> str:
    inside = str(heroicon_mini(name, size=SMALL)).partition(">")[2].rpartition("</svg>")[0]
    return (
        f'<symbol id="{meaning}" viewBox="0 0 {SMALL} {SMALL}" fill="currentColor">{BETWEEN.sub("", inside)}</symbol>'
    )


if __name__ == "__main__":
    (STATIC / SPRITE).write_text(sprite(), encoding="utf-8")
