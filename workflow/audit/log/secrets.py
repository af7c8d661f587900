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
        missing = dict(made)
        while self._next is not None and self._next[0] <= case:
            of, named, salt, value, gone = self._next
            self._next = next(self._rows, None)
            self.report.secrets += 1
            if of < case:
                self.report.found("secret", of, commitment=named)
                continue
            known = missing.pop(named, None)
            said = erased.get(named)
            if said is None:
                fits = gone is None and keeps(named, salt, value)
            else:
                fits = gone == said and value is None and not salt
            if not fits or (whole and known is None):
                self.report.found("secret", case, number, known, commitment=named)
        if whole:
            for named, seq in missing.items():
                self.report.found("secret", case, number, seq, commitment=named)

    def rest(self) -> None:
        """Values behind the last history."""
        while self._next is not None:
            self.report.secrets += 1
            self.report.found("secret", self._next[0], commitment=self._next[1])
            self._next = next(self._rows, None)
