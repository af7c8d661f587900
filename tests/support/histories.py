"""Histories of every kind for those who judge them: a crowd's, played through the real door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.support.office import Office, library
from workflow.audit.archive import StoredArchive
from workflow.audit.judge import Judge
from workflow.audit.known import Known
from workflow.audit.salts import Secrets
from workflow.audit.verdict import Verdict
from workflow.core.step import Step
from workflow.service.organisation import BOOK
from workflow.storage.queries import past


class Histories:
    """All histories of an office, read once. `steps` by case."""

    def __init__(self, office: Office) -> None:
        self.archive = StoredArchive(office.database, office.workflow.library)
        with office.database.reading() as connection:
            self.heads = list(past.kept(connection, after=0, limit=100_000))
            ids = [case for case, *_ in self.heads]
            self.steps: Mapping[int, Sequence[Step]] = past.many(connection, ids)
            self.secrets: Mapping[int, Secrets] = past.secrets(connection, ids)
        self.judge = Judge(Known(self.archive, book=BOOK), library().get)

    def verdict(self, case: int, steps: Sequence[Step] | None = None) -> Verdict:
        """The verdict on a case, with other steps than the stored ones where they are given."""
        number, kind = next((number, kind) for one, number, kind, _ in self.heads if one == case)
        return self.judge.verdict(case, number, kind, self.steps[case] if steps is None else steps, self.secrets[case])

    def verdicts(self) -> list[Verdict]:
        return [self.verdict(case) for case, *_ in self.heads]

    @property
    def cases(self) -> list[int]:
        return [case for case, _, kind, _ in self.heads if kind == "case"]
