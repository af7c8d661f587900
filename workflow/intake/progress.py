"""How far an import is, and how it came out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """`rate`: rows a second in this run; `left`: seconds to go at that rate, None before there is one."""

    done: int
    total: int
    rate: float
    left: float | None


Told = Callable[[Progress], None]


@dataclass(slots=True)
class Outcome:
    """Every row of the file is one of `imported`, `merged`, `rejected` and `earlier` (done by a run before).

    `cases`: opened in this run, with so many `commands` kept and `timers` fired. `seconds`: since the plan was made.
    """

    rows: int = 0
    imported: int = 0
    merged: int = 0
    rejected: int = 0
    earlier: int = 0
    cases: int = 0
    commands: int = 0
    timers: int = 0
    seconds: float = 0.0
