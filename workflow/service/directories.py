"""The organisation, the calendars and the wording, kept between units of work."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from workflow.core.calendar import Calendar
from workflow.core.directory import Directory
from workflow.definitions.library import Library
from workflow.messages.wordings import Wordings
from workflow.storage import calendars, organisation, wordings

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Directories:
    """The organisation, kept between units and read again when its version has changed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.kept: Directory | None = None
        self._brought: Mapping[str, Calendar] = {}
        self.wordings = Wordings()
        self._seen: WeakKeyDictionary[Connection, Directory] = WeakKeyDictionary()
        self._merged: tuple[object, object, Mapping[str, Calendar]] = (None, None, {})

    def seen(self, connection: Connection) -> Directory:
        """As a reading unit sees it: it is of one moment, and asked only once.

        Were it looked for with every question, a page begun before a change would each time put what it sees in the
        place of what is kept, while somebody who came after the change decides by its calendars.
        """
        found = self._seen.get(connection)
        if found is None:
            found = self._seen[connection] = self.current(connection, organisation.version(connection))
        return found

    def current(self, connection: Connection, version: int) -> Directory:
        kept = self.kept
        if kept is None or kept.version != version:
            kept = organisation.load(connection, version)
            brought = calendars.newest(connection)
            worded = Wordings(wordings.chosen(connection))
            with self._lock:
                self.kept, self._brought, self.wordings = kept, brought, worded
        return kept

    def calendars(self, library: Library) -> Mapping[str, Calendar]:
        """The newest of each calendar: of the files or of those brought in, as last read with the organisation."""
        files, brought = library.calendars, self._brought
        merged = self._merged
        if merged[0] is not files or merged[1] is not brought:
            newer = {n: c for n, c in brought.items() if n not in files or files[n].version < c.version}
            merged = self._merged = (files, brought, {**files, **newer})
        return merged[2]
