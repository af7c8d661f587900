"""Histories read from the database for judging."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from workflow.core.calendar import Calendar
from workflow.core.definition import Definition
from workflow.core.step import Step
from workflow.definitions.library import Library
from workflow.storage.database import Database
from workflow.storage.queries import past

HELD = 800
"""Histories held for the next one that looks at them."""


class StoredArchive:
    """What a database holds, a short reading at a time: nobody waits for an auditor."""

    def __init__(self, database: Database, library: Library) -> None:
        self.database = database
        self.library = library
        self._held: OrderedDict[int, Sequence[Step]] = OrderedDict()

    def steps(self, case: int) -> Sequence[Step]:
        found = self._held.get(case)
        if found is None:
            with self.database.reading() as connection:
                found = past.steps(connection, case)
            self.hold(case, found)
        return found

    def hold(self, case: int, steps: Sequence[Step]) -> None:
        """Keep a history that was read already."""
        self._held[case] = steps
        if len(self._held) > HELD:
            self._held.popitem(last=False)

    def first(self, case: int) -> Step | None:
        found = self._held.get(case)
        if found:
            return found[0]
        with self.database.reading() as connection:
            return past.first(connection, case)

    def failed(self, case: int, at: datetime) -> bool:
        with self.database.reading() as connection:
            return past.failed(connection, case, at)

    def cases_of(self, customer: int) -> Sequence[int]:
        with self.database.reading() as connection:
            return past.cases_of(connection, customer)

    def calendars(self) -> Iterable[tuple[datetime, Calendar]]:
        with self.database.reading() as connection:
            return past.calendars(connection)

    def definition(self, name: str, version: int | None) -> Definition:
        return self.library.get(name, version)

    def own_calendars(self) -> Mapping[str, Calendar]:
        return self.library.calendars
