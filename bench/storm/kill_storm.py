"""Kill processes at random, and see afterwards that nothing was lost and nothing came twice.

Two schedulers and two servers work on one database while time runs fast: timers come due all the time, and people
send the forms of the pages. One of the four at random is killed with SIGKILL every 20 to 160 ms and started again;
a person whose form was not answered sends it again, as a browser would. In the end all is proved from the database.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.sharedctypes import RawArray, RawValue
from pathlib import Path
from tempfile import mkdtemp

from bench import office
from bench.places import Place
from bench.storm.killing import proof
from bench.storm.killing.people import Asked, Group, Notebook, by_customer
from bench.storm.killing.processes import Herd
from bench.storm.killing.servers import House
from bench.storm.killing.vigils import RUNGS, SPAN, STAGGER, Clock, door, prepare
from bench.storm.outcome import Outcome, Size, tell
from workflow.storage.database import Database

SCHEDULERS = 2
SERVERS = 2
GROUPS = 4
"""Of people, each one manager at a time and the department."""

PAUSE = (0.02, 0.16)
"""Seconds between two kills."""

EACH = sum(PAUSE) / 2 + 0.03
"""Seconds a kill takes, with the start of the next process: the clock runs so fast that the ladders last for all."""

PATIENCE = 300.0
"""Seconds people get to sign in before the first kill, and to be answered after the last."""


@dataclass(frozen=True, slots=True)
class Scale:
    cases: int
    kills: int


SCALES: dict[Size, Scale] = {"small": Scale(30, 30), "usual": Scale(400, 200), "release": Scale(400, 2000)}


def run(place: Place, size: Size) -> Outcome:
    return storm("kill_storm", place, SCALES[size], between=lambda herd, kill: None, after=lambda: None)


def storm(
    row: str, place: Place, scale: Scale, *, between: Callable[[Herd, int], None], after: Callable[[], None]
) -> Outcome:
    """One storm over a fresh copy. `between` is called before each kill, with its number; `after` when all is quiet."""
    began = time.perf_counter()
    template = place.template(f"vigils{scale.cases}", lambda database: prepare(database, scale.cases))
    folder = Path(mkdtemp(dir=place.folder.parent))
    try:
        with place.copy(template) as url:
            blowing = Storm(row, url, folder, scale)
            try:
                blowing.blow(between)
            finally:
                after()
            counts, faults = blowing.aftermath()
    finally:
        shutil.rmtree(folder)
    return Outcome(
        row=row, database=place.name, counts=counts, faults=tuple(faults), seconds=time.perf_counter() - began
    )


class Storm:
    """One storm over one copy."""

    def __init__(self, row: str, url: str, folder: Path, scale: Scale) -> None:
        self.row = row
        self.url = url
        self.folder = folder
        self.scale = scale
        self.rng = random.Random(scale.kills)
        database = Database(url)
        self.made = office.again(database)
        self.vigils = office.case_ids(database)
        database.dispose()
        self.clock = Clock(office.BEGIN + STAGGER, pace=SPAN.total_seconds() / (scale.kills * EACH))
        self.notebooks = [Notebook(folder / f"asked-{group}.log") for group in range(GROUPS)]
        self.arrived = RawArray("b", GROUPS)
        self.over = RawValue("b", 0)

    def blow(self, between: Callable[[Herd, int], None]) -> None:
        """Start everybody, kill at random, let people finish. Raises `ChildProcessError` when one ends by itself."""
        house = House(self.url, self.folder, self.clock)
        house.warm("manager0", self._pages())
        ports = [house.reserve() for _ in range(SERVERS)]
        herd = Herd(self.folder / "processes.log")
        try:
            for port in ports:
                herd.keep(lambda port=port: house.serve(port))
            for _ in range(SCHEDULERS):
                herd.keep(house.schedule)
            for group in self._groups():
                herd.begin(f"group {group.number}", lambda group=group: group.live(ports))
            self._wait(herd, lambda: all(self.arrived), "sign in")
            self.clock.begin()
            for kill in range(self.scale.kills):
                between(herd, kill)
                time.sleep(self.rng.uniform(*PAUSE))
                herd.insist()
                herd.strike(self.rng.choice(sorted(herd.lasting)))
                if kill % 200 == 199:
                    tell(f"{self.row}: {kill + 1} of {self.scale.kills} kills")
            self.over.value = 1
            self._wait(herd, lambda: not herd.passing, "be answered")
        finally:
            herd.end()
            house.close()

    def _pages(self) -> list[str]:
        """Those that will be asked for, as the first manager sees them."""
        customer = self.made.customers[0]
        vigil = next(case for case, of in self.vigils if of == customer)
        own = [f"/cases/{vigil}/{rest}" for rest in ("", "do/note", "tasks/1/")]
        return ["/cases/", f"/cases/new/{office.LIFECYCLE}?customer={customer}", *own]

    def _groups(self) -> Iterator[Group]:
        vigils = by_customer(self.vigils)
        for n, notebook in enumerate(self.notebooks):
            yield Group(
                number=n,
                of=GROUPS,
                made=self.made,
                vigils=vigils,
                notebook=notebook,
                arrived=lambda n=n: self.arrived.__setitem__(n, 1),
                over=lambda: bool(self.over.value),
            )

    def _wait(self, herd: Herd, done: Callable[[], bool], what: str) -> None:
        """Raises `TimeoutError` when people had to wait too long."""
        until = time.monotonic() + PATIENCE
        while not done():
            herd.insist()
            if time.monotonic() > until:
                raise TimeoutError(f"{sorted(herd.passing.values())} could not {what}; {herd.words()}")
            time.sleep(0.01)

    def aftermath(self) -> tuple[dict[str, int | float | str], list[str]]:
        """What was counted, and every fault there is."""
        database = Database(self.url)
        end = max(self.clock(), office.BEGIN + STAGGER + SPAN)
        with database.reading() as connection:
            amidst = proof.Past.of(connection).fired()
        at_rest = door(database, end)
        while at_rest.fire_due().timers:
            pass
        asked: dict[str, Asked] = {}
        for notebook in self.notebooks:
            asked |= notebook.read()
        with database.reading() as connection:
            past = proof.Past.of(connection)
            opened = {case: past.steps[case][0].effective for case, _ in self.vigils}
            faults = [
                *proof.lost_or_doubled(connection, past, asked, there=set(opened)),
                *proof.timers(past, end=end),
                *proof.ladders(past, opened, RUNGS, end=end),
                *proof.rows_and_files(connection),
            ]
            again = proof.answered_again(connection, asked, self.clock.at)
        faults += proof.chains(database, list(past.steps))
        counts: dict[str, int | float | str] = {
            "kills": self.scale.kills,
            "commands acknowledged": sum(one.answer is not None for one in asked.values()),
            "of them sent again": sum(one.tries > 1 for one in asked.values()),
            "of those done already": again,
            "timers fired": past.fired(),
            "of them amidst": amidst,
            "vigils": len(self.vigils),
            "steps verified": past.count(),
        }
        database.dispose()
        return counts, faults
