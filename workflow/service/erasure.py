"""The door's part about erasing personal data: a step says so, the history stays whole."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from workflow.core import erasing
from workflow.core.case import is_id
from workflow.core.errors import CaseNotFound, PersonNotFound
from workflow.core.step import Actor
from workflow.service import written
from workflow.service.organisation import BOOK, Organisation
from workflow.storage import erasing as stored
from workflow.storage.queries import history


class Erasure(Organisation):
    """Administrators erase; the system (the command line) may as well."""

    def erase(
        self,
        record: int,
        *,
        actor: Actor,
        reason: str,
        fields: Collection[str] | None = None,
        at: datetime | None = None,
    ) -> int:
        """Erase the personal values of a case or a customer, of the fields named or all; how many there were.

        Raises `CaseNotFound`, `TextEmpty`, `Refused`.
        """
        return self._erase(record, actor=actor, reason=reason, fields=fields, person=None, at=at)

    def erase_person(self, person: int, *, actor: Actor, reason: str, at: datetime | None = None) -> int:
        """Erase what the organisation's record holds of a person beside the name, which says who did what.

        Raises `PersonNotFound`, `TextEmpty`, `Refused`.
        """
        return self._erase(BOOK, actor=actor, reason=reason, fields=None, person=person, at=at)

    def settle(self) -> bool:
        """Let what was erased leave the database's file as well; False while others are in the way."""
        return stored.settle(self.database)

    def _erase(
        self,
        record: int,
        *,
        actor: Actor,
        reason: str,
        fields: Collection[str] | None,
        person: int | None,
        at: datetime | None,
    ) -> int:
        now = at or self.clock()
        about = record if is_id(record) else None
        with self._refusing(actor, about, "erase", now):
            with self._unit() as work:
                if person is not None:
                    self._locked(work)
                loaded = work.store.load(record)
                now = max(now, loaded.case.written or now)
                self._administrator(work, actor, now)
                if person is None and record == BOOK:
                    raise CaseNotFound(case=record)
                if person is not None and work.directory.person(person) is None:
                    raise PersonNotFound(person=person)
                why = written.text("reason", reason)
                steps = [history.step(row) for row in history.rows(work.connection, record)]
                found = erasing.commitments(steps, fields=fields, person=person)
                gone = stored.erase(work.connection, record, found.keys(), now)
                if person is not None:
                    stored.erase_person(work.connection, person)
                decision = erasing.erased(loaded.case, gone, reason=why, actor=actor, at=now, person=person)
                work.take(loaded, decision)
                work.flush()
            return len(gone)
