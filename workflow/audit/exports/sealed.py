"""What the log gives to a case file: the checkpoint with a proof for each step, and the house's signature."""

from __future__ import annotations

from workflow.audit.exports.casefile import Seal, Sign
from workflow.audit.log import keyfile
from workflow.core import merkle, notes
from workflow.core.errors import SealKeyUnfit
from workflow.settings import Seal as SealSettings
from workflow.storage import log
from workflow.storage.database import Database

MOST_EARLIER = 16
"""Of the last checkpoints, and of those somebody brought back from outside: as many as these are proven."""


def seal_of(database: Database, case: int) -> Seal | None:
    """The last checkpoint with the proofs of the case's steps that it covers; None before the first one."""
    with database.reading() as connection:
        last = log.last_checkpoint(connection)
        if last is None:
            return None
        said = notes.checkpoint(notes.read(last["note"]).text)
        node = log.node_of(connection)
        proofs = {
            one.seq: (one.position, merkle.inclusion(one.position, said.size, node))
            for one in log.places_of(connection, case)
            if one.position < said.size
        }
        earlier = {
            size: merkle.consistency(size, said.size, node)
            for size in log.sizes_kept(connection, said.origin, last["epoch"], most=MOST_EARLIER)
            if 0 < size < said.size
        }
        return Seal(note=last["note"], origin=said.origin, size=said.size, proofs=proofs, earlier=earlier)


def sign_by(database: Database, settings: SealSettings) -> Sign | None:
    """Signs with the key of the log; None before the log has one. Raises `SealKeyUnfit`."""
    with database.reading() as connection:
        keys, names = log.keys(connection), log.epochs(connection)
    if not keys or not names:
        return None
    signer = notes.Signer(str(names[-1]["origin"]), keyfile.read(settings.key))
    if signer.verifier.public != keys[-1]:
        raise SealKeyUnfit(file=str(settings.key), why="other")
    return lambda text: str(notes.signed(text, [signer]))
