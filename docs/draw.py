"""Draws the lifecycles into docs/diagrams: `python docs/draw.py`. A test fails when they are stale."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from workflow.definitions.diagram import draw  # noqa: E402 - the checkout must be on the path first
from workflow.definitions.library import Library  # noqa: E402

LANGUAGES = ("zh", "en")


def drawings() -> dict[Path, str]:
    """Each picture's file and what belongs in it."""
    library = Library.load(HERE.parent / "definitions")
    return {
        HERE / "diagrams" / f"{name}.{language}.svg": draw(library.get(name), language, standalone=True)
        for name in sorted(library.latest)
        for language in LANGUAGES
    }


def main() -> None:
    for file, svg in drawings().items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
