"""The tables the simulation is made from, as data beside the code, and the habits laid over the demonstration's."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from workflow.intake.demo import tables as demo


@cache
def table(name: str) -> Mapping[str, Any]:
    """One of the tables, by the name of its file without the ending."""
    return tomllib.loads(files("workflow.intake.simulate").joinpath(f"{name}.toml").read_text(encoding="utf-8"))


@cache
def habits() -> Mapping[str, Any]:
    """The demonstration's habits, with the simulation's own and what was measured laid over them."""
    laid = demo.overlaid(demo.table("play"), table("province")["play"])
    for one in table("province")["measured"]:
        share = table("measured")["shares"][one["share"]]["is"]
        # A share of cases as the chance of each of so many tasks, or of what does not happen.
        chance = 1 - (1 - share) ** (1 / one.get("tasks", 1))
        value: Any = one.get("of", 1) * (1 - chance if one.get("not") else chance)
        for name in reversed(one["at"]):
            value = {name: value}
        laid = demo.overlaid(laid, value)
    return laid
