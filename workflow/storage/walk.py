"""Everything that is verified, streamed as it is stored: what the driver gives, nothing read and written again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from workflow.core.chain import Column
from workflow.storage.faults import of_database
from workflow.storage.tables import steps

PORTION = 20_000
"""Rows read at once, so that a long history needs no more memory than a short one."""

FIRST = (-(2**63), -(2**31))
HASHED = [column.name for column in steps.columns if column.name not in ("previous", "hash")]
_STEPS = (
    f"SELECT {', '.join(f's.{name}' for name in HASHED)}, s.previous, s.hash, l.hash, u.seq FROM steps s"  # noqa: S608
    " LEFT JOIN leaves l ON l.case_id = s.case_id AND l.seq = s.seq"
    " LEFT JOIN unsealed u ON u.case_id = s.case_id AND u.seq = s.seq"
    " WHERE (s.case_id, s.seq) > (?, ?) ORDER BY s.case_id, s.seq LIMIT ?"
)
_KEYS = "SELECT case_id, seq FROM steps WHERE (case_id, seq) > (?, ?) ORDER BY case_id, seq LIMIT 1"
_CASES = (
    "SELECT id, number, kind, seq, head, definition, version, customer_id, parent_id, opened, state, updated FROM cases"
    " WHERE id > ? ORDER BY id LIMIT ?"
)
_LEAVES = "SELECT position, case_id, seq, hash FROM leaves WHERE position > ? ORDER BY position LIMIT ?"
_NODES = "SELECT level, place, hash FROM nodes"
_SECRETS = (
    "SELECT case_id, commitment, salt, value, erased FROM vault WHERE (case_id, commitment) > (?, ?)"
    " ORDER BY case_id, commitment LIMIT ?"
)
_FILES = (
    "SELECT id, case_id, name, type, size, added, added_by, sha256, content FROM files WHERE id > ? ORDER BY id LIMIT ?"
)
_GONE = (
    "SELECT l.case_id, l.seq, l.position FROM leaves l"
    " LEFT JOIN steps s ON s.case_id = l.case_id AND s.seq = l.seq WHERE s.case_id IS NULL"
    " ORDER BY l.case_id, l.seq LIMIT ?"
)
_LOST = (
    "SELECT u.case_id, u.seq FROM unsealed u LEFT JOIN steps s ON s.case_id = u.case_id AND s.seq = u.seq"
    " WHERE s.case_id IS NULL ORDER BY u.case_id, u.seq LIMIT ?"
)
_NAMED = "SELECT case_id, seq FROM leaves WHERE hash = ? ORDER BY position LIMIT 1"
_AMONG = "SELECT DISTINCT case_id FROM leaves WHERE position >= ? AND position < ? ORDER BY case_id LIMIT ?"

Stored = tuple[tuple[Column, ...], bytes, bytes, bytes | None, bool]
"""A step's hashed columns, the hash before, its own, the one in the log, and whether it waits to be sealed."""


class Unreadable(Exception):
    """The database could not give what is stored after a place. `after`: the last key that was read."""

    def __init__(self, what: str, after: tuple[Any, ...], error: BaseException) -> None:
        self.what, self.after = what, after
        super().__init__(str(error).splitlines()[0] if str(error) else type(error).__name__)


def histories(connection: Connection) -> Iterator[Stored]:
    """Every step of every history by case and number; of one that cannot be read only these two.

    Raises `Unreadable` where not even they can be.
    """
    after: tuple[Any, ...] = FIRST
    portion = PORTION
    while True:
        try:
            found = _all(connection, "steps", _STEPS, (*after, portion))
        except Unreadable:
            if portion > 1:
                portion = max(1, portion // 20)
                continue
            keys = _all(connection, "steps", _KEYS, after)
            if not keys:
                return
            after, portion = _onward("steps", after, keys[0]), PORTION
            yield after, b"", b"", None, True
            continue
        for row in found:
            if not type(row[0]) is type(row[1]) is int:
                raise Unreadable("steps", after, ValueError("a step whose case or number is no whole number"))
            previous, own, sealed, waits = row[-4:]
            if not (type(previous) is type(own) is bytes and (sealed is None or type(sealed) is bytes)):
                previous, own, sealed = _raw(previous), _raw(own), None if sealed is None else _raw(sealed)
            yield row[:-4], previous, own, sealed, waits is not None
        if len(found) < portion:
            return
        after = _onward("steps", after, found[-1][:2])


class CaseRow(NamedTuple):
    """What is verified of a case's row: how its history ends, and what its first and last steps say too."""

    id: int
    number: str
    kind: str
    seq: int
    head: bytes
    definition: str
    version: int
    customer: int | None
    parent: int | None
    opened: int
    state: str
    updated: int


def cases(connection: Connection) -> Iterator[CaseRow]:
    """Every case, by id. Raises `Unreadable`."""
    for row in _portions(connection, "cases", _CASES, FIRST[:1], key=lambda row: row[:1]):
        yield CaseRow._make((*row[:4], _raw(row[4]), *row[5:]))


def leaves(connection: Connection) -> Iterator[tuple[int, int, int, bytes]]:
    """Position, case, number and hash of every leaf, by position. Raises `Unreadable`."""
    for row in _portions(connection, "leaves", _LEAVES, FIRST[:1], key=lambda row: row[:1]):
        yield row[0], row[1], row[2], _raw(row[3])


def nodes(connection: Connection) -> dict[tuple[int, int], bytes]:
    """The stored subtrees by level and place."""
    return {(level, place): _raw(own) for level, place, own in _all(connection, "nodes", _NODES, ())}


def secrets(connection: Connection) -> Iterator[tuple[Any, ...]]:
    """Case, commitment, salt, value and when it was erased, of every personal value. Raises `Unreadable`."""
    for case, named, salt, value, erased in _portions(
        connection, "vault", _SECRETS, (FIRST[0], ""), key=lambda row: row[:2]
    ):
        yield case, named, _raw(salt), value, erased


def files(connection: Connection) -> Iterator[tuple[Any, ...]]:
    """Id, case, name, type, size, when, by whom, hash and content of every attachment. Raises `Unreadable`."""
    return _portions(connection, "files", _FILES, FIRST[:1], key=lambda row: row[:1], portion=20)


def gone(connection: Connection, most: int) -> list[tuple[int, int, int]]:
    """Leaves without a step: case, number, position."""
    return [(row[0], row[1], row[2]) for row in _all(connection, "leaves", _GONE, (most,))]


def lost(connection: Connection, most: int) -> list[tuple[int, int]]:
    """Steps that ought to be sealed and are not there: case and number."""
    return [(row[0], row[1]) for row in _all(connection, "unsealed", _LOST, (most,))]


def sealed_as(connection: Connection, step: bytes) -> tuple[int, int] | None:
    """Which step the log holds under a hash; None when it knows none."""
    found = _all(connection, "leaves", _NAMED, (step,))
    return (found[0][0], found[0][1]) if found else None


def among(connection: Connection, begin: int, end: int, most: int) -> list[int]:
    """Cases with leaves from one position to before another."""
    return [row[0] for row in _all(connection, "leaves", _AMONG, (begin, end, most))]


def whole(connection: Connection) -> list[str]:
    """What SQLite finds wrong with its own file: every page, every index against its table. Empty: nothing."""
    if connection.dialect.name != "sqlite":
        return []
    try:
        found = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check(20)"))]
    except Exception as error:
        if not unreadable(error):
            raise
        return [str(error).splitlines()[0]]
    return [] if found == ["ok"] else found


def unreadable(error: BaseException) -> bool:
    """Whether an error means that the file is damaged: even what SQLite says of it may be no text any more."""
    return of_database(error) or isinstance(error, UnicodeDecodeError)


def _portions(
    connection: Connection, what: str, statement: str, after: tuple[Any, ...], *, key: Any, portion: int = PORTION
) -> Iterator[tuple[Any, ...]]:
    while True:
        found = _all(connection, what, statement, (*after, portion))
        yield from found
        if len(found) < portion:
            return
        after = _onward(what, after, key(found[-1]))


def _onward(what: str, after: tuple[Any, ...], last: tuple[Any, ...]) -> tuple[Any, ...]:
    """Where to go on. A damaged index may lead in a circle: then nothing more can be read in order."""
    if not last > after:
        raise Unreadable(what, after, ValueError(f"after {after} comes {last}"))
    return last


def _all(connection: Connection, what: str, statement: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    driver: Any = connection.connection.driver_connection
    spelt = statement.replace("?", "%s") if connection.dialect.name == "postgresql" else statement
    try:
        found: list[tuple[Any, ...]] = driver.cursor().execute(spelt, parameters).fetchall()
    except Exception as error:
        if not unreadable(error) or connection.dialect.name == "postgresql":
            raise
        raise Unreadable(what, parameters, error) from error
    return found


def _raw(value: Any) -> bytes:
    """The bytes of a hash; what is none in a damaged row becomes bytes that fit nothing."""
    return bytes(value) if isinstance(value, (bytes, bytearray, memoryview)) else repr(value).encode()
