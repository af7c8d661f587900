"""The per-case hash chain: each step's hash covers the exact stored bytes of every column.

What is hashed is what is stored, never something parsed and written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

PREFIX = b"baton step 1\x00"
GENESIS = bytes(32)

Column = int | str | bytes | None


def link(previous: bytes, columns: Sequence[Column]) -> bytes:
    """SHA-256 over prefix, the previous hash and each column: a kind byte, the length, the bytes."""
    parts = [PREFIX, previous]
    for column in columns:
        if column is None:
            parts.append(b"\x00")
            continue
        if isinstance(column, int):
            kind, raw = b"\x01", b"%d" % column
        elif isinstance(column, str):
            kind, raw = b"\x02", column.encode()
        else:
            kind, raw = b"\x03", column
        parts.append(kind + len(raw).to_bytes(8, "big"))
        parts.append(raw)
    return sha256(b"".join(parts)).digest()


def broken_at(rows: Iterable[tuple[Sequence[Column], bytes, bytes]], head: bytes) -> int | None:
    """The position (from 1) of the first row that does not follow, or None for a whole chain.

    Rows are (columns, previous, hash) in order. A chain that ends before `head` breaks one past its last row.
    """
    expected = GENESIS
    position = 0
    for position, (columns, previous, own) in enumerate(rows, start=1):
        if previous != expected or link(previous, columns) != own:
            return position
        expected = own
    return None if expected == head else position + 1
