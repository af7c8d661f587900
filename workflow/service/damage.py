"""The door's part about damage that verification found: put on record, told to auditors, closed by one of them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from workflow.core import book
from workflow.core.case import is_id
from workflow.core.directory import Directory
from workflow.core.errors import IncidentNotFound
from workflow.core.step import SYSTEM, Actor
from workflow.service import written
from workflow.service.findings import Findings
from workflow.service.organisation import BOOK
from workflow.service.unit import Unit
from workflow.service.vault import fresh_salt
from workflow.storage import incidents, verifying
from workflow.storage import log as proof_log
from workflow.storage import log_tables as t
from workflow.storage.errors import StorageUnavailable
from workflow.storage.verifying import Run

log = logging.getLogger(__name__)

REPORTED = "report_damage"
CLOSED = "close_damage"


class Damaged(Findings):
    """What a verification came to, and the incident that is open while damage was not looked into."""

    def note_verification(
        self, *, began: datetime, ended: datetime, steps: int, report: str, damages: int, kinds: Iterable[str],
        run: Run | None = None,
    ) -> None:  # fmt: skip
        """Put a run over everything on record; with damage there is an incident, and auditors are told of what is new.

        `kinds`: of the damages written out, of each one. `run`: what was under way, which ends here. Where even the
        organisation's record cannot be written any more, the incident is raised without a step.
        """
        row = {"began": began, "ended": ended, "steps": steps, "damages": damages, "report": report}
        detail = {"fault": fault(damages, kinds), "damages": damages}
        try:
            with self._unit() as work:
                proof_log.add(work.connection, t.verifications, **row)
                if run is not None:
                    verifying.end(work.connection, run)
                if damages:
                    self._report(work, detail, ended)
        except StorageUnavailable:
            raise
        except Exception:
            if not damages:
                raise
            log.exception("What was damaged cannot be written into the record; the incident is raised without it")
            with self.database.writing() as connection:
                proof_log.add(connection, t.verifications, **row)
                if run is not None:
                    verifying.end(connection, run)
                incidents.damaged(connection, detail, ended)

    def close_damage(self, incident: int, reason: str, *, actor: Actor, at: datetime | None = None) -> int:
        """Say what the damage was and what came of it; gives the step. Raises `IncidentNotFound`, `TextEmpty`,
        `Refused`: auditors alone close it."""

        def check(work: Unit, now: datetime) -> dict[str, Any]:
            values = {"incident": incident, "reason": written.text("reason", reason)}
            if not is_id(incident) or not incidents.close_damage(work.connection, incident, by=actor.person, at=now):
                raise IncidentNotFound(incident=incident)
            return values

        return self._write(CLOSED, actor, at, check)

    def _report(self, work: Unit, detail: Mapping[str, Any], at: datetime) -> None:
        self._locked(work)
        if incidents.damaged(work.connection, detail, at):
            loaded = work.store.load(BOOK)
            now = max(at, loaded.case.written or at)
            decision = book.note(
                loaded.case,
                REPORTED,
                values=detail,
                actor=SYSTEM,
                at=now,
                recorded=now,
                salt=fresh_salt,
                notice=told(detail, work.directory, now),
            )
            work.take(loaded, decision)
            work.flush()


def fault(damages: int, kinds: Iterable[str]) -> str:
    """What was found, by kind; more than were written out are counted."""
    found = Counter(kinds)
    parts = [f"{kind} {count}" for kind, count in sorted(found.items())]
    more = damages - found.total()
    return ", ".join([*parts, f"+{more}"] if more > 0 else parts)


def told(values: Mapping[str, Any], directory: Directory, at: datetime) -> dict[str, Any] | None:
    """The message to every auditor; None where there is nobody."""
    auditors = [
        person.id for person in directory.persons.values()
        if person.active and "auditor" in directory.role_names(person.id, at)
    ]  # fmt: skip
    return {"kind": "damage", "to": sorted(auditors), "damages": values["damages"]} if auditors else None
