"""What was refused, and what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.service.views.names import PersonName


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRow:
    """Something the rules said no to. `code` and `facts` make the sentence.

    `definition` and `version`: of the case it was about, None where it was about none.
    """

    id: int
    at: datetime
    actor: PersonName | None
    behalf: PersonName | None
    case: int | None
    number: str | None
    definition: str | None
    version: int | None
    code: str
    attempt: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """Something the system could not do. `times`: how often by now; `resolved` None: still open."""

    id: int
    case: int | None
    number: str | None
    timer: int | None
    kind: str
    detail: Mapping[str, Any]
    raised: datetime
    last: datetime
    times: int
    resolved: datetime | None
    resolved_by: PersonName | None
