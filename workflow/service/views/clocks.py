"""Clocks and what was escalated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workflow.service.views.names import CustomerName, PersonName, UnitName
from workflow.service.views.steps import StepRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRow:
    """One run of a clock. `overdue`: open and past due now; `breached`: the due moment that once passed.

    `provisional`: `due` may change when the days off of its year are announced. `outage`: the breach was noticed
    late because no scheduler was alive.
    """

    case: int
    number: str
    definition: str
    version: int
    state: str
    phase: str
    name: str
    run: int
    status: str
    started: datetime
    due: datetime
    breached: datetime | None
    ended: datetime | None
    overdue: bool
    level: int
    customer: CustomerName | None
    unit: UnitName | None
    assignees: tuple[PersonName, ...]
    provisional: bool = False
    outage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationRow:
    """A breach handed upwards. `persons`: to whom; `mine`: the reader may acknowledge it.

    `again`: how often it was raised before; `outage`: it was raised late because no scheduler was alive.
    `told`: to whom it was said; `acted`: what a person did first after it was acknowledged; `outcome`: how it ended,
    `met`, `withdrawn` or raised `again`, None while it is open.
    """

    case: int
    no: int
    number: str
    definition: str
    version: int
    state: str
    clock: str
    run: int
    level: int
    role: str
    unit: UnitName | None
    customer: CustomerName | None
    persons: tuple[PersonName, ...]
    raised: datetime
    recorded: datetime
    acknowledged: datetime | None
    acknowledged_by: PersonName | None
    ended: datetime | None
    mine: bool
    again: int = 0
    outage: bool = False
    told: tuple[PersonName, ...] = ()
    acted: StepRow | None = None
    outcome: str | None = None
