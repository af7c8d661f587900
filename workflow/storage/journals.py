"""Lists that are only added to and are no histories: what was refused, who read what, what was compared or verified,
which controls were run, which checkpoints left the house.

A checkpoint says of each how far it goes: the last id, how many rows, and a hash in which each row covers the one
before it, over the exact stored bytes of every column. So a row that a checkpoint covers can neither go nor change.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Connection, text

from workflow.core.chain import GENESIS, link
from workflow.core.errors import NoteFault
from workflow.core.notes import Checkpoint, hashes, written
from workflow.storage.columns import metadata

JOURNALS = ("refusals", "reads", "confirmations", "verifications", "control_runs", "copies")
OFTEN = ("refusals", "reads")
"""Those that a checkpoint is signed for even where no history goes on."""

PORTION = 20_000
FIRST = -(2**63)
"""Before every id, also one that nobody was given."""


@dataclass(frozen=True, slots=True)
class Entries:
    """The first rows of a journal: up to an id, how many, and the hash over them."""

    journal: str
    last: int = 0
    count: int = 0
    hash: bytes = GENESIS

    def __str__(self) -> str:
        return f"{self.journal} {self.last} {self.count} {written([self.hash])[0]}"

    @staticmethod
    def read(line: str) -> Entries:
        """Raises `NoteFault`."""
        parts = line.split(" ")
        if len(parts) != 4 or not all(one.isascii() and one.isdigit() and len(one) < 19 for one in parts[1:3]):
            raise NoteFault(why="form")
        return Entries(parts[0], int(parts[1]), int(parts[2]), hashes(parts[3:])[0])


def said(checkpoint: Checkpoint) -> list[Entries]:
    """What a checkpoint says of the journals. Raises `NoteFault` where that is not written as it must be."""
    return [Entries.read(line) for line in checkpoint.values("journal")]


def still(connection: Connection) -> None:
    """Wait for those who are adding to them: on PostgreSQL a row may come in behind one with a higher id."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {', '.join(JOURNALS)} IN SHARE MODE"))


def grown(connection: Connection, before: Mapping[str, Entries]) -> Iterator[Entries]:
    """Each journal with the rows that were added since; `before`: how far it went. To be called when they are still."""
    for journal in JOURNALS:
        begin = before.get(journal, Entries(journal))
        yield deque(chain((begin,), _onward(connection, begin)), maxlen=1)[0]


def further(connection: Connection, before: Mapping[str, Entries]) -> bool:
    """Whether refusals or reads were added since."""
    last = {name: before[name].last if name in before else 0 for name in OFTEN}
    return any(
        connection.scalar(text(f"SELECT id FROM {name} WHERE id > :last LIMIT 1"), {"last": last[name]})  # noqa: S608
        for name in OFTEN
    )


def differing(connection: Connection, claimed: Iterable[Entries]) -> list[Entries]:
    """Those of some claims about the journals that do not hold; each journal is walked through once."""
    bad: list[Entries] = []
    claims = sorted((one for one in claimed if one.journal in JOURNALS), key=lambda one: (one.journal, one.last))
    for journal in JOURNALS:
        open_ = [one for one in claims if one.journal == journal]
        before = Entries(journal)
        for found in (*_onward(connection, before), None) if open_ else ():
            while open_ and (found is None or found.last > open_[0].last):
                claim = open_.pop(0)
                bad += [] if (before.count, before.hash) == (claim.count, claim.hash) else [claim]
            before = found or before
    return bad


def _onward(connection: Connection, after: Entries) -> Iterator[Entries]:
    """Row after row: the journal up to it."""
    columns = ", ".join(column.name for column in metadata.tables[after.journal].columns)
    statement = f"SELECT {columns} FROM {after.journal} WHERE id > ? ORDER BY id LIMIT {PORTION}"  # noqa: S608
    spelt = statement.replace("?", "%s") if connection.dialect.name == "postgresql" else statement
    driver: Any = connection.connection.driver_connection
    while True:
        rows = driver.cursor().execute(spelt, (after.last if after.count else FIRST,)).fetchall()
        for row in rows:
            after = Entries(after.journal, row[0], after.count + 1, link(after.hash, (after.journal, *row)))
            yield after
        if len(rows) < PORTION:
            return
