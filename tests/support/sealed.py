"""A small organisation with sealed histories, for tests of the log."""

from __future__ import annotations

from pathlib import Path

from tests.support.office import Office
from workflow.audit.log.proofs import Proofs
from workflow.audit.log.sealer import Sealer
from workflow.settings import Seal


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
