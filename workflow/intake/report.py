"""What became of the rows that did not simply come in: a CSV file, a line each, never with what a cell says."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

COLUMNS = ("row", "case", "outcome", "reason", "detail")
MERGED, REJECTED, NOTED = "merged", "rejected", "noted"
"""`noted`: the row came in, and there is something to know about it."""


class Report:
    """Settled before each commit, so that every row that is done has its line, whenever the program dies.

    `begun` says of a row whether an earlier run did anything of it: then its lines are kept. A line that comes
    again is not written twice.
    """

    def __init__(self, path: Path, *, begun: Callable[[int], bool]) -> None:
        self.path = path
        self._kept = self._earlier(begun)
        self._file: IO[str] | None = None
        self._lines: Any = None

    def __enter__(self) -> Self:
        beside = self.path.with_name(self.path.name + ".new")
        with beside.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *self._kept])
            _settle(file)
        beside.replace(self.path)
        self._file = self.path.open("a", encoding="utf-8", newline="")
        self._lines = csv.writer(self._file)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def line(self, row: int, case: str, outcome: str, reason: str, detail: str = "") -> None:
        line = (str(row), _safe(case), outcome, reason, _safe(detail))
        if line not in self._kept:
            self._lines.writerow(line)

    def settle(self) -> None:
        """Let what was written be there after a crash."""
        if self._file is not None:
            _settle(self._file)

    def _earlier(self, begun: Callable[[int], bool]) -> dict[tuple[str, ...], None]:
        if not self.path.exists():
            return {}
        with self.path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            lines = [tuple(line) for line in csv.reader(file) if len(line) == len(COLUMNS)]
        return {line: None for line in lines if line[0].isdigit() and begun(int(line[0]))}


def _safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _settle(file: IO[str]) -> None:
    file.flush()
    os.fsync(file.fileno())
