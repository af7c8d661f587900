"""What a mapping says a value is made of, read from a row's cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

_HOLE = re.compile(r"\{([^{}]+)\}")
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

Cells = Callable[[str], str]
"""A row: column → its cell, empty where the cell says nothing."""


class Unusable(Exception):
    """A value cannot be made of this row. `reason` is a code, `column` where it stands."""

    def __init__(self, reason: str, column: str) -> None:
        super().__init__(reason, column)
        self.reason, self.column = reason, column


@dataclass(frozen=True, slots=True)
class Value:
    """`text` with `{column}` in it, `column` through `map`, or `moment`: the moment a column holds.

    `most`: characters; what is longer is cut, which is reported.
    """

    text: str | None = None
    column: str | None = None
    moment: str | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None
    most: int | None = None

    def columns(self) -> list[str]:
        named = [name for name in (self.column, self.moment) if name is not None]
        return [*named, *_HOLE.findall(self.text or "")]

    def of(self, cells: Cells, clock: Clock, shortened: Callable[[], None] = lambda: None) -> Any:
        """The value, None where the row says nothing. Raises `Unusable`."""
        if self.moment is not None:
            return clock.moment(self.moment, cells(self.moment))
        if self.column is not None:
            found = cells(self.column)
            if self.map:
                found = self.map.get(found, self.default or "")
                if not found:
                    raise Unusable("unknown_value", self.column)
            found = found or self.default or ""
        else:
            found = _HOLE.sub(lambda hole: cells(hole[1]), self.text or "")
        if self.most is not None and len(found) > self.most:
            shortened()
            found = found[: self.most]
        return found or None


class Clock:
    """Moments as the old system wrote them: formats by column, all in one zone. What was read once is kept."""

    def __init__(self, zone: ZoneInfo, formats: Mapping[str, tuple[str, ...]], *, latest: datetime) -> None:
        self.zone = zone
        self.formats = formats
        self.latest = latest
        self._read: dict[tuple[str, str], datetime] = {}

    def moment(self, column: str, text: str) -> datetime | None:
        """A cell as a moment in UTC, None when empty. Raises `Unusable`: no date, before 1970, or yet to come."""
        if not text:
            return None
        found = self._read.get((column, text))
        if found is None:
            found = self._read[column, text] = self._parsed(column, text)
        return found

    def _parsed(self, column: str, text: str) -> datetime:
        for one in self.formats[column]:
            try:
                found = datetime.strptime(text, one)  # noqa: DTZ007 - the zone follows
            except ValueError:
                continue
            if found.tzinfo is None:
                found = found.replace(tzinfo=self.zone)
            if not 1 < found.year < 9999 or found < EARLIEST:
                raise Unusable("too_early", column)
            if found > self.latest:
                raise Unusable("in_the_future", column)
            return found.astimezone(UTC)
        raise Unusable("date", column)
