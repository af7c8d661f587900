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


def overlaid(below: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """A table with another one laid over it: what both have as a table is laid over in turn, the rest is replaced."""
    laid = dict(below)
    for name, value in over.items():
        under = laid.get(name)
        laid[name] = overlaid(under, value) if isinstance(under, Mapping) and isinstance(value, Mapping) else value
    return laid
