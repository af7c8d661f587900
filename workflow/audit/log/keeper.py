"""What happens to the log by itself: sealing and signing, copies that leave the house, and the nightly verification."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from workflow.audit.log.copies import Copies
from workflow.audit.log.damage import Report
from workflow.audit.log.sealer import Sealer
from workflow.audit.log.verify import verify
from workflow.core.errors import LogForked, LogRolledBack, SealKeyUnfit
from workflow.messages import sentence
from workflow.service import verification
from workflow.service.door import Workflow
from workflow.settings import Settings
from workflow.storage import log, proof
from workflow.storage.database import Database

logger = logging.getLogger(__name__)

SHARES = 7
"""Nights in which every case is looked for in the lists: playing all histories takes longer than verifying them."""


class Keeper:
    """Any number of them may run on one database."""

    def __init__(self, workflow: Workflow, settings: Settings) -> None:
        self.workflow = workflow
        self.database = workflow.database
        self.clock = workflow.clock
        self.settings = settings
        self.sealer = Sealer(self.database, settings.seal, clock=self.clock)
        self.copies = Copies(self.database, settings, clock=self.clock)
        self._said = ""

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

    def verify(self) -> Report | None:
        """The run of this night, unless it was made already; None then."""
        now = self.clock()
        with self.database.reading() as connection:
            if log.verified_between(connection, self._night(now), now):
                return None
        return verified(self.workflow, self.settings.seal.key)

    def _night(self, now: datetime) -> datetime:
        """When the last night's run ought to have begun."""
        local = now.astimezone(self.settings.display.zone)
        hour = local.replace(hour=self.settings.seal.verify_hour, minute=0, second=0, microsecond=0)
        return (hour if hour <= local else hour - timedelta(days=1)).astimezone(now.tzinfo)


def verified(workflow: Workflow, key: Path | None = None) -> Report:
    """Verify everything and put the result on record; what is damaged becomes an incident."""
    began = workflow.clock()
    report = verify(workflow.database, key=key)
    _lists(workflow.database, report, began.toordinal())
    damages = len(report.damages) + report.more
    if damages:
        logger.error("Verification found %s damages; see `baton verify`", damages)
    workflow.note_verification(
        began=began,
        ended=workflow.clock(),
        steps=report.steps,
        report=report.text(),
        damages=damages,
        kinds=[one.kind for one in report.damages],
    )
    return report


def _lists(database: Database, report: Report, day: int) -> None:
    """Of a share of the cases each night: whether they stand in the lists as their histories say."""
    told, after = {one.case for one in report.damages}, 0
    while True:
        with database.reading() as connection:
            some = proof.ids(connection, after=after)
        if not some:
            return
        after = some[-1]
        for case in (one for one in some if one % SHARES == day % SHARES and one not in told):
            found = verification.verify(database, case)
            if found.differs:
                report.found("lists", case, found.number, what=", ".join(found.differs))
