"""Verification of everything: the database, every chain, every leaf, every checkpoint, and those from outside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from workflow.audit.log import compared
from workflow.audit.log.chains import Chains
from workflow.audit.log.damage import Report
from workflow.audit.log.tree import roots
from workflow.core import notes
from workflow.core.errors import NoteFault
from workflow.core.notes import Checkpoint, Note, Verifier
from workflow.core.personal import commitment
from workflow.storage import log, walk
from workflow.storage.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

Told = Callable[[int], None]

UNFIT = (TypeError, ValueError, OverflowError, AttributeError)
"""What a value leads to that no row of these tables ever held."""


def verify(database: Database, *, outside: Iterable[str] = (), progress: Told = lambda steps: None) -> Report:
    """Everything there is, seen as of one moment. `outside`: notes of checkpoints that were kept elsewhere.

    Raises `NoteFault` when one of those is no checkpoint; whatever is wrong with the database is in the report.
    """
    texts = list(outside)
    for text in texts:
        notes.checkpoint(notes.read(text).text)
    try:
        with database.reading() as connection:
            return examine(connection, texts, progress=progress)
    except Exception as error:
        # A damaged file may not even let itself be opened.
        if database.dialect != "sqlite" or not walk.unreadable(error):
            raise
        report = Report()
        report.found("database", what="file", detail=str(error).splitlines()[0])
        return report


def examine(connection: Connection, texts: Sequence[str] = (), *, progress: Told = lambda steps: None) -> Report:
    """As `verify`, inside a unit."""
    report = Report()
    began = time.perf_counter()
    try:
        _walk(connection, report, texts, progress)
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
    for table in walk.unprotected(connection):
        report.found("unprotected", table=table)
    report.seconds = round(time.perf_counter() - began, 3)
    return report


def _walk(connection: Connection, report: Report, texts: Sequence[str], progress: Told) -> None:
    claimed = [notes.checkpoint(notes.read(text).text) for text in texts]
    signed = sorted(log.checkpoints(connection, limit=10**9), key=lambda row: row["no"])
    wanted = [row["size"] for row in signed] + [one.size for one in claimed]
    made = roots(connection, report, wanted)
    chains = Chains(
        connection,
        report,
        histories=walk.histories(connection),
        cases=walk.cases(connection),
        progress=progress,
    )
    chains.walk()
    _checkpoints(connection, report, signed, made)
    _outside(connection, report, texts, made)
    _secrets(connection, report)
    _files(connection, report, chains.files, chains.erased)


def _checkpoints(connection: Connection, report: Report, signed: list[RowMapping], made: dict[int, bytes]) -> None:
    names = {row["no"]: row["origin"] for row in log.epochs(connection)}
    keys = log.keys(connection)
    good, before = 0, ""
    announced = {keys[0]} if keys else set()
    for no, row in enumerate(signed, start=1):
        report.checkpoints += 1
        said, note = _read(report, row, no, names, keys)
        if said is None or note is None:
            before = ""
            continue
        previous = said.value("previous")
        if row["no"] != no or (before and previous != before) or (no == 1 and previous is not None):
            report.found("checkpoint", checkpoint=row["no"], why="previous")
        before = f"{said.size} {notes.digest(note.text)}"
        announced.update(_new_keys(said, note, keys, first=no == 1))
        if made.get(said.size) == said.root:
            good = max(good, said.size)
            report.signed = max(report.signed, said.size)
        else:
            few = [] if said.size <= good else walk.among(connection, good, said.size, 5)
            report.found("tree", checkpoint=row["no"], size=said.size, good=good, cases=few, leaves=report.leaves)
    for no, public in enumerate(keys, start=1):
        if public not in announced:
            report.found("key", key=no)


def _read(
    report: Report, row: RowMapping, no: int, names: dict[int, str], keys: list[bytes]
) -> tuple[Checkpoint | None, Note | None]:
    """A stored checkpoint; nothing of one that does not hold by itself."""
    why = ""
    try:
        note = notes.read(row["note"])
        said = notes.checkpoint(note.text)
        notes.verify(note, [Verifier(said.origin, public) for public in keys])
    except NoteFault as fault:
        why = str(fault.facts["why"])
    else:
        if said.origin != names.get(row["epoch"]) or said.size != row["size"] or compared.made(said) != row["at"]:
            why = "row"
    if why:
        report.found("checkpoint", checkpoint=row["no"], why=why)
        return None, None
    return said, note


def _new_keys(said: Checkpoint, note: Note, keys: list[bytes], *, first: bool) -> set[bytes]:
    """Keys that a checkpoint brings in: named in one that both sign, or beginning an epoch."""
    signers = {one.public for one in notes.verify(note, [Verifier(said.origin, public) for public in keys])}
    named = said.value("key")
    fresh = {Verifier.read(named).public} if named is not None else set()
    begins = signers if first or said.value("follows") is not None else set()
    return (fresh & signers) | begins


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


def _secrets(connection: Connection, report: Report) -> None:
    for case, named, salt, value, erased in walk.secrets(connection):
        report.secrets += 1
        whole = erased is not None and value is None
        if not whole and (value is None or commitment(bytes(salt), str(value)) != named):
            report.found("secret", case, commitment=named)


def _files(connection: Connection, report: Report, known: dict[int, str], erased: set[tuple[int, int]]) -> None:
    there: set[int] = set()
    for file, case, digest, content in walk.files(connection):
        report.files += 1
        there.add(file)
        said = known.get(file)
        gone = (case, file) in erased
        fits = content is None if gone else content is not None and sha256(content).hexdigest() == said
        if bytes(digest).hex() != said or not fits:
            report.found("file", case, file=file)
    for file in sorted(known.keys() - there):
        report.found("file", file=file)
