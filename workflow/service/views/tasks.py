"""Open tasks, as lists show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workflow.service.views.names import CustomerName, PersonName, UnitName


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """An open task in an inbox, a queue or a case. In a queue `assignee` is None; `unit` and `role` say whose it is.

    `due` None: no limit. `level`: of the case's highest open escalation, 0 for none. `owner`: who delegated
    it and gets it back. `behalf`: the absent person whose task it is, when it is shown to the substitute.
    `provisional`: `due` may change when the days off of its year are announced. `others`: who else has work on
    the case. `until`: when the reader wants to see it again, None when it is not put off.
    """

    case: int
    no: int
    number: str
    definition: str
    version: int
    name: str
    state: str
    phase: str
    customer: CustomerName | None
    unit: UnitName | None
    role: str
    opened: datetime
    due: datetime | None
    overdue: bool
    level: int
    assignee: PersonName | None
    owner: PersonName | None
    behalf: PersonName | None
    provisional: bool = False
    others: tuple[PersonName, ...] = ()
    until: datetime | None = None
