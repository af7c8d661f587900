"""The report as it is read, before it is a page, a PDF or a workbook: parts with tables, each row with its list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode

from workflow.audit.exports.wording import Wording
from workflow.messages.catalogue import find
from workflow.storage.queries.audited import Over

Cell = str | int | datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whole days, both included, on the clock of a zone. `unit`: with those below; None: everything one may see."""

    since: date
    until: date
    unit: int | None = None

    def over(self, zone: tzinfo) -> Over:
        begin, end = (datetime.combine(day, time(), zone) for day in (self.since, self.until + timedelta(days=1)))
        return Over(since=begin, until=end, unit=self.unit)

    @property
    def days(self) -> dict[str, str]:
        """As the lists' own addresses name the period."""
        return {"since": self.since.isoformat(), "until": self.until.isoformat()}


@dataclass(frozen=True, slots=True)
class Row:
    """`to`: the page that lists what the row counts, as a path; empty for none. `warn`: somebody should look."""

    cells: tuple[Cell, ...]
    to: str = ""
    warn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """`key` names it; `to`: the page with all of it. `notes`: what is to be said beside the table."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    to: str = ""
    notes: Sequence[str] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """`facts`: what the report is about. `period`: in words, for the foot of a page."""

    language: str
    title: str
    period: str
    lead: str
    facts: Sequence[tuple[str, str]]
    parts: Sequence[Part]
    zone: tzinfo

    def text(self, cell: Cell) -> str:
        """A cell in words: counts with separators, moments on the clock of the zone."""
        match cell:
            case None:
                return "—"
            case datetime():
                return f"{cell.astimezone(self.zone):%Y-%m-%d %H:%M}"
            case int():
                return f"{cell:,}"
        return cell


class Words:
    """The sentences of the report in one language."""

    def __init__(self, wording: Wording) -> None:
        self.wording = wording
        self.language = wording.language

    def __call__(self, key: str, **facts: Any) -> str:
        return find(self.language, "report", key, facts) or key

    def among(self, prefix: str, name: str) -> str:
        """What one of several is called; its own name where it has no other."""
        return find(self.language, "report", f"{prefix}_{name.replace('.', '_')}") or name


def listed(path: str, **asked: Any) -> str:
    """The address of a list, narrowed to what is asked for."""
    given = {name: value for name, value in asked.items() if value not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path
