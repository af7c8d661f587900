"""Everything about one case at once, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from workflow.service.views.actions import Action
from workflow.service.views.cases import CaseView
from workflow.service.views.names import PersonName
from workflow.service.views.steps import StepRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Managers:
    """A customer's two managers; `lead`: who of them leads, "a" or "b"."""

    a: PersonName | None
    b: PersonName | None
    lead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """`managers`: of the case's customer, None without one whose file the reader may read. `watched`: by the reader."""

    view: CaseView
    steps: tuple[StepRow, ...]
    actions: tuple[Action, ...]
    managers: Managers | None
    watched: bool
