"""The per-case hash chain: each step's hash covers the exact stored bytes of every column.

What is hashed is what is stored, never something parsed and written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

PREFIX = b"baton step 1\x00"
GENESIS = bytes(32)

Column = int | str | bytes | None


# Made once: a history of a million steps has fifteen million of them.
_NUMBERS = tuple(b"\x01" + length.to_bytes(8, "big") for length in range(64))
_TEXTS = tuple(b"\x02" + length.to_bytes(8, "big") for length in range(1024))


def link(previous: bytes, columns: Sequence[Column]) -> bytes:
    """SHA-256 over prefix, the previous hash and each column: a kind byte, the length, the bytes."""
    parts = [PREFIX, previous]
    for column in columns:
        if type(column) is int:
            raw = b"%d" % column
            parts += (_NUMBERS[len(raw)], raw)
        elif type(column) is str:
            raw = column.encode()
            length = len(raw)
            parts += (_TEXTS[length] if length < 1024 else b"\x02" + length.to_bytes(8, "big"), raw)
        elif column is None:
            parts.append(b"\x00")
        else:
            # Truth counts as a number; bytes are a kind of their own.
            whole = isinstance(column, int)
            raw = b"%d" % column if isinstance(column, int) else bytes(column)  # type: ignore[arg-type]
            parts += ((b"\x01" if whole else b"\x03") + len(raw).to_bytes(8, "big"), raw)
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
