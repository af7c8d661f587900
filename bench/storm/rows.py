"""The table of the storm: what is done to the product, and what must be seen afterwards.

A row is a module with `run(place, size) -> Outcome`. It works on copies of its own (`place.template`, `place.copy`),
ends every process it started, and finds its faults in the database or in the answers, never in what it believes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.places import Place
from bench.storm import (
    apart,
    asleep,
    crash_points,
    cut_log,
    disk_full,
    jumps,
    kill_storm,
    lateness,
    locked_out,
    lost_answers,
    one_winner,
    poison,
    restarts,
    seeded_faults,
)
from bench.storm.outcome import Outcome, Size

BOTH = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Row:
    """`databases`: where the row has a meaning."""

    title: str
    run: Callable[[Place, Size], Outcome]
    databases: tuple[str, ...] = BOTH


ROWS: dict[str, Row] = {
    "kill_storm": Row("servers and schedulers killed at random", kill_storm.run),
    "restarts": Row("the same, and PostgreSQL crashes in between", restarts.run, databases=("postgresql",)),
    "crash_points": Row("killed at every named point", crash_points.run),
    "seeded_faults": Row("mistakes made on purpose, each of them caught", seeded_faults.run),
    "one_winner": Row("two and eight people complete one task together", one_winner.run),
    "lost_answers": Row("answers lost, forms sent again under the same key", lost_answers.run),
    "asleep": Row("nobody swept for three days", asleep.run),
    "lateness": Row("ten thousand timers an hour, a scheduler killed", lateness.run),
    "cut_log": Row("the write-ahead log cut off anywhere", cut_log.run, databases=("sqlite",)),
    "disk_full": Row("the disk full at many points", disk_full.run),
    "locked_out": Row("the database locked by an outsider", locked_out.run),
    "poison": Row("a poisoned timer, a failing template, a dead mail server", poison.run),
    "jumps": Row("the machine's clock jumps", jumps.run),
    "apart": Row("two schedulers twenty minutes apart", apart.run),
}
