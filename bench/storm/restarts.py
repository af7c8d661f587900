"""The kill storm, and PostgreSQL itself ended as by a power cut (`-m immediate`) again and again in between."""

from __future__ import annotations

import time
from dataclasses import replace

from bench.places import Place, Server
from bench.storm.kill_storm import SCALES, Scale, storm
from bench.storm.killing.processes import Herd
from bench.storm.outcome import Outcome, Size

RESTARTS: dict[Size, int] = {"small": 2, "usual": 5, "release": 50}
SMALL = Scale(30, 16)
RESTART = "the restart of PostgreSQL"


def run(place: Place, size: Size) -> Outcome:
    if not isinstance(place, Server):
        raise TypeError(f"there is no server of {place.name} to restart")
    scale, wanted = SMALL if size == "small" else SCALES[size], RESTARTS[size]
    crashed = 0

    def between(herd: Herd, kill: int) -> None:
        nonlocal crashed
        if kill * (wanted + 1) // scale.kills <= crashed or crashed == wanted:
            return
        while RESTART in herd.passing.values():
            herd.insist()
            time.sleep(0.01)
        # In a process of its own, so that the killing goes on meanwhile.
        herd.begin(RESTART, place.crash)
        crashed += 1

    found = storm("restarts", place, scale, between=between, after=place.rejoin)
    return replace(found, counts={"restarts": crashed, **found.counts})
