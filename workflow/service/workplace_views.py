"""What people arrange for themselves, as the door shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.service.views.names import CustomerName, PersonName, UnitName


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A list, narrowed. `query`: what its address says. `unit`: whom it is shared with, None: private."""

    id: int
    owner: PersonName | None
    name: str
    list: str
    query: str
    unit: UnitName | None
    pinned: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows a list has, counted up to a thousand; `exact` False: it has more."""

    count: int
    exact: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneRow:
    """A task the reader finished: by which trigger, where the case went, and where it is now."""

    case: int
    seq: int
    number: str
    definition: str
    version: int
    trigger: str
    at: datetime
    from_state: str
    to_state: str
    state: str
    closed: datetime | None
    customer: CustomerName | None
    behalf: PersonName | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A form begun and not sent. `seq`: the step the person was looking at."""

    place: str
    seq: int
    form: Mapping[str, Any]
    saved: datetime
