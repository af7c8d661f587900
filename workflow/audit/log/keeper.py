"""What happens to the log by itself: sealing and signing, copies that leave the house, and the nightly verification."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from workflow.audit.log.copies import Copies
from workflow.audit.log.damage import Report
from workflow.audit.log.sealer import Sealer
from workflow.audit.log.verify import verify
from workflow.core.codec import dumps
from workflow.core.errors import LogForked, LogRolledBack, SealKeyUnfit
from workflow.messages import sentence
from workflow.service import verification
from workflow.service.door import Workflow
from workflow.settings import Settings
from workflow.storage import proof
from workflow.storage.database import Database
from workflow.storage.errors import StorageUnavailable
from workflow.storage.verifying import Run, Stage

logger = logging.getLogger(__name__)

SHARES = 7
"""Nights in which every case is looked for in the lists: playing all histories takes longer than verifying them."""

PORTION = 200
"""Cases looked for in the lists at a time."""

AGAIN = timedelta(minutes=10)
"""After a verification that failed, before the next."""

TOLD_EVERY = 2.0
"""Seconds between two writings of how far one is."""

Told = Callable[[Stage, int, int], None]
"""Is told what is looked at, how much of it is done, and of how much (0: nobody knows). Raises `Left`."""


class Left(Exception):
    """A verification is to end before its time, or another scheduler has begun it anew."""


class Keeper:
    """Any number of them may run on one database; of each scheduler one, which verifies once at a time.

    `name`: the scheduler's, under which it gives signs of life; `stopping`: set when it is to come to an end.
    """

    def __init__(
        self, workflow: Workflow, settings: Settings, *, name: str = "", stopping: threading.Event | None = None
    ) -> None:
        self.workflow = workflow
        self.database = workflow.database
        self.clock = workflow.clock
        self.settings = settings
        self.sealer = Sealer(self.database, settings.seal, clock=self.clock)
        self.copies = Copies(self.database, settings, clock=self.clock)
        self.name = name
        self.stopping = stopping or threading.Event()
        self._said = ""
        self._again: datetime | None = None
        """Not before then, after one that failed."""

    def seal(self) -> None:
        """Seal what waits, sign when it is time, hand on the newest checkpoint."""
        try:
            self.sealer.run()
        except (SealKeyUnfit, LogRolledBack, LogForked) as fault:
            # Said once: it stays so until somebody does something.
            said = sentence(fault, "en")
            if said != self._said:
                logger.warning("%s", said)
            self._said = said
        else:
            self._said = ""
        self.copies.run()

    def verify(self, *, nights: bool = True) -> Report | None:
        """Verify everything where somebody asked, or it was not done this night yet; None where there is no need.

        `nights` False: only where somebody asked. Of several schedulers one does it. One that is stopped, or fails,
        leaves it to whoever comes next.
        """
        now = self.clock()
        if self._again is not None and now < self._again:
            return None
        run = self.workflow.begin_verification(
            self.name, night=self._night(now) if nights else None, silence=self.settings.scheduler.silence
        )
        if run is None:
            return None
        try:
            return verified(self.workflow, self.settings.seal.key, run=run, told=self._telling(run))
        except Left:
            self.workflow.leave_verification(run, failed=False)
            return None
        except Exception:
            self._again = now + AGAIN
            self.workflow.leave_verification(run, failed=True)
            raise

    def _telling(self, run: Run) -> Told:
        """What writes down how far a run is, now and then, and ends one that is to end."""
        last, at = "", 0.0

        def told(stage: Stage, done: int, whole: int) -> None:
            nonlocal last, at
            if self.stopping.is_set():
                raise Left
            if stage == last and time.monotonic() - at < TOLD_EVERY:
                return
            last, at = stage, time.monotonic()
            try:
                mine = self.workflow.tell_verification(run, stage, done, whole)
            except StorageUnavailable as unavailable:
                # Others are writing for long: the run need not end for that.
                logger.warning("%s How far the verification is could not be written down.", unavailable)
                return
            if not mine:
                raise Left

        return told

    def _night(self, now: datetime) -> datetime:
        """When the last night's run ought to have begun."""
        local = now.astimezone(self.settings.display.zone)
        hour = local.replace(hour=self.settings.seal.verify_hour, minute=0, second=0, microsecond=0)
        return (hour if hour <= local else hour - timedelta(days=1)).astimezone(now.tzinfo)


def verified(
    workflow: Workflow, key: Path | None = None, *, run: Run | None = None,
    told: Told = lambda stage, done, whole: None,
) -> Report:  # fmt: skip
    """Verify everything and put the result on record; what is damaged becomes an incident.

    `run`: what was begun, and ends with the record. Where somebody asked for it, every case is looked for in the
    lists, else a share of them.
    """
    began = workflow.clock()
    whole = 0 if run is None else run.whole
    report = verify(
        workflow.database, key=key,
        progress=lambda stage, done: told(stage, done, max(whole, done) if stage == "steps" else 0),
    )  # fmt: skip
    asked = run is not None and run.asked is not None
    _lists(workflow.database, report, night=None if asked else began.toordinal(), told=told)
    damages = len(report.damages) + report.more
    if damages:
        logger.error("Verification found %s damages; see `baton verify`", damages)
    workflow.note_verification(
        began=began,
        ended=workflow.clock(),
        steps=report.steps,
        report=dumps(report.plain() | _asked(run)),
        damages=damages,
        kinds=[one.kind for one in report.damages],
        run=run,
    )
    return report


def _asked(run: Run | None) -> dict[str, Any]:
    """Who asked for a run and when, as its report says it; nothing of the night's."""
    if run is None or run.asked is None:
        return {}
    return {"asked": {"by": run.person, "at": run.asked.isoformat()}}


def _lists(database: Database, report: Report, *, night: int | None, told: Told) -> None:
    """Whether cases stand in the lists as their histories say. `night`: of a share of them; None: of all."""
    broken, after, done = {one.case for one in report.damages}, 0, 0
    while True:
        told("lists", done, report.cases)
        with database.reading() as connection:
            some = proof.ids(connection, after=after, limit=PORTION if night is None else PORTION * SHARES)
        if not some:
            return
        after, done = some[-1], done + len(some)
        chosen = [one for one in some if (night is None or one % SHARES == night % SHARES) and one not in broken]
        for found in verification.several(database, chosen):
            if found.differs:
                report.found("lists", found.case, found.number, what=", ".join(found.differs))
