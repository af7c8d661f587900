"""Two at once, in the order in which it hurts: one stops at a point until the other is done or has waited in vain."""

from __future__ import annotations

import os
import pickle
import select
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from bench.storm.child import alone, spawned
from bench.storm.crash_points import Theatre
from bench.storm.points import Point, Watch
from bench.storm.scene import Scene
from bench.storm.stage import House
from workflow.core.errors import BatonError
from workflow.storage.database import Database

PATIENCE = 3.0
"""Seconds for which the first one waits for the second, which may be waiting for the first. Less than a lock is waited
for, or the second would give up."""

LONGEST = 30.0


@dataclass(frozen=True, slots=True)
class Told:
    """How it went for one of the two. `how`: done, refused or broken."""

    how: str
    what: str


def side_by_side(
    stage: Theatre,
    scene: Scene,
    first: Callable[[House], Any],
    second: Callable[[House], Any],
    *,
    at: tuple[str, str] | None = None,
    here: bool = False,
) -> tuple[Told, Told]:
    """`at`: what the first one is about to do or has done when it stops, and whether before or after it; None: it is
    about to begin its first writing unit, and holds nothing yet.

    `here`: the second one is this very process, which remembers afterwards what it has seen. Raises ChildProcessError.
    """
    stopped_read, stopped_write = os.pipe()
    go_read, go_write = os.pipe()
    answer_read, answer_write = os.pipe()

    def held() -> Told:
        waiting = [True]
        writing = Database.writing

        def stop() -> None:
            if waiting:
                waiting.clear()
                os.write(stopped_write, b".")
                select.select([go_read], [], [], LONGEST if at is None else PATIENCE)

        def reached(point: Point) -> None:
            if (point.what, point.when) == at:
                stop()

        def begun(database: Database) -> Any:
            if at is None:
                stop()
            return writing(database)

        with stage.house(scene) as house:
            watch = Watch("side by side", house.database, reached)
            house.door.calendars()
            watch.armed = True
            with patch.object(Database, "writing", begun):
                return _told(first, house)

    process = spawned(held, answer_write)
    os.close(answer_write)
    if not select.select([stopped_read], [], [], LONGEST)[0]:
        raise ChildProcessError(f"nobody came to {at}")

    def other() -> Told:
        with stage.house(scene) as house:
            return _told(second, house)

    given = other() if here else alone(other).given
    os.write(go_write, b".")
    with os.fdopen(answer_read, "rb") as pipe:
        text = pipe.read()
    os.waitpid(process, 0)
    for end in (stopped_read, stopped_write, go_read, go_write):
        os.close(end)
    stage.ground.quiet()
    broken = Told("broken", "a process")
    return _unpacked(text) or broken, given or broken


def _unpacked(text: bytes) -> Told | None:

    found: Told | None = pickle.loads(text) if text else None
    return found


def _told(do: Callable[[House], Any], house: House) -> Told:
    try:
        return Told("done", str(getattr(do(house), "seq", "")))
    except BatonError as refused:
        return Told("refused", type(refused).__name__)
    except Exception as failure:  # noqa: BLE001 - what went wrong is what is looked at
        return Told("broken", f"{type(failure).__name__}: {failure}")
