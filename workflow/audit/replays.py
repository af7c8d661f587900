"""What the pages and the command line ask about histories, as far as a reader may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from workflow.audit.against import Beside, against
from workflow.audit.archive import StoredArchive
from workflow.audit.film import Frame, frames
from workflow.audit.judge import Judge
from workflow.audit.known import Known
from workflow.audit.organisation import Organisations
from workflow.audit.verdict import Difference, Verdict
from workflow.core.definition.lifecycle import Definition
from workflow.core.errors import DefinitionUnknown
from workflow.core.step import Actor
from workflow.service.case_reads import CaseReads
from workflow.service.door import Workflow
from workflow.service.organisation import BOOK
from workflow.service.views.cases import CaseView
from workflow.storage import organisation, verdicts
from workflow.storage.queries import past
from workflow.storage.verdicts import Run

HELD = 50
"""Verdicts held, with the step each was found at."""

SHOWN = 50
"""Histories that differ, on the desk's front page."""


@dataclass(frozen=True, slots=True)
class Differs:
    """A history that differs. `first`: what differs at its first such step; None when that was not kept."""

    case: int
    number: str
    definition: str
    version: int
    at: datetime
    steps: int
    seq: int
    first: Difference | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the last run over all histories found, and which of them differ, as far as the reader sees them.

    `anew`: of the steps of all histories, those decided again since that run began; for the others a verdict stands.
    """

    run: Run | None
    anew: int
    differing: tuple[Differs, ...]


@dataclass(frozen=True, slots=True)
class Film:
    """A case with a frame for each step, and the verdict on its history."""

    view: CaseView
    definition: Definition | None
    frames: tuple[Frame, ...]
    verdict: Verdict


class Replays(CaseReads):
    """Beside the door: reads, and decides again, and changes nothing."""

    def __init__(self, door: Workflow) -> None:
        super().__init__(door.database, door.library, clock=door.clock)
        self._door = door
        self.directories = door.directories
        self._judged: dict[tuple[int, bytes], Verdict] = {}
        self._organisations: tuple[int, Organisations] | None = None

    def standing(self, reader: Actor) -> Standing:
        """The last run, and the histories that differ."""
        with self._read(reader) as (connection, shown):
            found = verdicts.differing(connection, shown.reader, limit=SHOWN)
            rows = tuple(
                Differs(one.case, number, definition, version, one.at, one.steps, one.differs or 0, _first(one.detail))
                for number, definition, version, one in found
            )
            run = verdicts.last_run(connection)
            anew = 0 if run is None else verdicts.found_since(connection, run.started)
            return Standing(run, anew, rows)

    def film(self, case: int, reader: Actor) -> Film:
        """A case step by step. Raises CaseNotFound."""
        view = self._door.case(case, reader)
        archive, known = self._known()
        steps = archive.steps(case)
        verdict = self._verdict(view, archive, known)
        definition = self._door.library.versions.get((view.row.definition, view.row.version))
        return Film(view, definition, tuple(frames(steps, definition, known)), verdict)

    def frame(self, case: int, seq: int, reader: Actor) -> tuple[Frame | None, Verdict]:
        """One step of a case, None where the history cannot be folded so far; and the verdict on all of them.

        Raises CaseNotFound.
        """
        view = self._door.case(case, reader)
        archive, known = self._known()
        steps = archive.steps(case)
        definition = self._door.library.versions.get((view.row.definition, view.row.version))
        shown = next(frames(steps, definition, known, only=seq), None)
        return shown, self._verdict(view, archive, known)

    def against(self, case: int, version: int, reader: Actor) -> tuple[CaseView, Definition, Sequence[Beside]]:
        """The history beside what another version makes of it. Raises CaseNotFound, DefinitionUnknown."""
        view = self._door.case(case, reader)
        other = self._door.library.versions.get((view.row.definition, version))
        if other is None:
            raise DefinitionUnknown(definition=f"{view.row.definition} {version}")
        archive, known = self._known()
        with self.database.reading() as connection:
            secrets = past.secrets(connection, [case])[case]
        return view, other, tuple(against(archive.steps(case), secrets, other, known))

    def versions(self, definition: str) -> tuple[int, ...]:
        """The versions of a lifecycle that are kept."""
        return tuple(sorted(version for name, version in self._door.library.versions if name == definition))

    def _verdict(self, view: CaseView, archive: StoredArchive, known: Known) -> Verdict:
        """Who walks through a long history does not wait for the verdict at every step.

        It is held for what is stored: whoever writes into a history that is as long as before has it judged anew.
        """
        history = archive.history(view.row.id)
        stored = sha256(repr([tuple(row) for row in history.rows]).encode()).digest()
        key, steps = (view.row.id, stored), history.steps
        found = self._judged.get(key)
        if found is None:
            with self.database.reading() as connection:
                secrets = past.secrets(connection, [view.row.id])[view.row.id]
            judge = Judge(known, self._door.library.get)
            found = judge.verdict(view.row.id, view.row.number, view.row.kind, steps, secrets)
            self._judged[key] = found
            while len(self._judged) > HELD:
                self._judged.pop(next(iter(self._judged)), None)
        return found

    def _known(self) -> tuple[StoredArchive, Known]:
        """Everything read anew but the organisation's history, which is long and seldom changes."""
        archive = StoredArchive(self.database, self._door.library)
        with self.database.reading() as connection:
            version = organisation.version(connection)
        held = self._organisations
        if held is None or held[0] != version:
            held = self._organisations = version, Organisations(archive.steps(BOOK))
        return archive, Known(archive, book=BOOK, organisations=held[1])


def _first(detail: dict[str, list[dict[str, object]]]) -> Difference | None:
    found = detail.get("differences")
    return Difference(**found[0]) if found else None  # type: ignore[arg-type]
