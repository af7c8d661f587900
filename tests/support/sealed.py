"""A small organisation with sealed histories, for tests of the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.office import Office
from workflow.audit.log.proofs import Proofs
from workflow.audit.log.sealer import Sealer
from workflow.core.errors import Refused
from workflow.core.step import SYSTEM
from workflow.settings import Seal
from workflow.storage import controls, log
from workflow.storage.controls import ControlRun
from workflow.storage.log_tables import copies


class Sealed:
    """`long`: a case of 100 steps; beside it short ones, customers and the organisation's record."""

    def __init__(self, office: Office, folder: Path, *, steps: int = 100) -> None:
        self.office = office
        self.settings = Seal(key=folder / "seal.key", folder=folder / "checkpoints", origin="log.example")
        self.sealer = Sealer(office.database, self.settings, clock=lambda: office.now)
        self.proofs = Proofs(office.database, clock=lambda: office.now)
        case = office.complaint()
        self.sealer.sign()
        office.later(minutes=11)
        with office.workflow.batch() as batch:
            for n in range(case.seq, steps):
                batch.comment(case.id, f"第{n}次联系客户", actor=office.actor("anna"))
        self.long = case.id
        self.short = [office.complaint(text=f"邮件延误{n}天").id for n in range(3)]
        for one in self.short:
            office.workflow.comment(one, "已联系", actor=office.actor("anna"))
            office.workflow.comment(one, "再联系", actor=office.actor("anna"))
        self.sealer.sign()

    @property
    def outside(self) -> str:
        """The last checkpoint, as somebody kept it."""
        return self.proofs.checkpoint().note


QUOTING = '他不同意，客户却说"同意"'
"""A text whose end is a text by itself, also as it is stored."""


def touchable(office: Office, folder: Path) -> Sealed:
    """With everything that can be touched: absences, an attachment, something erased, something refused and read."""
    door = office.workflow
    case = office.complaint(text=QUOTING)
    door.attach(case.id, "信.txt", b"original", actor=office.actor("anna"))
    door.erase(case.id, actor=office.actor("root"), reason="本人要求", fields=["text"])
    door.substitute(
        office.people["anna"], office.people["ben"], since=office.now, until=office.now + timedelta(days=3),
        reason="住院", actor=office.actor("director"),
    )  # fmt: skip
    door.change_person(office.people["ben"], {"email": "ben@example.org", "phone": "139"}, actor=office.actor("root"))
    door.revoke(office.people["carl"], office.units["other"], "account_manager", actor=SYSTEM)
    for n in range(3):
        door.note_read("export.csv", office.actor("anna"), detail={"n": n})
        with pytest.raises(Refused):
            door.perform(case.id, "close", actor=office.actor("stranger"))
    present = door.calendars()["working"]
    door.bring_calendar(replace(present, names={}), actor=office.actor("root"))
    with office.database.writing() as connection:
        for n in range(2):
            log.add(connection, copies, checkpoint=1, target="folder:x", at=office.now, outcome="sent", detail="")
            controls.keep(connection, _run(office, n), [])
    office.complaint(text=QUOTING)
    return Sealed(office, folder, steps=6)


def _run(office: Office, exceptions: int) -> ControlRun:
    return ControlRun(
        control="x", hash="x", night=office.now, person=None, at=office.now, since=None, until=office.now, looked=9,
        exceptions=exceptions, undecided=0, milliseconds=1,
    )  # fmt: skip
