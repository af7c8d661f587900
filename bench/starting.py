"""How long the command line and the whole of Baton take to start."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench import office
from bench.figures import Figure, Spread
from bench.places import Place
from workflow.storage.database import Database

ROOT = Path(__file__).parents[1]
ASSEMBLE = (
    "import sys; from pathlib import Path; from dataclasses import replace;"
    "from workflow.settings import Settings; from workflow.settings import Database, Definitions;"
    "from workflow.assembly import assemble;"
    "assemble(Settings(database=Database(url=sys.argv[1]), definitions=Definitions(folder=Path(sys.argv[2]))))"
)


def timed(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "LANG": "C.UTF-8"},
    )
    return time.perf_counter() - began


def measure(place: Place, *, quick: bool) -> Iterator[Figure]:
    rounds = 2 if quick else 9

    def build(database: Database) -> None:
        office.found(database)

    with place.copy(place.template("office", build)) as url:
        if place.name == "sqlite":
            helped = [timed("-m", "workflow.cli", "--help") for _ in range(rounds)]
            yield Figure("baton --help", "", "s", Spread.of(helped), rounds=rounds)
        assembled = [timed("-c", ASSEMBLE, url, str(ROOT / "definitions")) for _ in range(rounds)]
        yield Figure("start of the whole", place.name, "s", Spread.of(assembled), rounds=rounds)
