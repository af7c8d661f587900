"""A step of a history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.core.step import Op
from workflow.service.views.names import PersonName


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One entry of the history; `actor` None: the system.

    `form` and `ops` are parsed; personal values in them are shown, or `Masked`. The hashes are hex. `outage`: it
    was recorded late because no scheduler was alive.
    """

    case: int
    seq: int
    kind: str
    trigger: str
    actor: PersonName | None
    behalf: PersonName | None
    effective: datetime
    recorded: datetime
    from_state: str
    to_state: str
    version: int
    task: int | None
    form: Mapping[str, Any]
    ops: tuple[Op, ...]
    previous: str
    hash: str
    outage: bool = False
