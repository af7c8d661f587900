"""What a row of the storm found, in one line and, should there be any, its faults below."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Size = Literal["small", "usual", "release"]
"""How much of everything: what the tests have time for, what a person waits for, what a release is judged by."""

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`counts`: what was done and seen, in the order to print it. `faults`: a sentence each; none is what must be."""

    row: str
    database: str
    counts: Mapping[str, int | float | str]
    faults: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        counts = ", ".join(f"{name} {_spelt(value)}" for name, value in self.counts.items())
        verdict = "nothing lost, nothing twice" if not self.faults else f"{len(self.faults)} FAULTS"
        shown = [f"    {fault}" for fault in self.faults[:MOST_SHOWN]]
        if len(self.faults) > MOST_SHOWN:
            shown.append(f"    and {len(self.faults) - MOST_SHOWN} more")
        return "\n".join([f"{self.database}: {counts}: {verdict}", *shown])

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def tell(line: str) -> None:
    """A line about long work, for who is waiting: with the time, and not among the results."""
    print(f"{time.strftime('%H:%M:%S')}  {line}", file=sys.stderr, flush=True)


def _spelt(value: float | str) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.3g}" if isinstance(value, float) else value
