"""Checkpoints leave the house: into a folder, and by e-mail. Only there are they safe from whoever rules over this one.

No transaction is open while a server is spoken to; what reached whom is kept, at least once.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from workflow.audit.log.proofs import Signed, signed
from workflow.delivery.failed import Failed
from workflow.delivery.mail import Mailer, letter
from workflow.messages.catalogue import words
from workflow.settings import Settings
from workflow.storage import log
from workflow.storage import log_tables as t
from workflow.storage.database import Database

logger = logging.getLogger(__name__)

AGAIN = timedelta(minutes=15)
"""How long after a failure the next try comes."""


class Copies:
    """Hands the newest checkpoint on. `clock` says when."""

    def __init__(self, database: Database, settings: Settings, *, clock: Callable[[], datetime]) -> None:
        self.database = database
        self.settings = settings
        self.clock = clock

    def run(self) -> int:
        """One round; how many copies were made."""
        with self.database.reading() as connection:
            row = log.last_checkpoint(connection)
        if row is None:
            return 0
        newest = signed(row)
        folder = self.settings.seal.folder
        made = 0
        if self._wanted(f"folder:{folder}", newest, timedelta(0)):
            made += self._kept(f"folder:{folder}", newest, lambda: write(folder, newest))
        if not self.settings.mail.host:
            return made
        pause = timedelta(hours=self.settings.seal.mail_hours)
        for address in self.settings.seal.addresses:
            if self._wanted(f"mail:{address}", newest, pause):
                made += self._kept(f"mail:{address}", newest, lambda to=address: self._mail(to, newest))  # type: ignore[misc]
        return made

    def _wanted(self, target: str, newest: Signed, pause: timedelta) -> bool:
        now = self.clock()
        with self.database.reading() as connection:
            sent, failed = (
                log.last_copy(connection, target, outcome, newest=newest.no, now=now) for outcome in ("sent", "failed")
            )
        if sent is not None and (sent["checkpoint"] >= newest.no or now - sent["at"] < pause):
            return False
        return failed is None or now - failed["at"] >= AGAIN

    def _kept(self, target: str, newest: Signed, send: Callable[[], None]) -> bool:
        outcome, detail = "sent", ""
        try:
            send()
        except (OSError, Failed) as error:
            outcome, detail = "failed", str(error)[:500]
            logger.warning("Checkpoint %s did not reach %s: %s", newest.no, target, detail)
        with self.database.writing() as connection:
            log.add(
                connection,
                t.copies,
                checkpoint=newest.no,
                target=target,
                at=self.clock(),
                outcome=outcome,
                detail=detail,
            )
        return outcome == "sent"

    def _mail(self, address: str, newest: Signed) -> None:
        language, sender = self.settings.display.language, self.settings.mail.sender
        made = letter(
            key=f"<baton-checkpoint-{newest.epoch}-{newest.no}@{sender.rpartition('@')[2]}>",
            sender=sender,
            to=address,
            name="",
            subject=words(language, "checkpoint_subject", origin=newest.origin, size=newest.size),
            body=f"{words(language, 'checkpoint_body')}\n\n{newest.note}",
            at=self.clock(),
        )
        with Mailer(self.settings.mail, timeout=self.settings.delivery.timeout) as mailer:
            mailer.send(made, address)


def write(folder: Path, newest: Signed) -> None:
    """The note as a file of its own, whole or not at all; one that is there already stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"checkpoint-{newest.epoch}-{newest.no:06d}.txt"
    if file.exists():
        return
    draft = folder / f".{file.name}.{os.getpid()}"
    draft.write_text(newest.note, encoding="utf-8", newline="")
    draft.replace(file)
