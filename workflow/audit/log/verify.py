"""Verification of everything: the database, every chain, every leaf, every checkpoint, and those from outside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from workflow.audit.log import compared, house, keyfile
from workflow.audit.log.chains import Chains, File
from workflow.audit.log.damage import Report
from workflow.audit.log.keyfile import Own
from workflow.audit.log.secrets import Secrets
from workflow.audit.log.tree import roots
from workflow.core import notes
from workflow.core.errors import NoteFault
from workflow.core.notes import Checkpoint, Note, Verifier
from workflow.storage import guards, journals, log, walk
from workflow.storage.database import Database
from workflow.storage.journals import Entries

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

Told = Callable[[Literal["steps", "beside"], int], None]
"""Is told how many steps were looked at so far; after the last of them come what lies beside them, and the file."""

UNFIT = (TypeError, ValueError, OverflowError, AttributeError)
"""What a value leads to that no row of these tables ever held."""


def verify(
    database: Database,
    *,
    outside: Iterable[str] = (),
    key: Path | None = None,
    progress: Told = lambda stage, done: None,
) -> Report:
    """Everything there is, seen as of one moment. `outside`: notes of checkpoints that were kept elsewhere; `key`: the
    file of the key, with which the log's keys and its end are compared.

    Raises `NoteFault` when one of those is no checkpoint; whatever is wrong with the database is in the report.
    """
    texts = list(outside)
    for text in texts:
        notes.checkpoint(notes.read(text).text)
    # Before the database is looked at: what was signed by then is in it.
    own = None if key is None else keyfile.own(key)
    try:
        with database.reading() as connection:
            return examine(connection, texts, own=own, progress=progress)
    except Exception as error:
        # A damaged file may not even let itself be opened.
        if database.dialect != "sqlite" or not walk.unreadable(error):
            raise
        report = Report()
        report.found("database", what="file", detail=str(error).splitlines()[0])
        return report


def examine(
    connection: Connection,
    texts: Sequence[str] = (),
    *,
    own: Own | None = None,
    progress: Told = lambda stage, done: None,
) -> Report:
    """As `verify`, inside a unit."""
    report = Report(own=own is not None)
    began = time.perf_counter()
    try:
        _walk(connection, report, texts, own, progress)
    except walk.Unreadable as unreadable:
        report.found("database", what=unreadable.what, detail=str(unreadable))
    except UNFIT as unfit:
        # A bit that turned over in SQLite's file may make a number of a text, in spite of the table.
        if connection.dialect.name != "sqlite":
            raise
        report.found("database", what="rows", detail=f"{type(unfit).__name__}: {unfit}")
    report.walking = round(time.perf_counter() - began, 3)
    for said in walk.whole(connection):
        report.found("database", what="file", detail=said)
    for table in guards.unprotected(connection):
        report.found("unprotected", table=table)
    for table, trigger in guards.planted(connection):
        report.found("planted", table=table, trigger=trigger)
    for table in guards.reshaped(connection):
        report.found("reshaped", table=table)
    report.seconds = round(time.perf_counter() - began, 3)
    return report


def _walk(connection: Connection, report: Report, texts: Sequence[str], own: Own | None, progress: Told) -> None:
    kept = [*texts, *([own.note] if own is not None and own.note else [])]
    claimed = [notes.checkpoint(notes.read(text).text) for text in kept]
    signed = sorted(log.checkpoints(connection, limit=10**9), key=lambda row: row["no"])
    wanted = [row["size"] for row in signed] + [one.size for one in claimed]
    made = roots(connection, report, wanted)
    chains = Chains(
        connection,
        report,
        histories=walk.histories(connection),
        cases=walk.cases(connection),
        secrets=Secrets(connection, report),
        progress=lambda steps: progress("steps", steps),
    )
    chains.walk()
    progress("beside", 0)
    claims = _checkpoints(connection, report, signed, made)
    if own is not None:
        _own(connection, report, own, made)
    _outside(connection, report, texts, made)
    _journals(connection, report, {**claims, **_claims(report, texts)})
    _files(connection, report, chains.files, chains.erased)
    house.compare(connection, report)


def _checkpoints(
    connection: Connection, report: Report, signed: list[RowMapping], made: dict[int, bytes]
) -> dict[Entries, str]:
    """Gives what those that hold say of the journals."""
    names = {row["no"]: row["origin"] for row in log.epochs(connection)}
    keys = log.keys(connection)
    good, before = 0, ""
    claims: dict[Entries, str] = {}
    begun: dict[int, Checkpoint] = {}
    announced = {keys[0]} if keys else set()
    for no, row in enumerate(signed, start=1):
        report.checkpoints += 1
        read = _read(report, row, no, names, keys)
        if read is None:
            before = ""
            continue
        said, note, signers = read
        begun.setdefault(row["epoch"], said)
        claims = {one: str(row["no"]) for one in journals.said(said)} | claims
        previous = said.value("previous")
        if row["no"] != no or (before and previous != before) or (no == 1 and previous is not None):
            report.found("checkpoint", checkpoint=row["no"], why="previous")
        before = f"{said.size} {notes.digest(note.text)}"
        announced.update(_new_keys(said, signers, first=no == 1))
        if made.get(said.size) == said.root:
            good = max(good, said.size)
            report.signed = max(report.signed, said.size)
        else:
            few = [] if said.size <= good else walk.among(connection, good, said.size, 5)
            report.found("tree", checkpoint=row["no"], size=said.size, good=good, cases=few, leaves=report.leaves)
    for no, public in enumerate(keys, start=1):
        if public not in announced:
            report.found("key", key=no)
    for epoch in log.epochs(connection):
        if not _fits(epoch, begun.get(epoch["no"])):
            report.found("epoch", epoch=epoch["no"])
    return claims


def _read(
    report: Report, row: RowMapping, no: int, names: dict[int, str], keys: list[bytes]
) -> tuple[Checkpoint, Note, set[bytes]] | None:
    """A stored checkpoint and the keys that signed it; None for one that does not hold by itself."""
    why = ""
    try:
        note = notes.read(row["note"])
        said = notes.checkpoint(note.text)
        signers = {one.public for one in notes.verify(note, [Verifier(said.origin, public) for public in keys])}
        journals.said(said)
    except NoteFault as fault:
        why = str(fault.facts["why"])
    else:
        if said.origin != names.get(row["epoch"]) or said.size != row["size"] or compared.made(said) != row["at"]:
            why = "row"
    if why:
        report.found("checkpoint", checkpoint=row["no"], why=why)
        return None
    return said, note, signers


def _fits(epoch: RowMapping, first: Checkpoint | None) -> bool:
    """Whether the row of an epoch says what its first checkpoint says, which was signed together with it."""
    if first is None or compared.made(first) != epoch["began"]:
        return False
    said = first.value("follows")
    if said is None:
        return bool(epoch["size"] == 0 and epoch["follows"] is None)
    if epoch["follows"] is None:
        return bool(epoch["size"] == first.size and said == "none")
    try:
        before = notes.checkpoint(notes.read(epoch["follows"]).text)
    except NoteFault:
        return False
    return bool(epoch["size"] == first.size and said == before.named)


def _new_keys(said: Checkpoint, signers: set[bytes], *, first: bool) -> set[bytes]:
    """Keys that a checkpoint brings in: named in one that both sign, or beginning an epoch."""
    named = said.value("key")
    fresh = {Verifier.read(named).public} if named is not None else set()
    begins = signers if first or said.value("follows") is not None else set()
    return (fresh & signers) | begins


def _own(connection: Connection, report: Report, own: Own, made: dict[int, bytes]) -> None:
    """Beside what lies with the key: whoever may write into the database alone may put a key of their own there."""
    keys = log.keys(connection)
    if keys and keys[-1] not in own.publics:
        report.found("stranger", key=len(keys))
    if own.note:
        found = compared.judge(connection, own.note, size=report.leaves, root=lambda size: made.get(size, b""))
        if not found.holds:
            report.found("own", outcome=found.outcome, size=found.size, origin=found.origin)


def _outside(connection: Connection, report: Report, texts: Sequence[str], made: dict[int, bytes]) -> None:
    covered = 0
    for text in texts:
        found = compared.judge(connection, text, size=report.leaves, root=lambda size: made.get(size, b""))
        report.outside.append(found)
        if found.holds:
            covered = max(covered, found.size)
        else:
            report.found("outside", outcome=found.outcome, size=found.size, origin=found.origin)
    report.beyond = report.leaves - covered + report.waiting


def _claims(report: Report, texts: Sequence[str]) -> dict[Entries, str]:
    """What the checkpoints from outside that hold say of the journals, whoever signed what is stored."""
    pairs = zip(report.outside, texts, strict=True)
    kept = [
        (f"{one.origin}, {one.size:,}", notes.checkpoint(notes.read(text).text)) for one, text in pairs if one.holds
    ]
    return {one: name for name, said in kept for one in journals.said(said)}


def _journals(connection: Connection, report: Report, claims: dict[Entries, str]) -> None:
    """Of each journal the first claim that does not hold: those after it cannot."""
    told: set[str] = set()
    for one in journals.differing(connection, claims):
        if one.journal not in told:
            told.add(one.journal)
            report.found("journal", table=one.journal, checkpoint=claims[one], count=one.count, last=one.last)


def _files(connection: Connection, report: Report, known: dict[int, File], erased: set[tuple[int, int]]) -> None:
    there: set[int] = set()
    for file, case, name, kind, size, added, by, digest, content in walk.files(connection):
        report.files += 1
        there.add(file)
        hashed = bytes(digest).hex()
        gone = (case, file) in erased
        fits = content is None if gone else content is not None and sha256(content).hexdigest() == hashed
        if known.get(file) != (case, name, kind, size, hashed, added, by) or not fits:
            report.found("file", case, file=file)
    for file in sorted(known.keys() - there):
        report.found("file", known[file][0], file=file)
