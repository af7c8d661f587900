"""Sealing: new steps of all histories go into the log, and checkpoints of it are signed.

One at a time and a portion in each transaction: whoever is killed leaves a whole log, and the rest for the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import TYPE_CHECKING

from workflow.audit.log import keyfile
from workflow.core import merkle, notes
from workflow.core.errors import LogForked, LogRolledBack, NoteFault, SealKeyUnfit
from workflow.core.notes import Checkpoint, Signer, Verifier
from workflow.settings import Seal
from workflow.storage import journals, log
from workflow.storage import log_tables as t
from workflow.storage.database import Database
from workflow.storage.journals import Entries

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

PORTION = 2_000
"""Steps sealed in one transaction: a few hundredths of a second, in which others wait to write."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """`added`: steps that were sealed; `size`: of the log now; `signed`: the checkpoint's number, None without one."""

    added: int
    size: int
    signed: int | None


class Sealer:
    """Any number of them may run on one database. `clock` says when a checkpoint is signed."""

    def __init__(self, database: Database, settings: Seal, *, clock: Callable[[], datetime]) -> None:
        self.database = database
        self.settings = settings
        self.clock = clock

    def seal(self, *, most: int | None = None) -> int:
        """Put what waits into the log; how many steps. `most`: stop after about as many."""
        total = 0
        while True:
            with self.database.reading() as connection:
                if not log.any_waiting(connection):
                    return total
            with self.database.writing() as connection:
                log.lock(connection)
                done = log.seal(connection, PORTION)
            total += done
            if not done or (most is not None and total >= most):
                return total

    def run(self) -> Sealed:
        """Seal, and sign if enough time has passed or enough was sealed since the last checkpoint."""
        added = self.seal()
        return Sealed(added, *self._signed(force=False))

    def sign(self) -> Sealed:
        """Seal and sign now, unless the last checkpoint says it all. Raises `SealKeyUnfit`, `LogForked` and others."""
        added = self.seal()
        return Sealed(added, *self._signed(force=True))

    def rotate(self) -> int:
        """From now on another key signs; the checkpoint that says so is signed by both. Gives its number.

        Killed in between, the next signing brings it to its end.
        """
        self.sign()
        with self.database.writing() as connection:
            log.lock(connection)
            # A rotation that was cut off is brought to its end before its key could be lost.
            self._seed(connection)
        coming = keyfile.following(self.settings.key)
        coming.unlink(missing_ok=True)
        fresh = keyfile.make(coming)
        with self.database.writing() as connection:
            log.lock(connection)
            now = self.clock()
            origin, signer = self._signer(connection)
            other = Signer(origin, fresh)
            log.add(connection, t.log_keys, no=len(log.keys(connection)) + 1, public=other.verifier.public, since=now)
            no, note = self._sign(connection, [signer, other], now, more=[f"key {other.verifier}"])
        keyfile.follow(self.settings.key)
        keyfile.keep_note(self.settings.key, note)
        return no

    def begin_epoch(self, after: str = "") -> int:
        """After a backup was restored: the log goes on under another name, from what the backup held.

        `after`: the last checkpoint there was, from outside; without it, the last one this key's owner signed. The
        first checkpoint of the epoch commits to it. Gives that one's number. Raises `NoteFault`, `SealKeyUnfit`.
        """
        text = after or keyfile.last_note(self.settings.key)
        with self.database.writing() as connection:
            log.lock(connection)
            now = self.clock()
            names = log.epochs(connection)
            seed = self._seed(connection, another=True)
            origin, last = (names[-1]["origin"], names[-1]["no"]) if names else (self._origin(), 0)
            follows = ""
            more = ["follows none"]
            if text:
                note = notes.read(text)
                said = notes.checkpoint(note.text)
                notes.verify(note, [Verifier(said.origin, public) for public in log.keys(connection)], others=True)
                more = [f"follows {said.named}"]
                follows = text
                last = max(last, int(said.origin.rpartition("/")[2])) if numbered(said.origin) else last
            fresh = f"{origin.rpartition('/')[0] if names else origin}/{last + 1}"
            grown = log.size(connection)
            log.add(connection, t.epochs, no=last + 1, origin=fresh, size=grown, began=now, follows=follows or None)
            no, signed = self._sign(connection, [Signer(fresh, seed)], now, more=more)
        keyfile.keep_note(self.settings.key, signed)
        return no

    def _signed(self, *, force: bool) -> tuple[int, int | None]:
        with self.database.reading() as connection:
            size, last = log.size(connection), log.last_checkpoint(connection)
            more = last is not None and (size > last["size"] or journals.further(connection, _covered_by(last["note"])))
        if not self._wanted(size, None if last is None else (last["size"], last["at"]), more=more, force=force):
            return size, None
        with self.database.writing() as connection:
            log.lock(connection)
            now = self.clock()
            if not log.epochs(connection):
                log.add(connection, t.epochs, no=1, origin=f"{self._origin()}/1", size=0, began=now, follows=None)
            _, signer = self._signer(connection)
            no, note = self._sign(connection, [signer], now, more=[])
        keyfile.keep_note(self.settings.key, note)
        return size, no

    def _wanted(self, size: int, last: tuple[int, datetime] | None, *, more: bool, force: bool) -> bool:
        """`more`: there is something that the last checkpoint does not cover."""
        if last is None:
            return force or size > 0
        if not more:
            return False
        old = self.clock() - last[1] >= timedelta(minutes=self.settings.minutes)
        return force or old or size - last[0] >= self.settings.steps

    def _signer(self, connection: Connection) -> tuple[str, Signer]:
        origin = str(log.epochs(connection)[-1]["origin"])
        signer = Signer(origin, self._seed(connection))
        self._insist_ahead(connection, signer)
        return origin, signer

    def _seed(self, connection: Connection, *, another: bool = False) -> bytes:
        """The key that the log knows as its present one; the first one is made, and `another` where the log begins
        anew: it was lost, or the backup is older than it. Raises `SealKeyUnfit`."""
        file, known = self.settings.key, log.keys(connection)
        if not known or another:
            seed = keyfile.make(file)
            public = Signer("", seed).verifier.public
            if public not in known:
                log.add(connection, t.log_keys, no=len(known) + 1, public=public, since=self.clock())
                return seed
        coming = keyfile.following(file)
        if coming.exists() and Signer("", keyfile.read(coming)).verifier.public == known[-1]:
            # Killed after the rotation was kept and before the file was changed.
            keyfile.follow(file)
        seed = keyfile.read(file)
        if Signer("", seed).verifier.public != known[-1]:
            raise SealKeyUnfit(file=str(file), why="other")
        return seed

    def _insist_ahead(self, connection: Connection, signer: Signer) -> None:
        """What was signed last must be the beginning of what is signed now. Raises `LogRolledBack`, `LogForked`."""
        text = keyfile.last_note(self.settings.key)
        if not text:
            return
        try:
            last = notes.checkpoint(notes.read(text).text)
        except NoteFault:
            raise SealKeyUnfit(file=f"{self.settings.key}.last", why="form") from None
        size = log.size(connection)
        if last.origin != signer.name and _after(signer.name, last.origin) and self._begun(connection, signer):
            return
        if last.origin != signer.name or last.size > size:
            raise LogRolledBack(signed=last.size, size=size)
        if log.root(connection, last.size) != last.root:
            raise LogForked(signed=last.size)

    def _begun(self, connection: Connection, signer: Signer) -> bool:
        """Whether the present epoch began with a checkpoint of this key's that says what it follows.

        Whoever was killed between signing it and keeping the note leaves an older one beside the key. A row alone,
        which anybody may write who may write into the database, begins no epoch.
        """
        first = log.first_checkpoint(connection, log.epochs(connection)[-1]["no"])
        if first is None:
            return False
        try:
            note = notes.read(first["note"])
            said = notes.checkpoint(note.text)
            notes.verify(note, [signer.verifier], others=True)
        except NoteFault:
            return False
        size = log.size(connection)
        return (
            said.origin == signer.name
            and said.value("follows") is not None
            and said.size <= size
            and log.root(connection, said.size) == said.root
        )

    def _sign(
        self, connection: Connection, signers: list[Signer], now: datetime, *, more: list[str]
    ) -> tuple[int, str]:
        journals.still(connection)
        last = log.last_checkpoint(connection)
        size = log.size(connection)
        lines = [f"time {now:%Y-%m-%dT%H:%M:%S.%fZ}"]
        if last is not None:
            lines.append(f"previous {last['size']} {notes.digest(notes.read(last['note']).text)}")
        root = log.root(connection, size) if size else merkle.EMPTY
        lines += [f"journal {one}" for one in journals.grown(connection, self._journals(connection, signers, last))]
        said = Checkpoint(signers[0].name, size, root, (*lines, *more))
        note = str(notes.signed(said.text, signers))
        no = 1 if last is None else last["no"] + 1
        log.add(connection, t.checkpoints, no=no, epoch=log.epochs(connection)[-1]["no"], size=size, at=now, note=note)
        return no, note

    def _journals(self, connection: Connection, signers: list[Signer], last: RowMapping | None) -> dict[str, Entries]:
        """How far the last checkpoint covers the journals; nothing of one that is not signed with our key: then all of
        them is hashed anew."""
        if last is None:
            return {}
        try:
            note = notes.read(last["note"])
            notes.verify(note, [Verifier(notes.checkpoint(note.text).origin, signers[0].verifier.public)], others=True)
        except NoteFault:
            return {}
        return _covered_by(last["note"])

    def _origin(self) -> str:
        return self.settings.origin or f"baton/{token_hex(4)}"


def _covered_by(note: str) -> dict[str, Entries]:
    """Journal → what a stored checkpoint says of it; nothing of one that is none."""
    try:
        found = journals.said(notes.checkpoint(notes.read(note).text))
    except NoteFault:
        return {}
    return {one.journal: one for one in found}


def numbered(origin: str) -> bool:
    """Whether an origin ends with the number of an epoch, as ours do."""
    end = origin.rpartition("/")[2]
    return end.isascii() and end.isdigit() and len(end) < 6


def _after(origin: str, other: str) -> bool:
    """Whether an origin is of a later epoch than another one."""
    both = numbered(origin) and numbered(other)
    return both and int(origin.rpartition("/")[2]) > int(other.rpartition("/")[2])
