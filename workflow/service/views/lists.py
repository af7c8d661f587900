"""A page of a list, and what a list is narrowed to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from workflow.core.case import is_id
from workflow.core.forms import UNFIT

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list. `next`: the cursor to pass as `after`, None on the last page.

    `count`: how many rows the whole list has, counted up to a thousand; `exact` False: it has more.
    """

    rows: tuple[Row, ...]
    next: str | None
    count: int
    exact: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is narrowed to; None and False narrow nothing.

    `unit`: this unit and those below. `text`: part of a customer's name, pinyin or number, or of a case's
    number. `closed`: None both, True only closed, False only open. `person`: whose task it is. `task`: the name
    of a task. `clock`: which clock `due_before` and `overdue` speak of, where a list is one of cases.
    """

    definition: str | None = None
    state: str | None = None
    phase: str | None = None
    mark: str | None = None
    unit: int | None = None
    tier: str | None = None
    customer: int | None = None
    person: int | None = None
    task: str | None = None
    clock: str | None = None
    due_before: datetime | None = None
    overdue: bool = False
    closed: bool | None = None
    text: str | None = None

    def __post_init__(self) -> None:
        """What comes from an address may be anything: what nothing is called finds nothing."""
        for name in ("unit", "customer", "person"):
            value = getattr(self, name)
            if value is not None and not is_id(value):
                object.__setattr__(self, name, 0)
        for name in ("definition", "state", "phase", "mark", "tier", "task", "clock"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, UNFIT.sub("\N{REPLACEMENT CHARACTER}", value))
