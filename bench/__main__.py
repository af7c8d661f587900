"""`python -m bench`: every figure in one run, as a table or as JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import time
from pathlib import Path
from typing import Any

import psycopg

from bench import (
    exporting,
    inbox,
    judging,
    opening,
    pages,
    proving,
    replaying,
    starting,
    tampered,
    timers,
    transition,
    writers,
)
from bench.figures import Figure, table
from bench.office import library
from bench.places import Place, orderly, places
from workflow.assembly import settle
from workflow.storage import sqlite

MEASURES = {
    "transition": transition.measure,
    "writers": writers.measure,
    "opening": opening.measure,
    "timers": timers.measure,
    "replay": replaying.measure,
    "verdicts": judging.measure,
    "proof": proving.measure,
    "tampering": tampered.measure,
    "start": starting.measure,
    "inbox": inbox.measure,
    "pages": pages.measure,
    "export": exporting.measure,
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and smaller amounts: minutes become seconds")
    parser.add_argument("--only", action="append", choices=MEASURES, help="one measure; may be given several times")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--folder", type=Path, default=Path("var"), help="where the databases are made (default: var)")
    asked = parser.parse_args(arguments)
    orderly()
    figures: list[Figure] = []
    began = time.perf_counter()
    with places(asked.database, asked.folder) as found:
        about = machine(found)
        for name, measure in MEASURES.items():
            if asked.only and name not in asked.only:
                continue
            for place in found:
                print(f"{time.perf_counter() - began:6.0f} s  {name} on {place.name}", file=sys.stderr, flush=True)
                figures.extend(measure(place, quick=asked.quick))
    about["peak memory MB"] = peak()
    about["seconds"] = round(time.perf_counter() - began)
    if asked.json:
        print(json.dumps({"machine": about, "figures": [one.plain() for one in figures]}, ensure_ascii=False, indent=1))
    else:
        print(table(figures))
        print()
        print(", ".join(f"{name}: {value}" for name, value in about.items()))
    return 0


def peak() -> dict[str, int]:
    """The most memory this process held, and the largest of its children."""
    return {
        "this": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "largest child": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }


def machine(found: list[Place]) -> dict[str, Any]:
    """What the figures depend on, with the load at the beginning."""
    about: dict[str, Any] = {
        "cores": os.cpu_count(),
        "processor": processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }
    for place in found:
        if place.name == "sqlite":
            about["sqlite"] = f"{sqlite.driver.sqlite_version}, WAL, synchronous FULL"
        else:
            with place.copy("template1") as url, psycopg.connect(url.replace("+psycopg", "")) as connection:
                version, fsync = connection.execute(
                    "SELECT current_setting('server_version'), current_setting('fsync')"
                ).fetchone() or ("", "")
                about["postgresql"] = f"{version}, fsync {fsync}"
    return about


def processor() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ] if Path("/proc/cpuinfo").exists() else []  # fmt: skip
    return names[0] if names else platform.processor()


if __name__ == "__main__":
    # As `baton serve` does it.
    library()
    settle()
    sys.exit(main())
