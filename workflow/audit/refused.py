"""Who tried what and was refused, failed sign-ins among it: one list that can be searched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.core.moments import micros
from workflow.core.step import Actor
from workflow.definitions.library import Library
from workflow.service.door import Workflow
from workflow.service.reading import Reading
from workflow.service.shown import Shown
from workflow.service.views.lists import Page
from workflow.service.views.refusals import RefusalRow
from workflow.storage.queries import refused
from workflow.storage.queries.refused import SIGN_IN, Sought

KINDS: Mapping[str, frozenset[str]] = {
    "denied": frozenset({"NotPermitted", "NotYourTask", "NotASubstitute", "FourEyes", "CaseNotFound"}),
    "state": frozenset(
        {
            "NotInThisState", "ConditionNotMet", "LimitReached", "LoadReached", "TaskClosed", "TaskNotFound",
            "AlreadyAcknowledged", "ClockNotRunning", "ClockNotHeld", "PauseUsedUp",
        }
    ),
    "stale": frozenset({"CaseMovedOn", "KeyReused"}),
    "form": frozenset({"FormInvalid", "TextEmpty", "TextUnfit", "FileTooLarge", "NumberInvalid"}),
    "sign_in": frozenset({SIGN_IN}),
}  # fmt: skip
"""Why something was refused: not allowed (or out of sight), not now, somebody was quicker, wrongly filled in."""

OTHER = "other"
"""What is none of `KINDS`."""

ENDS = "ends"
"""Instead of a trigger: whichever would have ended the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is looked for. `kind`: of `KINDS`, or `OTHER`; `action`: a trigger of the lifecycle, any other thing people
    do, or `ENDS`. What makes no sense narrows nothing."""

    person: int | None = None
    kind: str | None = None
    definition: str | None = None
    action: str | None = None
    number: str | None = None
    unit: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None


class RefusalDesk(Reading):
    """Beside the door: reads only."""

    def __init__(self, door: Workflow) -> None:
        super().__init__(door.database, door.library, clock=door.clock)
        self.directories = door.directories

    def search(
        self, reader: Actor, question: Question, *, after: str | None = None, limit: int = 50
    ) -> Page[RefusalRow]:  # fmt: skip
        """The last first."""
        with self._read(reader) as (connection, shown):
            return self._paged(
                connection,
                refused.sought(shown.reader, sought(question, self.library)),
                refused.newest,
                like=(0, "", 0),
                key=lambda row: (micros(row.at), row.code_, row.id),
                shown=lambda rows: [_row(shown, row) for row in rows],
                after=after,
                limit=limit,
            )


def sought(question: Question, library: Library) -> Sought:
    """The question in the words in which refusals are kept."""
    return Sought(
        person=question.person,
        codes=KINDS.get(question.kind or ""),
        but=frozenset().union(*KINDS.values()) if question.kind == OTHER else None,
        definition=question.definition,
        attempts=_attempts(question.action),
        of=_endings(library, question.definition) if question.action == ENDS else None,
        number=question.number,
        unit=question.unit,
        since=question.since,
        until=question.until,
        text=question.text,
    )


def _attempts(action: str | None) -> frozenset[str] | None:
    if not action or action == ENDS:
        return None
    return frozenset({action, f"perform:{action}", f"open:{action}"})


def _endings(library: Library, definition: str | None) -> frozenset[tuple[str, str]]:
    """Pairs of a lifecycle and what leads to one of its ends, in any version that is kept."""
    return frozenset(
        (one.name, f"perform:{way.trigger}")
        for one in library.versions.values()
        if definition in (None, one.name)
        for way in one.transitions
        if way.target is not None and one.states[way.target].final
    )


def _row(shown: Shown, row: Any) -> RefusalRow:
    entry = row.code == SIGN_IN and row.code_ == ""
    return RefusalRow(
        id=row.id,
        at=row.at,
        actor=shown.person(row.actor_id),
        behalf=shown.person(row.behalf_id),
        case=row.case_id,
        number=row.number,
        definition=row.definition,
        version=row.version,
        code=row.code,
        attempt=f"sign_in:{row.attempt}" if entry else row.attempt,
        facts={"address": row.facts} if entry else json.loads(row.facts),
    )
