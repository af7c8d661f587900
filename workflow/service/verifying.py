"""The door's part about verifying everything now: who asks is a step, a scheduler does it and says how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from workflow.core.errors import VerificationWaiting
from workflow.core.step import Actor
from workflow.service.damage import Damaged
from workflow.service.unit import Unit
from workflow.service.views.names import PersonName
from workflow.storage import housekeeping, verifying
from workflow.storage.verifying import Run, Stage

ASKED = "ask_verification"


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """What waits or is under way. `by` None: nobody asked, or the command line; `held`: a scheduler is at it."""

    run: Run
    by: PersonName | None
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifying:
    """`underway` None: nothing waits. `alive`: whether a scheduler is, that would do what is asked for; `last`: when
    one last was, None: never."""

    underway: Underway | None
    alive: bool
    last: datetime | None


class Verifications(Damaged):
    """Asking for a run over everything; schedulers begin it, say how far they are, and leave it to each other."""

    def ask_verification(self, *, actor: Actor, at: datetime | None = None) -> int:
        """Have everything verified as soon as a scheduler comes by; gives the step that says who asked.

        Raises `VerificationWaiting` while one waits or is under way, and `Refused`.
        """

        def check(work: Unit, now: datetime) -> dict[str, Any]:
            if not verifying.ask(work.connection, person=actor.person, at=now):
                raise VerificationWaiting()
            return {}

        return self._write(ASKED, actor, at, check)

    def verification(self, reader: Actor, *, silence: timedelta) -> Verifying:
        """How it stands. `silence`: how long a scheduler that is alive may give no sign of it."""
        now = self.clock()
        with self._read(reader) as (connection, shown):
            run, last = verifying.found(connection), housekeeping.last_beat(connection, until=now + silence)
            underway = None if run is None else Underway(
                run=run, by=shown.person(run.person), held=verifying.held(connection, run, at=now, silence=silence)
            )  # fmt: skip
        return Verifying(underway=underway, alive=last is not None and last > now - silence, last=last)

    def begin_verification(self, scheduler: str, *, night: datetime | None, silence: timedelta) -> Run | None:
        """Begin the run that waits, or the night's; None when there is none, or another scheduler is at it.

        `night`: since when the last night's may have begun; None: only what was asked for is begun.
        """
        asked: dict[str, Any] = {
            "scheduler": scheduler, "at": self.clock(), "night": night, "silence": silence,
        }  # fmt: skip
        with self.database.reading() as connection:
            if not verifying.due(connection, **asked):
                return None
        with self.database.writing() as connection:
            return verifying.begin(connection, **asked)

    def tell_verification(self, run: Run, stage: Stage, done: int, whole: int) -> bool:
        """Say how far a run is; False when another scheduler has begun it anew."""
        with self.database.writing() as connection:
            return verifying.tell(connection, run, stage=stage, done=done, whole=whole)

    def leave_verification(self, run: Run, *, failed: bool) -> None:
        """Let whoever comes next begin a run anew."""
        with self.database.writing() as connection:
            verifying.release(connection, run, failed=failed)
