"""What one rule found."""

from __future__ import annotations

from dataclasses import dataclass, field

SHOWN = 20
"""Exceptions kept in words; more are only counted."""


@dataclass(slots=True)
class Finding:
    """`looked`: how many things were looked at; `exceptions`: what does not hold, in words; `count`: how many."""

    rule: str
    looked: int = 0
    count: int = 0
    exceptions: list[str] = field(default_factory=list)

    def look(self, holds: bool, exception: str) -> None:
        """One thing was looked at."""
        self.looked += 1
        if not holds:
            self.fail(exception)

    def fail(self, exception: str) -> None:
        self.count += 1
        if len(self.exceptions) < SHOWN:
            self.exceptions.append(exception)
