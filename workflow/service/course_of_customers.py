"""When a customer was won, kept and lost, and whose doing that was: from the moves of its cases and its stints."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from workflow.definitions.measures import Counted
from workflow.storage.queries.results import Hold, Move


@dataclass(frozen=True, slots=True)
class Won:
    """`agreed`: for a year, in cents."""

    customer: int
    case: int
    number: str
    at: datetime
    agreed: int


@dataclass(slots=True)
class Course:
    """One customer. `kept`: from and to when it was kept; `holds`: who had it, by role."""

    customer: int
    won: list[Won] = field(default_factory=list)
    lost: list[datetime] = field(default_factory=list)
    kept: list[tuple[datetime, datetime]] = field(default_factory=list)
    holds: dict[str, list[Hold]] = field(default_factory=dict)

    def credit(self, people: Mapping[Any, Any], since: datetime, until: datetime) -> None:
        """Count for each of some people what of it falls into a period: from `since` to before `until`."""
        for one in self.won:
            if since <= one.at < until and (who := self._who("a", one.at)) in people:
                people[who].won.append(one)
        for begun, ended in self.kept:
            for held in self.holds.get("lead", ()):
                first = max(begun, held.begun, since)
                last = min(ended, held.ended or until, until)
                if held.person in people and first < last:
                    people[held.person].kept.add(self.customer)
        for moment in self.lost:
            if since <= moment < until and (who := self._who("lead", moment)) in people:
                people[who].lost[self.customer] = moment
                people[who].kept.add(self.customer)

    def _who(self, role: str, at: datetime) -> int | None:
        """Who had it just before a moment, or since it: what happens at a moment is whose it was until then."""
        held = [one for one in self.holds.get(role, ()) if one.begun < at and (one.ended is None or one.ended >= at)]
        held = held or [one for one in self.holds.get(role, ()) if one.begun == at]
        return held[-1].person if held else None


def courses(rules: Counted, moves: Iterable[Move], holds: Iterable[Hold], *, end: datetime) -> list[Course]:
    """`moves`: by case, in order. What is kept at `end` is kept until then."""
    found: dict[int, Course] = {}
    for held in holds:
        course = found.setdefault(held.customer, Course(held.customer))
        course.holds.setdefault(held.role, []).append(held)
    begun: dict[int, Move] = {}
    for move in moves:
        course = found.setdefault(move.customer, Course(move.customer))
        if move.won:
            course.won.append(Won(move.customer, move.case, move.number, move.at, _agreed(rules, move)))
        if move.definition != rules.of:
            continue
        if move.state in rules.kept:
            begun.setdefault(move.case, move)
        elif move.case in begun:
            course.kept.append((begun.pop(move.case).at, move.at))
            if move.state == rules.lost:
                course.lost.append(move.at)
    for move in begun.values():
        found[move.customer].kept.append((move.at, end))
    return list(found.values())


def _agreed(rules: Counted, move: Move) -> int:
    """Nothing where the field was left empty."""
    said = json.loads(move.form or "{}").get(rules.value)
    return int(Decimal(said) * 100) if said else 0
