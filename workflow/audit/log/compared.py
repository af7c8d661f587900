"""A checkpoint that was kept outside, beside the log as it is now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from workflow.core import notes
from workflow.core.errors import NoteFault
from workflow.core.notes import Checkpoint, Verifier
from workflow.storage import log

if TYPE_CHECKING:
    from sqlalchemy import Connection

Outcome = Literal["holds", "differs", "ahead", "lost", "stranger", "signature"]
"""holds: the log begins with what was signed; differs: it was changed; ahead: it holds less than was signed, so it was
cut or taken back; lost: as ahead, but the restoring of a backup was declared; stranger: another log's; signature: not
signed by a key that this log knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`size`: of the checkpoint, in steps; `now`: of the log; `made`: when it was signed, as it says itself."""

    outcome: Outcome
    origin: str
    size: int
    now: int
    made: datetime | None

    @property
    def holds(self) -> bool:
        return self.outcome == "holds"


def compare(connection: Connection, text: str) -> Comparison:
    """By the stored hashes, which is quick; verification works out every one again. Raises `NoteFault`."""
    return judge(connection, text, size=log.size(connection), root=lambda size: log.root(connection, size))


def judge(connection: Connection, text: str, *, size: int, root: Callable[[int], bytes]) -> Comparison:
    """`root`: of the tree of the first so many leaves, at most `size`. Raises `NoteFault`."""
    note = notes.read(text)
    said = notes.checkpoint(note.text)
    outcome = _outcome(connection, note, said, size, root)
    return Comparison(outcome=outcome, origin=said.origin, size=said.size, now=size, made=made(said))


def made(said: Checkpoint) -> datetime | None:
    """When a checkpoint was signed, as it says itself; None when it does not."""
    try:
        return datetime.strptime(said.value("time") or "", "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _outcome(
    connection: Connection, note: notes.Note, said: Checkpoint, size: int, root: Callable[[int], bytes]
) -> Outcome:
    names = log.epochs(connection)
    place = next((n for n, one in enumerate(names) if one["origin"] == said.origin), None)
    if place is None:
        # Of an epoch that was made after the backup this database was restored from, or of another log.
        ours = {str(one["origin"]).rpartition("/")[0] for one in names}
        return "ahead" if said.origin.rpartition("/")[0] in ours else "stranger"
    try:
        notes.verify(note, [Verifier(said.origin, public) for public in log.keys(connection)], others=True)
    except NoteFault:
        return "signature"
    kept = size
    if place + 1 < len(names):
        kept = min(size, names[place + 1]["size"])
        if said.size > kept:
            follows = names[place + 1]["follows"]
            declared = 0 if follows is None else notes.checkpoint(notes.read(follows).text).size
            return "lost" if said.size <= declared else "ahead"
    if said.size > kept:
        return "ahead"
    return "holds" if root(said.size) == said.root else "differs"
