"""Cases, their steps, links and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.core.case import Case
from workflow.service.views.clocks import ClockRow, EscalationRow
from workflow.service.views.names import CustomerName, PersonName, UnitName
from workflow.service.views.tasks import TaskRow


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """`due`: the nearest due moment of its running clocks, None without; `clock`: which of them.

    `assignees`: who has its tasks. `called`: what its lifecycle lets a field say for its name.
    """

    id: int
    kind: str
    number: str
    definition: str
    version: int
    state: str
    phase: str
    marks: tuple[str, ...]
    customer: CustomerName | None
    unit: UnitName | None
    opened: datetime
    updated: datetime
    closed: datetime | None
    due: datetime | None
    overdue: bool
    level: int
    assignees: tuple[PersonName, ...]
    provisional: bool = False
    clock: str | None = None
    called: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A case this one opened, or the one that opened it. `outcome`: its final state, None while open.

    `readable`: whether the reader may open it. `late`: it was opened on a later day than it should have been.
    """

    name: str
    case: int
    number: str
    definition: str
    version: int
    state: str
    outcome: str | None
    nominal: str | None
    opened: datetime
    readable: bool
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """An attachment; `size` in bytes, `sha256` in hex. `erased`: its content is gone."""

    id: int
    case: int
    name: str
    type: str
    size: int
    sha256: str
    added: datetime
    added_by: PersonName | None
    erased: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """An attachment with its content; None when it was erased."""

    row: FileRow
    content: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case for one reader.

    `data` has personal values shown or `Masked`; `case` is the folded value, in which they are commitments.
    `involved`: personal values are shown to this reader.
    """

    row: CaseRow
    case: Case
    data: Mapping[str, Any]
    tasks: tuple[TaskRow, ...]
    clocks: tuple[ClockRow, ...]
    escalations: tuple[EscalationRow, ...]
    links: tuple[LinkRow, ...]
    parent: LinkRow | None
    files: tuple[FileRow, ...]
    people: tuple[PersonName, ...]
    opener: PersonName | None
    involved: bool
