"""The tables the demonstration is made from: names, words and habits, as data beside the code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> Mapping[str, Any]:
    """One of the tables, by the name of its file without the ending."""
    return tomllib.loads(files("workflow.intake.demo").joinpath(f"{name}.toml").read_text(encoding="utf-8"))
