"""Every scene, killed once at every point: before and after each statement and commit, and when it has answered.

What a dead process left must be exactly what its commits say: nothing of the unit it was in, all of those before. Then
whoever asked asks again, the scheduler runs, and in the end everything is there once.

`python -m bench.storm.crash_points` writes the list of all points that the tests compare with the product.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.places import Place, orderly, places
from bench.storm import sound
from bench.storm.child import DIED, alone, die
from bench.storm.ground import Ground, ground
from bench.storm.likeness import Likeness, likeness, unlike
from bench.storm.outcome import Outcome, Size, tell
from bench.storm.points import AFTER, ANSWERED, ROOT, Point, Watch
from bench.storm.scene import Scene
from bench.storm.scenes import SCENES
from bench.storm.stage import BEGIN, House, furnish
from bench.storm.writes import uncovered
from workflow.core.case import Case
from workflow.storage.database import Database

LIST = ROOT / "tests/storage/crash_points.txt"
MOST: dict[Size, int | None] = {"small": 1, "usual": None, "release": None}
"""Points of each scene that are tried; None: all."""

EVERY: dict[tuple[str, Size], int] = {("sqlite", "small"): 2, ("postgresql", "small"): 5}
"""Of so many scenes one is killed in; else each. To put a database back takes PostgreSQL many times as long."""

BARE, START, READY = "bare", "start", "ready"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A scene that went well. `states[n]`: what the database said after n commits; `last`: when all was done."""

    points: list[Point]
    states: list[Likeness]
    answer: object
    last: Likeness

    def commits(self, place: int) -> int:
        """How many there were up to and with the point at this place."""
        return sum(point.what == "commit" and point.when == AFTER for point in self.points[: place + 1])


@dataclass
class Theatre:
    """One database on which scenes are prepared, played and cut short."""

    ground: Ground
    folder: Path
    _left: bytes = field(default=b"", init=False)

    @property
    def outside(self) -> Path:
        return self.folder / "outside.txt"

    def prepare(self, scene: Scene) -> None:
        """Raise the curtain on a fresh stage, and keep it as it is then."""
        self.ground.back(BARE if scene.bare else START)
        self.outside.write_bytes(b"")
        with self.house(scene, before=True) as house:
            scene.prepare(house)
        self.ground.keep(READY)
        self._left = self.outside.read_bytes()

    def again(self) -> None:
        """As it was when the scene was prepared. A key to sign with is made anew: its owner knows what was signed."""
        self.ground.back(READY)
        for left in self.folder.iterdir():
            left.unlink()
        self.outside.write_bytes(self._left)

    @contextmanager
    def house(self, scene: Scene, *, before: bool = False, late: bool = False) -> Iterator[House]:
        """`before`: while it is prepared; `late`: when somebody takes over from the dead."""
        now = BEGIN if before else BEGIN + scene.after + (scene.wait if late else type(scene.wait)(0))
        house = House(self.ground.url, self.outside, now=now)
        try:
            yield house
        finally:
            house.database.dispose()

    def seen(self) -> Likeness:
        with self.database() as database:
            return likeness(database)

    @contextmanager
    def database(self) -> Iterator[Database]:
        database = Database(self.ground.url)
        try:
            yield database
        finally:
            database.dispose()

    def wrong(self) -> list[str]:
        """What can be no truth about any database, and what is on record as sent and was not."""
        with self.database() as database:
            found = sound.look(database).faults
            with database.reading() as connection:
                sent = connection.exec_driver_sql("SELECT key FROM deliveries WHERE outcome = 'sent'").scalars().all()
        got = set(self.outside.read_text(encoding="utf-8").split())
        return found + [f"{key} is on record as sent, and nobody got it" for key in sent if key not in got]


@contextmanager
def theatre(place: Place) -> Iterator[Theatre]:
    template = place.template("bare", lambda _: None)
    folder = place.folder.parent / f"theatre-{place.name}-{time.monotonic_ns()}"
    folder.mkdir()
    with ground(place, template) as found:
        stage = Theatre(found, folder)
        found.keep(BARE)
        with stage.database() as database:
            furnish(database)
        found.keep(START)
        yield stage


def rehearsed(stage: Theatre, name: str, scene: Scene) -> Rehearsal:
    """Play a scene to its end, on the stage as it is, and note every point. Raises ChildProcessError."""

    def play() -> Rehearsal:
        points: list[Point] = []
        states = [stage.seen()]

        def reached(point: Point) -> None:
            points.append(point)
            if point.what == "commit" and point.when == AFTER:
                states.append(stage.seen())

        with stage.house(scene) as house:
            answer = played(house, name, scene, reached)
        settle(stage, scene)
        return Rehearsal(points, states, heard(answer), stage.seen())

    ended = alone(play)
    if ended.given is None:
        raise ChildProcessError(f"{name}: the scene itself does not play, {ended.code}")
    rehearsal: Rehearsal = ended.given
    return rehearsal


def played(house: House, name: str, scene: Scene, reached: Any) -> object:
    """The scene, watched. What everybody has read already is read before."""
    watch = Watch(name, house.database, reached)
    house.door.calendars()
    watch.armed = True
    answer = scene.act(house)
    watch.armed = False
    watch.answered()
    return answer


def settle(stage: Theatre, scene: Scene) -> None:
    with stage.house(scene, late=True) as house:
        house.drain()


def heard(answer: object) -> object:
    """What an answer says, without the number of a case, of which a try that died may have used one up."""
    if isinstance(answer, Case):
        return answer.definition, answer.seq, answer.state, len(answer.tasks), len(answer.timers)
    return type(answer).__name__


def killed(
    stage: Theatre, name: str, scene: Scene, rehearsal: Rehearsal, place: int, *, exact: bool = True
) -> list[str]:
    """Play until the point at this place, die there, and let others take over; what went wrong.

    `exact` False: how many commits there are is not known, but whoever got an answer must find it kept.
    """
    target = rehearsal.points[place].name
    stage.again()

    def play() -> None:
        def reached(point: Point) -> None:
            if point.name == target:
                die()

        with stage.house(scene) as house:
            played(house, name, scene, reached)

    if (code := alone(play).code) != DIED:
        return [f"{target}: nobody came by, and it ended with {code}"]
    stage.ground.quiet()
    found, left = stage.wrong(), stage.seen()
    allowed = rehearsal.states
    if exact:
        allowed = [rehearsal.states[rehearsal.commits(place)]]
    elif rehearsal.points[place].when == ANSWERED:
        allowed = rehearsal.states[-1:]
    if all(unlike(left, state) for state in allowed):
        found.append(f"not what its commits say: {unlike(left, allowed[-1])}")
    try:
        found += recovered(stage, scene, rehearsal, kept=not unlike(left, rehearsal.states[-1]))
    except Exception as failure:  # noqa: BLE001 - whatever keeps it from going on is what was looked for
        found.append(f"does not go on: {type(failure).__name__}: {failure}")
    return [f"{target}: {fault}" for fault in found]


def recovered(stage: Theatre, scene: Scene, rehearsal: Rehearsal, *, kept: bool) -> list[str]:
    """Ask again, let the scheduler run, and compare. `kept`: everything was there already."""
    found = []
    if scene.again or not kept:
        with stage.house(scene, late=True) as house:
            answer = heard(scene.act(house))
        if answer != rehearsal.answer:
            found.append(f"another answer the second time: {answer} instead of {rehearsal.answer}")
    settle(stage, scene)
    if other := unlike(stage.seen(), rehearsal.last, more=scene.tries, but=frozenset({"lateness"})):
        found.append(f"in the end not once each: {other}")
    return found + stage.wrong()


def run(place: Place, size: Size) -> Outcome:
    began = time.perf_counter()
    # What the scenes poison on purpose is not told at length.
    logging.disable(logging.CRITICAL)
    points, faults, tried = walked(place, most=MOST[size], every=EVERY.get((place.name, size), 1))
    faults += uncovered(points, database=place.name)
    logging.disable(logging.NOTSET)
    counts = {"scenes": len(SCENES), "points": len(points), "killed": tried, "recovered": tried - len(set(faults))}
    return Outcome(
        row="crash_points",
        database=place.name,
        counts=counts,
        faults=tuple(faults),
        seconds=time.perf_counter() - began,
    )


def walked(
    place: Place, *, most: int | None, every: int = 1, scenes: Mapping[str, Scene] = SCENES
) -> tuple[list[Point], list[str], int]:
    """Every scene, and in every so-manieth at most so many deaths, at points chosen the same each time.

    Gives all points, faults, and at how many points it was tried.
    """
    points: list[Point] = []
    faults: list[str] = []
    tried = 0
    with theatre(place) as stage:
        for number, (name, scene) in enumerate(scenes.items()):
            stage.prepare(scene)
            rehearsal = rehearsed(stage, name, scene)
            points += rehearsal.points
            chosen = list(range(len(rehearsal.points)))
            if number % every:
                chosen = []
            elif most is not None and len(chosen) > most:
                chosen = sorted(random.Random(name).sample(chosen, most))
            for at in chosen:
                faults += killed(stage, name, scene, rehearsal, at)
            tried += len(chosen)
            if most is None and number % 10 == 9:
                tell(f"crash points on {place.name}: {number + 1} of {len(scenes)} scenes, {tried} points")
    return points, faults, tried


def named(points: Iterable[Point]) -> set[str]:
    """The writes, locks, beginnings and commits the points stand before and after.

    Reads have their points, too; they are not in the list, which changes when a write does and not when a look does.
    """
    kept = (point for point in points if point.when != ANSWERED and not point.what.startswith("read "))
    return {point.name.rpartition(",")[0] for point in kept}


def written(points: Mapping[str, list[Point]]) -> str:
    """The list: a statement a line, with the database that alone has it."""
    names = {database: named(found) for database, found in points.items()}
    lines = []
    for name in set().union(*names.values()):
        only = [database for database in names if name in names[database]]
        lines.append(name if len(only) == len(names) else f"{name} [{only[0]}]")
    return "\n".join([*HEAD, *sorted(lines), ""])


def listed(text: str, database: str) -> set[str]:
    """What the list says of one database."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    mine = [line.removesuffix(f" [{database}]") for line in lines]
    return {line for line in mine if not line.endswith("]")}


def compared(points: Iterable[Point], text: str, database: str) -> list[str]:
    """How the points and the list differ, in sentences."""
    generated, known = named(points), listed(text, database)
    again = "; run `python -m bench.storm.crash_points`, look at what changed, and commit it"
    found = [f"not in the list of crash points, on {database}: {name}{again}" for name in sorted(generated - known)]
    return found + [f"in the list and not met, on {database}: {name}{again}" for name in sorted(known - generated)]


HEAD = (
    "# Where a process is killed to see that nothing is lost: before and after each, and when it has answered.",
    "# Before and after each read as well, which are not in this list.",
    "# Made by `python -m bench.storm.crash_points` from the scenes of bench/storm; the tests want it complete.",
)


def main(arguments: list[str] | None = None) -> int:
    """Write the list, or compare it and kill at a few of its points."""
    parser = argparse.ArgumentParser(prog="python -m bench.storm.crash_points", description=__doc__)
    parser.add_argument("--compare", action="store_true", help="leave the list as it is, and kill at some points")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--folder", type=Path, default=Path("var"), help="where the databases are made (default: var)")
    asked = parser.parse_args(arguments)
    orderly()
    logging.disable(logging.CRITICAL)
    found: dict[str, list[Point]] = {}
    faults: list[str] = []
    with places(asked.database, asked.folder) as stages:
        for place in stages:
            every = EVERY.get((place.name, "small"), 1)
            points, wrong, tried = walked(place, most=MOST["small"] if asked.compare else 0, every=every)
            found[place.name] = points
            faults += wrong + uncovered(points, database=place.name)
            print(f"{place.name}: {len(points)} points, {tried} killed", flush=True)
    if asked.compare:
        text = LIST.read_text(encoding="utf-8")
        faults += [one for database, points in found.items() for one in compared(points, text, database)]
    elif asked.database == "both":
        LIST.write_text(written(found), encoding="utf-8")
    else:
        parser.error("the list is written from both databases")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
