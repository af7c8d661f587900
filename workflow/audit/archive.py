"""Histories read from the database for judging."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from workflow.core.calendar import Calendar
from workflow.core.chain import GENESIS, link
from workflow.core.definition.lifecycle import Definition
from workflow.core.step import Step
from workflow.definitions.library import Library
from workflow.storage.database import Database
from workflow.storage.queries import past

HELD = 800
"""Histories held for the next one that looks at them."""


class History:
    """A history as it is stored. Its steps are read, and its chain worked out, when somebody asks."""

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        """`rows`: those of its steps with every column, in order."""
        self.rows = rows

    @cached_property
    def steps(self) -> Sequence[Step]:
        return [past.step(row) for row in self.rows]

    @cached_property
    def hashes(self) -> Sequence[bytes] | None:
        """The hash of each step, worked out from what is stored; None for a chain that is broken."""
        found: list[bytes] = []
        expected = GENESIS
        for seq, row in enumerate(self.rows, start=1):
            if row[1] != seq or row[-2] != expected or link(expected, row[:-2]) != row[-1]:
                return None
            expected = row[-1]
            found.append(expected)
        return found

    def recorded(self, seq: int) -> int:
        """When a step was written, in microseconds, as it is stored."""
        return int(self.rows[seq - 1][7])


class StoredArchive:
    """What a database holds, a short reading at a time: nobody waits for an auditor."""

    def __init__(self, database: Database, library: Library) -> None:
        self.database = database
        self.library = library
        self._held: OrderedDict[int, History] = OrderedDict()
        self._about: OrderedDict[int, Sequence[int]] = OrderedDict()

    def history(self, case: int) -> History:
        found = self._held.get(case)
        if found is None:
            with self.database.reading() as connection:
                rows = past.rows(connection, [case])
            return self.hold(case, rows[case])
        self._held.move_to_end(case)
        return found

    def steps(self, case: int) -> Sequence[Step]:
        return self.history(case).steps

    def hold(self, case: int, rows: Sequence[Sequence[Any]]) -> History:
        """Keep a history that was read already."""
        found = self._held[case] = History(rows)
        if len(self._held) > HELD:
            self._held.popitem(last=False)
        return found

    def first(self, case: int) -> Step | None:
        found = self._held.get(case)
        if found is not None and found.rows:
            return found.steps[0]
        with self.database.reading() as connection:
            return past.first(connection, case)

    def failed(self, case: int, at: datetime) -> bool:
        with self.database.reading() as connection:
            return past.failed(connection, case, at)

    def cases_of(self, customer: int) -> Sequence[int]:
        found = self._about.get(customer)
        if found is None:
            with self.database.reading() as connection:
                found = past.cases_of(connection, [customer])[customer]
            self.hold_cases(customer, found)
        return found

    def hold_cases(self, customer: int, cases: Sequence[int]) -> None:
        """Keep which cases are about a customer, which was read already."""
        self._about[customer] = cases
        if len(self._about) > HELD:
            self._about.popitem(last=False)

    def calendars(self) -> Iterable[tuple[datetime, Calendar]]:
        with self.database.reading() as connection:
            return past.calendars(connection)

    def definition(self, name: str, version: int | None) -> Definition:
        return self.library.get(name, version)

    def own_calendars(self) -> Mapping[str, Calendar]:
        return self.library.calendars
