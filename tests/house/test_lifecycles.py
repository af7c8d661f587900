"""Definitions are data: nothing in the program knows a lifecycle by its name."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Names that are also words of something else: a column, a stage of a customer, a page, a kind of meeting.
WORDS_OF_THEIR_OWN = {"handover", "lead", "project", "report", "visit"}
NAMES = {path.stem for path in (ROOT / "definitions").glob("*.yaml")} - WORDS_OF_THEIR_OWN


def texts_in(path):
    """The texts a module uses as values; what its docstrings say is for people."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_there_are_lifecycles_to_look_for():
    assert {"account", "complaint"} <= NAMES


@pytest.mark.parametrize("room", ["workflow", "web"])
def test_no_module_names_a_lifecycle(room):
    # The demonstration's tables say which lifecycles it plays.
    modules = [path for path in (ROOT / room).rglob("*.py") if "demo" not in path.relative_to(ROOT).as_posix()]
    naming = {str(path.relative_to(ROOT)): found for path in modules if (found := texts_in(path) & NAMES)}

    assert naming == {}


@pytest.mark.parametrize("kind", ["html", "js"])
def test_no_page_names_a_lifecycle(kind):
    pattern = rf"""["']({"|".join(sorted(NAMES))})["']"""
    pages = (ROOT / "web").rglob(f"*.{kind}")
    naming = [str(path.relative_to(ROOT)) for path in pages if re.search(pattern, path.read_text(encoding="utf-8"))]

    assert naming == []
