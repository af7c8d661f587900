"""Exports of a million steps: how fast, and with how little memory. A stored history is read over and over.

Each form is written by a process of its own, whose largest size is measured by the system.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from bench import office
from bench.figures import Figure, Spread
from bench.places import Place
from bench.replaying import build

FORMS = ("xes", "ocel", "csv", "xlsx")
MOST_MB = 200


def measure(place: Place, *, quick: bool) -> Iterator[Figure]:
    stored, wanted = (5_000, 50_000) if quick else (25_000, 1_000_000)
    template = place.template(f"history{stored}", lambda database: build(database, stored))
    with place.copy(template) as url:
        yield from exported(url, place.name, wanted=wanted)


def exported(url: str, database: str, *, wanted: int | None) -> Iterator[Figure]:
    """`wanted` steps, the stored ones over and over; None: those that are stored, once."""
    for form in FORMS:
        command = [sys.executable, "-m", "bench.exporting", url, form, *([str(wanted)] if wanted else [])]
        done = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        rate, memory = Spread.of([done["rate"]]), Spread.of([done["memory"]])
        yield Figure(f"export {form}", database, "steps/s", rate, rounds=1, facts={"steps": done["steps"]})
        yield Figure(f"export {form}, memory", database, "MB", memory, most=MOST_MB, rounds=1)


def main(url: str, form: str, wanted: int = 0) -> None:
    """Write one export of so many steps, or once of all, to a file that is thrown away, and print what it took."""
    from workflow.audit.exports import ocel, rows, table, xes
    from workflow.audit.exports.wording import Wording
    from workflow.core.step import SYSTEM
    from workflow.service.courses import Course, Selection
    from workflow.storage.database import Database

    door = office.door(Database(url), office.LATER)
    wording = Wording(door.library, door.directory(), "zh", ZoneInfo("Asia/Shanghai"))
    made = 0

    def again() -> Iterator[Course]:
        """The stored cases until there are enough, under other ids each time."""
        nonlocal made
        turn = 0
        while turn == 0 or made < wanted:
            with door.courses(SYSTEM, Selection()) as (_, courses):
                for course in courses:
                    made += len(course.steps)
                    row = course.row
                    yield replace(course, row=replace(row, id=row.id + turn * 10**6, number=f"{row.number}-{turn}"))
            turn += 1

    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        if form == "xlsx":
            cells = rows.steps(again(), wording)
            table.write_xlsx(path, "Steps", rows.headings(rows.STEP, wording), cells, about=("About", []))
        else:
            with path.open("w", encoding="utf-8", newline="") as out:
                if form == "xes":
                    xes.write(out, again(), wording)
                elif form == "ocel":
                    ocel.write(out, again(), wording, among=())
                else:
                    table.write_csv(out, rows.headings(rows.STEP, wording), rows.steps(again(), wording))
    taken = time.perf_counter() - began
    print(json.dumps({"steps": made, "rate": made / taken, "memory": peak()}))


def peak() -> float:
    """The most memory this process held, in MB. Not `ru_maxrss`, which a process inherits from who started it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
