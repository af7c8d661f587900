"""The pictures in the documentation show the lifecycles as they are."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
SPEC = importlib.util.spec_from_file_location("baton_docs_draw", DOCS / "draw.py")
assert SPEC is not None
assert SPEC.loader is not None
DRAW = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(DRAW)


DRAWINGS = DRAW.drawings()
"""Drawn once: each of them takes longer than to look at it."""


@pytest.mark.parametrize("file", list(DRAWINGS), ids=lambda file: file.name)
def test_a_drawing_is_as_the_definition_says(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == DRAWINGS[file], "run `python docs/draw.py`"
