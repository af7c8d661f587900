"""What was measured: medians with spread, ratios to the limit, and whether an aim was met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of the rounds, the lowest and the highest."""

    middle: float
    low: float
    high: float

    @staticmethod
    def of(values: Sequence[float]) -> Spread:
        return Spread(median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{_short(self.middle)} ({_short(self.low)}–{_short(self.high)})"


@dataclass(frozen=True, slots=True)
class Figure:
    """One row. `ratio` is to the limit, `aim` what is wanted of it (`of` says of which); None where there is none."""

    name: str
    database: str
    unit: str
    ours: Spread
    limit: Spread | None = None
    ratio: Spread | None = None
    aim: float | None = None
    most: float | None = None
    rounds: int = 0
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        if self.aim is not None and self.ratio is not None:
            return self.ratio.middle >= self.aim
        return None if self.most is None else self.ours.middle < self.most

    def plain(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}

    def line(self) -> tuple[str, ...]:
        wanted = f"≥ {self.aim:g}" if self.aim is not None else f"< {self.most:g}" if self.most is not None else ""
        verdict = {None: "", True: "met", False: "missed"}[self.met]
        facts = ", ".join(f"{name} {_short(value)}" for name, value in self.facts.items())
        return (
            self.name, self.database, str(self.ours), self.unit, str(self.limit or ""), str(self.ratio or ""),
            f"{wanted} {verdict}".strip(), facts,
        )  # fmt: skip


HEAD = ("what", "database", "Baton", "unit", "limit", "ratio", "aim", "beside")


def compared(name: str, database: str, rounds: Sequence[tuple[float, float]], *, count: int, **more: Any) -> Figure:
    """A rate in both ways. `rounds`: seconds of ours and of the limit for `count` things each."""
    return Figure(
        name, database, "/s",
        Spread.of([count / ours for ours, _ in rounds]),
        Spread.of([count / limit for _, limit in rounds]),
        Spread.of([limit / ours for ours, limit in rounds]),
        rounds=len(rounds), **more,
    )  # fmt: skip


def table(figures: Sequence[Figure]) -> str:
    lines = [HEAD, *(figure.line() for figure in figures)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEAD))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join("  ".join(f"{cell:<{w}}" for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def _short(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
