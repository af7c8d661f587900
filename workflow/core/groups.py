"""Linked groups (联动小组): a few managers of one industry who stand in for each other (004 §2.2 I)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workflow.core.definition.expressions import Text

FEWEST, MOST = 3, 4
"""Managers in a linked group (004 §2.2 I)."""


@dataclass(frozen=True, slots=True)
class Group:
    """`unit`: whose overseers keep it. One that is not active stands in for nobody."""

    id: int
    name: Text
    unit: int
    industry: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Member:
    """Who is in a group from when; `until` None: still."""

    id: int
    group: int
    person: int
    since: datetime
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away and has named nobody: the group stands in, else the colleagues of the unit."""

    id: int
    absent: int
    since: datetime
    until: datetime
    reason: str = ""

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.until
