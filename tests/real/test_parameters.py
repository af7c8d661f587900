"""The simulation's measured figures are those of the table of parameters."""

from __future__ import annotations

import json
from typing import Any

from tests.real.conftest import real
from workflow.intake.simulate.tables import table

NAMED = {"median": "0.5", "p75": "0.75", "p90": "0.9", "p95": "0.95", "max": "1"}
"""How the parameters name quantiles that they do not list by their share."""


def stood(path: str) -> Any:
    """What stands at a place of the parameters, whose names have dots in none but the first two parts."""
    found: Any = json.loads(real("simulation_parameters.json").read_text(encoding="utf-8"))
    for part in path.split(".", 2 if "sojourn_h" in path else -1):
        found = found[part]
    return found


def test_every_length_is_the_measured_one() -> None:
    for length in table("measured")["durations"].values():
        measured = stood(length["from"])
        shares = {NAMED.get(name, name): hours for name, hours in measured.items() if name not in ("mean", "n")}
        assert shares == length["hours"], length["from"]


def test_arrivals_are_the_measured_ones() -> None:
    arrivals = table("measured")["arrivals"]

    assert [stood(arrivals["hours_from"])[str(hour)] for hour in range(24)] == arrivals["hours"]
    assert [stood(arrivals["weekdays_from"])[str(day)] for day in range(7)] == arrivals["weekdays"]


def test_shares_are_the_measured_ones() -> None:
    for share in table("measured")["shares"].values():
        assert stood(share["from"]) == share["is"], share["from"]
