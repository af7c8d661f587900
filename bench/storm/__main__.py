"""`python -m bench.storm`: every row of the table in turn, each on the databases it is for."""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from pathlib import Path

from bench.places import Place, orderly, places
from bench.storm.outcome import Outcome, Size, tell
from bench.storm.rows import ROWS


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.storm", description=__doc__)
    parser.add_argument("--size", choices=("small", "usual", "release"), default="usual")
    parser.add_argument("--only", nargs="+", action="extend", choices=tuple(ROWS), metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--folder", type=Path, default=Path("var"), help="where the databases are made (default: var)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcomes here as well")
    asked = parser.parse_args(arguments)
    orderly()
    outcomes: list[Outcome] = []
    with places(asked.database, asked.folder) as found:
        for name, row in ROWS.items():
            if asked.only and name not in asked.only:
                continue
            for place in found:
                if place.name in row.databases:
                    tell(f"{name} on {place.name}: {row.title} ({asked.size})")
                    outcome = ran(name, place, asked.size)
                    outcomes.append(outcome)
                    print(f"{name:<16} {outcome}", flush=True)
    print()
    print(summary(outcomes))
    if asked.json:
        written = {"size": asked.size, "outcomes": [one.plain() for one in outcomes]}
        asked.json.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 1 if any(one.faults for one in outcomes) else 0


def ran(name: str, place: Place, size: Size) -> Outcome:
    """The outcome of one row. A row that breaks off is a fault, and the others are run all the same."""
    began = time.perf_counter()
    try:
        return ROWS[name].run(place, size)
    except Exception as failure:  # noqa: BLE001 - whatever broke it, it has not shown what it should
        traceback.print_exc()
        broken = f"broke off: {type(failure).__name__}: {failure}"
        return Outcome(row=name, database=place.name, counts={}, faults=(broken,), seconds=time.perf_counter() - began)


def summary(outcomes: list[Outcome]) -> str:
    lines = [f"{'row':<16} {'database':<11} {'seconds':>8}  {'faults':>6}"]
    lines += [f"{one.row:<16} {one.database:<11} {one.seconds:>8.1f}  {len(one.faults):>6}" for one in outcomes]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
