"""Customers, as lists and their own page show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workflow.core.definition.expressions import Text
from workflow.service.views.cases import CaseRow, CaseView
from workflow.service.views.names import PersonName, UnitName


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """`a`, `b`: the two managers; `lead`: who of them leads. `until`: the exclusive window's end, or None.

    `level`: confidentiality; `classes`: as `nature:policy`; `merged`: the customer it was found to be, or None.
    """

    id: int
    number: str
    name: Text
    tier: str
    stage: str
    industry: str
    division: str
    credit_code: str | None
    unit: UnitName | None
    a: PersonName | None
    b: PersonName | None
    lead: str
    until: datetime | None
    open_cases: int
    level: str = "internal"
    classes: tuple[str, ...] = ()
    merged: int | None = None

    @property
    def leader(self) -> PersonName | None:
        """B once it leads maintenance, else A, and where there is none of them, the other (002 §11(1))."""
        first, second = (self.b, self.a) if self.lead == "b" else (self.a, self.b)
        return second if first is None else first


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerView:
    """A customer: `case` is the record's own case (kind `customer`), `cases` those about it, newest first."""

    row: CustomerRow
    case: CaseView
    cases: tuple[CaseRow, ...]
