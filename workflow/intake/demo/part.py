"""What the players remember of one case they play."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflow.intake.demo.companies import Company


@dataclass(frozen=True, slots=True)
class Aim:
    """Where a case is to be found at the end. `arrive`: when it gets there; what is to happen later is left undone."""

    state: str
    arrive: datetime


@dataclass(slots=True)
class Part:
    """`brisk`: how much quicker than usual (0.1 is ten times as quick). `planned`: tasks somebody has in mind.

    `wants`: answers to fields of the case it was made for, whatever the tables say. `prospect`: the name of a customer
    nobody knows yet, where the case is about one.
    Of the present state only: `tries`, how often it was tried in vain to move on; `sent`, whether the step to the aim
    is planned; `barred`, who may not do it (four eyes); `refused`, the triggers whose conditions did not hold.
    """

    company: Company | None
    topic: Mapping[str, Any]
    brisk: float = 1.0
    wants: Mapping[str, Any] = field(default_factory=dict)
    prospect: str = ""
    aim: Aim | None = None
    held: bool = False
    state: str = ""
    planned: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    tries: int = 0
    sent: bool = False
    barred: set[int] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
