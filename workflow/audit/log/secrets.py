"""Every personal value beside the steps that committed to it and those that say it was erased."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workflow.audit.log.damage import Report
from workflow.core.personal import keeps
from workflow.storage import walk

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Secrets:
    """One walk over the vault, which is asked of history after history, by id."""

    def __init__(self, connection: Connection, report: Report) -> None:
        self.report = report
        self._rows = walk.secrets(connection)
        self._next: tuple[Any, ...] | None = next(self._rows, None)

    def of(self, case: int, number: str, made: Mapping[str, int], erased: Mapping[str, int], *, whole: bool) -> None:
        """The values of a history.

        `made`: commitment → the step it stands in; `erased`: commitment → the moment a step says it was erased at;
        `whole`: every step holds. Otherwise nothing is told of values that are too many or missing: the step is.
        """
        row, seen = self._next, set()
        while row is not None and row[0] <= case:
            of, named, salt, value, gone = row
            row = next(self._rows, None)
            self.report.secrets += 1
            if of < case:
                self.report.found("secret", of, commitment=named)
                continue
            seen.add(named)
            if named in erased:
                fits = gone == erased[named] and value is None and not salt
            else:
                fits = gone is None and keeps(named, salt, value)
            if not fits or (whole and named not in made):
                self.report.found("secret", case, number, made.get(named), commitment=named)
        self._next = row
        if whole and len(seen) < len(made):
            for named in made.keys() - seen:
                self.report.found("secret", case, number, made[named], commitment=named)

    def rest(self) -> None:
        """Values behind the last history."""
        while self._next is not None:
            self.report.secrets += 1
            self.report.found("secret", self._next[0], commitment=self._next[1])
            self._next = next(self._rows, None)
