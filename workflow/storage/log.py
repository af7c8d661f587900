"""The log over all histories, as it is written and as proofs read it.

Sealing moves a great many rows and speaks plain SQL to the driver's own connection, as the store does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, func, insert, select

from workflow.core import merkle
from workflow.storage import log_tables as t
from workflow.storage.tables import cases, steps

SEALING = 5_162_074
"""The number of the sealer's lock on PostgreSQL; any number that nobody else takes."""

LEVEL = 8
"""Full subtrees are stored at every so many levels: of 256 leaves, of 65,536 …"""

WIDTH = 1 << LEVEL

_WAITING = (
    "SELECT u.case_id, u.seq, s.hash FROM unsealed u JOIN steps s ON s.case_id = u.case_id AND s.seq = u.seq"
    " ORDER BY u.case_id, u.seq LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class _Bulk:
    """A statement for many rows: SQLite is given them one by one, PostgreSQL all at once, a list for each column."""

    sqlite: str
    postgresql: str


_ADD = _Bulk(
    "INSERT INTO leaves (position, case_id, seq, hash) VALUES (?, ?, ?, ?)",
    "INSERT INTO leaves (position, case_id, seq, hash)"
    " SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::integer[], %s::bytea[])",
)
_DONE = _Bulk(
    "DELETE FROM unsealed WHERE case_id = ? AND seq = ?",
    "DELETE FROM unsealed u USING unnest(%s::bigint[], %s::integer[]) AS done (case_id, seq)"
    " WHERE u.case_id = done.case_id AND u.seq = done.seq",
)
_NODE = _Bulk(
    "INSERT INTO nodes (level, place, hash) VALUES (?, ?, ?)",
    "INSERT INTO nodes (level, place, hash) SELECT * FROM unnest(%s::integer[], %s::bigint[], %s::bytea[])",
)


class LogDamaged(Exception):
    """Rows of the log that must be there are not: `baton verify` says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a step is in the log."""

    position: int
    case: int
    seq: int
    step: bytes

    @property
    def leaf(self) -> bytes:
        return merkle.leaf_hash(merkle.leaf_data(self.case, self.seq, self.step))


def lock(connection: Connection) -> None:
    """One seals at a time. On SQLite the writing unit itself is the lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(SEALING)))


def size(connection: Connection) -> int:
    found: int | None = connection.scalar(select(func.max(t.leaves.c.position)))
    return 0 if found is None else found + 1


def any_waiting(connection: Connection) -> bool:
    """Whether any step is not sealed yet: a plain read, so that an idle tick writes nothing."""
    return connection.scalar(select(t.unsealed.c.seq).limit(1)) is not None


def waiting(connection: Connection) -> int:
    return int(connection.scalar(select(func.count()).select_from(t.unsealed)) or 0)


def seal(connection: Connection, limit: int) -> int:
    """Move the next waiting steps into the log, by case and number; how many, at most `limit`. Under `lock`."""
    found = _raw(connection, _WAITING, (limit,)).fetchall()
    if not found:
        return 0
    first = size(connection)
    stack = Stack(connection, first)
    fresh: list[tuple[int, int, int, bytes]] = []
    for position, (case, seq, step) in enumerate(found, start=first):
        raw = bytes(step)
        stack.push(merkle.leaf_hash(merkle.leaf_data(case, seq, raw)))
        fresh.append((position, case, seq, raw))
    _many(connection, _ADD, fresh)
    _many(connection, _NODE, stack.full)
    _many(connection, _DONE, [(case, seq) for _, case, seq, _ in fresh])
    return len(fresh)


class Stack:
    """The hashes at each stored level that do not make a full subtree of the next one yet.

    `full`: those that did, as rows to be stored.
    """

    def __init__(self, connection: Connection, leaves: int) -> None:
        self.full: list[tuple[int, int, bytes]] = []
        self._open: list[list[bytes]] = []
        self._done: list[int] = []
        while leaves >> LEVEL * len(self._open):
            level = LEVEL * len(self._open)
            done = leaves >> level
            self._open.append(_stored(connection, level, done - done % WIDTH, done))
            self._done.append(done >> LEVEL)

    def push(self, leaf: bytes) -> None:
        height = 0
        while True:
            if height == len(self._open):
                self._open.append([])
                self._done.append(0)
            row = self._open[height]
            row.append(leaf)
            if len(row) < WIDTH:
                return
            leaf = folded(row)
            row.clear()
            self.full.append((LEVEL * (height + 1), self._done[height], leaf))
            self._done[height] += 1
            height += 1


def edge(connection: Connection, leaves: int) -> merkle.Growing:
    """The right edge of the tree of the first `leaves` leaves. Raises `LogDamaged`."""
    node = node_of(connection)
    peaks: list[bytes] = []
    begin = 0
    for level in range(leaves.bit_length() - 1, -1, -1):
        if leaves >> level & 1:
            peaks.append(node(level, begin >> level))
            begin += 1 << level
    return merkle.Growing(leaves, peaks)


def root(connection: Connection, leaves: int) -> bytes:
    """The root of the tree of the first `leaves` leaves. Raises `LogDamaged`."""
    return edge(connection, leaves).root()


def node_of(connection: Connection) -> merkle.Node:
    """Full subtrees from what is stored: at most 255 rows for each eight levels. Raises `LogDamaged`."""

    def node(level: int, place: int) -> bytes:
        height = level % LEVEL
        base, count = level - height, 1 << height
        begin = place * count
        return folded(_stored(connection, base, begin, begin + count))

    return node


def folded(hashes: list[bytes]) -> bytes:
    """The root over as many hashes as a power of two."""
    while len(hashes) > 1:
        hashes = [merkle.node_hash(hashes[n], hashes[n + 1]) for n in range(0, len(hashes), 2)]
    return hashes[0]


def places(connection: Connection, begin: int, end: int) -> list[Place]:
    """The leaves from one position to before another."""
    c = t.leaves.c
    query = select(c.position, c.case_id, c.seq, c.hash).where(c.position >= begin, c.position < end)
    return [
        Place(position=row.position, case=row.case_id, seq=row.seq, step=bytes(row.hash))
        for row in connection.execute(query.order_by(c.position))
    ]


def place(connection: Connection, case: int, seq: int) -> Place | None:
    """Where a step is in the log; None when it is not sealed yet."""
    c = t.leaves.c
    row = connection.execute(select(c.position, c.hash).where(c.case_id == case, c.seq == seq)).one_or_none()
    return None if row is None else Place(position=row.position, case=case, seq=seq, step=bytes(row.hash))


def places_of(connection: Connection, case: int) -> list[Place]:
    """Where the sealed steps of a case are in the log, in order."""
    c = t.leaves.c
    query = select(c.position, c.seq, c.hash).where(c.case_id == case).order_by(c.seq)
    return [
        Place(position=row.position, case=case, seq=row.seq, step=bytes(row.hash)) for row in connection.execute(query)
    ]


def step_hash(connection: Connection, case: int, seq: int) -> tuple[str, bytes] | None:
    """The number of a case and the hash of one of its steps; None when there is none."""
    query = select(cases.c.number, steps.c.hash).join(cases, cases.c.id == steps.c.case_id)
    row = connection.execute(query.where(steps.c.case_id == case, steps.c.seq == seq)).one_or_none()
    return None if row is None else (row.number, bytes(row.hash))


def epochs(connection: Connection) -> list[RowMapping]:
    """The log's names, in order."""
    return _rows(connection, t.epochs, t.epochs.c.no)


def keys(connection: Connection) -> list[bytes]:
    """The public keys, the present one last."""
    return [bytes(row["public"]) for row in _rows(connection, t.log_keys, t.log_keys.c.no)]


def checkpoints(connection: Connection, *, before: int | None = None, limit: int = 50) -> list[RowMapping]:
    """The newest first; `before`: those with a lower number."""
    c = t.checkpoints.c
    query = select(t.checkpoints).order_by(c.no.desc()).limit(limit)
    return list(connection.execute(query if before is None else query.where(c.no < before)).mappings())


def checkpoint(connection: Connection, no: int) -> RowMapping | None:
    return connection.execute(select(t.checkpoints).where(t.checkpoints.c.no == no)).mappings().one_or_none()


def first_checkpoint(connection: Connection, epoch: int) -> RowMapping | None:
    """The one an epoch began with."""
    c = t.checkpoints.c
    query = select(t.checkpoints).where(c.epoch == epoch).order_by(c.no).limit(1)
    return connection.execute(query).mappings().one_or_none()


def last_checkpoint(connection: Connection) -> RowMapping | None:
    found = checkpoints(connection, limit=1)
    return found[0] if found else None


def add(connection: Connection, table: Table, **values: Any) -> None:
    """A new row of one of the log's tables."""
    connection.execute(insert(table).values(**values))


def last_copy(connection: Connection, target: str, outcome: str, *, newest: int, now: datetime) -> RowMapping | None:
    """The last checkpoint that reached a target, or failed to. What is said of one that is still to be signed, or of a
    moment still to come, is passed over: it would keep every copy from leaving."""
    c = t.copies.c
    query = select(t.copies).where(c.target == target, c.outcome == outcome, c.checkpoint <= newest, c.at <= now)
    query = query.order_by(c.at.desc(), c.id.desc())
    return connection.execute(query.limit(1)).mappings().one_or_none()


def last_confirmation(connection: Connection) -> RowMapping | None:
    """The last checkpoint from outside that held."""
    c = t.confirmations.c
    query = select(t.confirmations).where(c.outcome == "holds").order_by(c.at.desc(), c.id.desc()).limit(1)
    return connection.execute(query).mappings().one_or_none()


def sizes_kept(connection: Connection, origin: str, epoch: int, *, most: int) -> set[int]:
    """Sizes of the last checkpoints of an epoch, and of the last that were brought back from outside and held."""
    c, f = t.checkpoints.c, t.confirmations.c
    last = select(c.size).where(c.epoch == epoch).order_by(c.no.desc()).limit(most)
    brought = select(f.size).where(f.origin == origin, f.outcome == "holds").order_by(f.id.desc()).limit(most)
    return {int(size) for query in (last, brought) for size in connection.scalars(query)}


def verifications(connection: Connection, *, limit: int = 10) -> list[RowMapping]:
    """The last runs, the newest first."""
    c = t.verifications.c
    return list(
        connection.execute(select(t.verifications).order_by(c.ended.desc(), c.id.desc()).limit(limit)).mappings()
    )


def verified_between(connection: Connection, since: datetime, now: datetime) -> bool:
    """Whether a run began since a moment. One that is still to come says nothing: else a single row, which anybody may
    write who may write into the database, would keep every later run from happening."""
    c = t.verifications.c
    found = connection.scalar(select(c.id).where(c.began >= since, c.began <= now).limit(1))
    return found is not None


def _stored(connection: Connection, level: int, begin: int, end: int) -> list[bytes]:
    if level == 0:
        hashes = [one.leaf for one in places(connection, begin, end)]
    else:
        c = t.nodes.c
        query = select(c.hash).where(c.level == level, c.place >= begin, c.place < end).order_by(c.place)
        hashes = [bytes(one) for one in connection.scalars(query)]
    if len(hashes) != end - begin:
        raise LogDamaged(f"of {end - begin} hashes at level {level} from {begin} on, {len(hashes)} are there")
    return hashes


def _rows(connection: Connection, table: Table, key: Any) -> list[RowMapping]:
    return list(connection.execute(select(table).order_by(key)).mappings())


def _raw(connection: Connection, statement: str, parameters: tuple[object, ...]) -> Any:
    driver: Any = connection.connection.driver_connection
    spelt = statement.replace("?", "%s") if connection.dialect.name == "postgresql" else statement
    return driver.cursor().execute(spelt, parameters)


def _many(connection: Connection, bulk: _Bulk, rows: Sequence[tuple[object, ...]]) -> None:
    if not rows:
        return
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        driver.cursor().execute(bulk.postgresql, [list(column) for column in zip(*rows, strict=True)])
    else:
        driver.cursor().executemany(bulk.sqlite, rows)
