"""What can be shown of the log: proofs that a step is in it, that it only ever grew, and how it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workflow.audit.log import compared
from workflow.core import merkle, notes
from workflow.core.case import is_id
from workflow.core.errors import CheckpointNotFound, SizesUnfit, StepNotFound, StepNotSealed
from workflow.core.notes import Verifier
from workflow.storage import log
from workflow.storage import log_tables as t
from workflow.storage.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A checkpoint. `keys`: how many signed it."""

    no: int
    epoch: int
    origin: str
    size: int
    root: str
    at: datetime
    note: str
    keys: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """A step is the leaf at `position` (from 0) of the tree that the checkpoint signs. Hashes: `step` in
    hexadecimal as the pages show it, the others in base64 as checkpoints have them."""

    case: int
    number: str
    seq: int
    step: str
    position: int
    leaf: str
    proof: tuple[str, ...]
    checkpoint: Signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """The log of the second checkpoint begins with that of the first."""

    first: Signed
    second: Signed
    proof: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the log stands. `waiting`: steps not sealed yet; `key`: as C2SP writes it, empty before the first checkpoint;
    `beyond`: sealed steps after the last checkpoint that was confirmed from outside."""

    size: int
    waiting: int
    key: str
    last: Signed | None
    confirmed: Mapping[str, Any] | None
    beyond: int


class Proofs:
    """The log as those see it who check. `clock` says when something was confirmed."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self.database = database
        self.clock = clock

    def standing(self) -> Standing:
        with self.database.reading() as connection:
            size = log.size(connection)
            last = log.last_checkpoint(connection)
            confirmed = log.last_confirmation(connection)
            keys = log.keys(connection)
            names = log.epochs(connection)
            return Standing(
                size=size,
                waiting=log.waiting(connection),
                key=str(Verifier(names[-1]["origin"], keys[-1])) if names and keys else "",
                last=None if last is None else signed(last),
                confirmed=None if confirmed is None else dict(confirmed),
                beyond=size - (0 if confirmed is None else min(size, confirmed["size"])),
            )

    def checkpoints(self, *, before: int | None = None, limit: int = 50) -> list[Signed]:
        """The newest first; `before`: those with a lower number."""
        with self.database.reading() as connection:
            return [signed(row) for row in log.checkpoints(connection, before=before, limit=limit)]

    def checkpoint(self, no: int | None = None) -> Signed:
        """One by its number; the last one without. Raises `CheckpointNotFound`."""
        with self.database.reading() as connection:
            return _checkpoint(connection, no)

    def inclusion(self, case: int, seq: int, *, no: int | None = None) -> Inclusion:
        """That a step is in the log of a checkpoint, the last one unless named.

        Raises `StepNotFound`, `StepNotSealed`, `CheckpointNotFound`.
        """
        with self.database.reading() as connection:
            return inclusion(connection, case, seq, no=no)

    def consistency(self, first: int, second: int | None = None) -> Consistency:
        """That nothing was changed between two checkpoints, by number. Raises `CheckpointNotFound`, `SizesUnfit`."""
        with self.database.reading() as connection:
            one, two = _checkpoint(connection, first), _checkpoint(connection, second)
            if one.size > two.size:
                raise SizesUnfit(first=one.size, second=two.size)
            path = merkle.consistency(one.size, two.size, log.node_of(connection))
            return Consistency(first=one, second=two, proof=tuple(notes.written(path)))

    def verifications(self, *, limit: int = 10) -> list[dict[str, Any]]:
        """The last runs over everything, the newest first: began, ended, steps, damages, and the report as JSON."""
        with self.database.reading() as connection:
            return [dict(row) for row in log.verifications(connection, limit=limit)]

    def confirm(self, text: str, *, by: int | None) -> compared.Comparison:
        """Compare a checkpoint that was kept outside with the log as it is now, and put the result on record.

        Raises `NoteFault` for what is no checkpoint at all.
        """
        with self.database.writing() as connection:
            found = compared.compare(connection, text)
            log.add(
                connection,
                t.confirmations,
                at=self.clock(),
                person_id=by,
                origin=found.origin,
                size=found.size,
                made=found.made,
                outcome=found.outcome,
                note=text,
            )
        return found


def inclusion(connection: Connection, case: int, seq: int, *, no: int | None = None) -> Inclusion:
    """As `Proofs.inclusion`, inside a unit."""
    step = log.step_hash(connection, case, seq) if is_id(case) and is_id(seq) else None
    if step is None:
        raise StepNotFound(case=case, seq=seq)
    place = log.place(connection, case, seq)
    last = log.last_checkpoint(connection)
    if place is None or (last is None and no is None):
        raise StepNotSealed(case=step[0], seq=seq)
    covering = _checkpoint(connection, no)
    if place.position >= covering.size:
        raise StepNotSealed(case=step[0], seq=seq)
    path = merkle.inclusion(place.position, covering.size, log.node_of(connection))
    return Inclusion(
        case=case,
        number=step[0],
        seq=seq,
        step=step[1].hex(),
        position=place.position,
        leaf=notes.written([place.leaf])[0],
        proof=tuple(notes.written(path)),
        checkpoint=covering,
    )


def signed(row: RowMapping) -> Signed:
    """A stored checkpoint, read."""
    note = notes.read(row["note"])
    said = notes.checkpoint(note.text)
    return Signed(
        no=row["no"],
        epoch=row["epoch"],
        origin=said.origin,
        size=said.size,
        root=notes.written([said.root])[0],
        at=row["at"],
        note=row["note"],
        keys=len(note.signatures),
    )


def _checkpoint(connection: Connection, no: int | None) -> Signed:
    row = log.last_checkpoint(connection) if no is None else log.checkpoint(connection, no) if is_id(no) else None
    if row is None:
        raise CheckpointNotFound(checkpoint=no if no is not None else "")
    return signed(row)
