"""The door's part about files that bring something in: kept as they came, applied in portions, taken back whole.

What a file means is read outside; here stands how far it has come, in the transaction of what it did, so that one
that is cut off goes on where it stopped and nothing of it is done twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.core.case import is_id
from workflow.core.errors import NotPermitted, UploadMoved, UploadNotFound
from workflow.core.step import Actor
from workflow.service import written
from workflow.service.reading import Reading
from workflow.service.unit import Unit
from workflow.service.views.names import PersonName
from workflow.storage import uploads
from workflow.storage.queries.reader import Reader
from workflow.storage.uploads import Upload

BRINGERS = frozenset({"account_administrator", "director"})
"""Who brings files in (003 §3.1: the account administrator keeps the files and prepares the reports)."""

SHOWN = 50


@dataclass(frozen=True, slots=True)
class UploadRow:
    """A file that came, and how far it is. `person` None: the command line."""

    upload: Upload
    person: PersonName | None
    mine: bool


class Uploads(Reading):
    """`state` goes checked → applying → applied → undoing → undone, and never back."""

    def keep_upload(
        self,
        kind: str,
        name: str,
        content: bytes,
        *,
        rows: int,
        whole: int,
        report: Mapping[str, Any],
        actor: Actor,
        at: datetime | None = None,
    ) -> int:
        """Keep a file that was checked; nothing of it is done yet. Gives its id. Raises `Refused`."""
        now = at or self.clock()
        with self._refusing(actor, None, f"upload:{kind}", now), self._unit() as work:
            self._bringer(work, actor, now)
            fit = written.file(name, content, self.most_file_bytes)
            return uploads.keep(
                work.connection, kind=kind, name=fit, content=content, person=actor.person, rows=rows, whole=whole,
                report=report, at=now,
            )  # fmt: skip

    def uploads(self, reader: Actor) -> list[UploadRow]:
        """Files that came, the newest first: one's own, and to auditors everybody's."""
        with self._read(reader) as (connection, shown):
            found = uploads.latest(connection, limit=SHOWN)
            return [
                UploadRow(one, shown.person(one.person), one.person == reader.person)
                for one in found
                if _sees(shown.reader, one)
            ]

    def upload(self, upload: int, reader: Actor) -> UploadRow:
        """Raises `UploadNotFound`."""
        with self._read(reader) as (connection, shown):
            found = uploads.one(connection, upload) if is_id(upload) else None
            if found is None or not _sees(shown.reader, found):
                raise UploadNotFound(upload=upload)
            return UploadRow(found, shown.person(found.person), found.person == reader.person)

    def uploaded_before(self, kind: str, content: bytes) -> int | None:
        """The newest file that was the same to the byte, and was not taken back; None for a new one."""
        with self.database.reading() as connection:
            return uploads.same(connection, kind, content)

    def upload_content(self, upload: int, reader: Actor) -> bytes:
        """The file as it came. Raises `UploadNotFound`."""
        self.upload(upload, reader)
        with self.database.reading() as connection:
            return uploads.content(connection, upload)

    def begin_portion(self, upload: int, *, kind: str, actor: Actor, among: tuple[str, ...]) -> Upload:
        """Hold a file of the actor's own in a batch, so that nobody else is at it before the next commit.

        Raises `UploadNotFound`, `UploadMoved`, `Refused`.
        """
        with self._unit() as work:
            return self._upload(work, upload, actor, self.clock(), kind=kind, among=among)

    def end_portion(
        self,
        held: Upload,
        *,
        state: str,
        position: int,
        report: Mapping[str, Any],
        made: Iterable[tuple[int, int]] = (),
        undone: Iterable[tuple[int, int, int]] = (),
    ) -> None:
        """Say how far a file is, in the transaction of what was done. `made`: steps as case and number; `undone`:
        those taken back, each with the number of the step that did."""
        with self._unit() as work:
            uploads.note(work.connection, held.id, made)
            for case, seq, by in undone:
                uploads.undone(work.connection, held.id, case, seq, by)
            uploads.move(work.connection, held.id, state=state, position=position, at=self.clock(), report=report)

    def upload_steps(self, upload: int, reader: Actor, *, limit: int, after: int = 0) -> list[tuple[int, int]]:
        """The steps a file made that were not taken back, as case and number, of the cases `after` one."""
        self.upload(upload, reader)
        with self.database.reading() as connection:
            return uploads.standing(connection, upload, limit=limit, after=after)

    def _bringer(self, work: Unit, actor: Actor, at: datetime) -> None:
        self._check_actor(work, actor, at)
        if actor.person is not None and not work.directory.role_names(actor.principal, at) & BRINGERS:
            raise NotPermitted(action="import")

    def _upload(
        self, work: Unit, upload: int, actor: Actor, at: datetime, *, kind: str, among: tuple[str, ...]
    ) -> Upload:
        """A file of a kind, the actor's own, locked, in one of some states. Raises `UploadNotFound`, `UploadMoved`."""
        self._bringer(work, actor, at)
        found = uploads.one(work.connection, upload, lock=True) if is_id(upload) else None
        if found is None or found.kind != kind or (actor.person is not None and found.person != actor.person):
            raise UploadNotFound(upload=upload)
        if found.state not in among:
            raise UploadMoved(upload=upload, state=found.state)
        return found


def _sees(reader: Reader, upload: Upload) -> bool:
    return reader.everything or reader.audits or (upload.person is not None and upload.person in reader.persons)
