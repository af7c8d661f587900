"""Bits that turn over in a stored history: in any field of any step, and anywhere in the database's file."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workflow.audit.log.chains import Chains
from workflow.audit.log.damage import Report
from workflow.audit.log.verify import verify
from workflow.storage import walk
from workflow.storage.database import Database
from workflow.storage.walk import Stored

NUMBER = 64
"""Bits of a whole number, however short the database keeps it."""


def bits(value: Any) -> int:
    """How many bits there are to turn over."""
    if value is None:
        return 1
    if isinstance(value, int):
        return NUMBER
    return len(value if isinstance(value, bytes) else value.encode()) * 8


def turned(value: Any, bit: int) -> Any:
    """The value with one bit changed. A text that is none afterwards is given as its bytes, None as a zero."""
    if value is None:
        return 0
    if isinstance(value, int):
        flipped = (value & (1 << NUMBER) - 1) ^ 1 << bit
        return flipped - (1 << NUMBER) if flipped >> NUMBER - 1 else flipped
    raw = bytearray(value if isinstance(value, bytes) else value.encode())
    raw[bit // 8] ^= 1 << bit % 8
    if isinstance(value, bytes):
        return bytes(raw)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return bytes(raw)


def fields(database: Database, case: int, *, every: int = 1, first: int = 0) -> Iterator[tuple[int, str, bool]]:
    """Turn over each `every`-th bit of each stored field of a case's steps; was it found, and in the right step?

    Gives the step, the field and the answer. The steps are held in memory and walked as if the database had just
    given them, sorted by what is then their case and number.
    """
    names = [*walk.HASHED, "previous", "hash"]
    with database.reading() as connection:
        steps = [one for one in walk.histories(connection) if one[0][0] == case]
        row = next(one for one in walk.cases(connection) if one[0] == case)
        count = first
        for place, (columns, previous, own, leaf, waits) in enumerate(steps):
            values = (*columns, previous, own)
            for number, value in enumerate(values):
                for bit in range(bits(value)):
                    count += 1
                    if count % every:
                        continue
                    changed = list(values)
                    changed[number] = turned(value, bit)
                    step: Stored = (tuple(changed[:-2]), changed[-2], changed[-1], leaf, waits)
                    # The leaf is found by case and number: of another step, or of none.
                    if names[number] in ("case_id", "seq"):
                        step = (*step[:3], None, False)
                    told = _walked(connection, row, [*steps[:place], step, *steps[place + 1 :]])
                    yield place + 1, names[number], bool({_key(step), _key(steps[place])} & told)


def _walked(connection: Any, row: Any, steps: list[Stored]) -> set[tuple[Any, Any]]:
    report = Report(leaves=len(steps))
    Chains(connection, report, histories=sorted(steps, key=_key), cases=iter([row])).walk()
    return {(one.case, one.seq) for one in report.damages}


def _key(step: Stored) -> tuple[Any, Any]:
    return step[0][0], step[0][1]


def anywhere(file: Path, folder: Path, *, count: int, seed: int) -> Iterator[tuple[int, bool, bool]]:
    """Turn over one bit somewhere in the file of a database that nobody has open.

    Gives the bit, whether verification found it, and whether the histories read as before, by every way there is.
    """
    dice = random.Random(seed)
    copy = folder / "flipped.db"
    size = file.stat().st_size * 8
    before = content(file)
    shutil.copyfile(file, copy)
    for _ in range(count):
        bit = dice.randrange(size)
        flip(copy, bit)
        equal = content(copy) == before
        found = verified(copy)
        yield bit, found, equal
        for left in folder.glob("flipped.db-*"):
            left.unlink()
        # A reader changes nothing, but whoever opens a file that says so may: only then is all of it copied again.
        flip(copy, bit)
        if copy.stat().st_size != file.stat().st_size or copy.read_bytes() != file.read_bytes():
            shutil.copyfile(file, copy)


def flip(file: Path, bit: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(bit // 8)
        raw = opened.read(1)[0]
        opened.seek(bit // 8)
        opened.write(bytes([raw ^ 1 << bit % 8]))


def verified(file: Path) -> bool:
    """Whether anything was found: a file that cannot even be opened is."""
    try:
        database = Database(f"sqlite:///{file}")
    except Exception:  # noqa: BLE001 - it refuses the file, for whatever reason
        return True
    try:
        return not verify(database).holds
    finally:
        database.dispose()


def content(file: Path) -> list[Any] | None:
    """The steps as the table itself and as its key's index give them; None when they cannot be read."""
    names = ", ".join([*walk.HASHED, "previous", "hash"])
    types = ", ".join(f"typeof({name})" for name in [*walk.HASHED, "previous", "hash"])
    connection = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)
    try:
        return [
            connection.execute(f"SELECT {names}, {types} FROM steps NOT INDEXED ORDER BY case_id, seq").fetchall(),
            connection.execute(f"SELECT {names} FROM steps ORDER BY case_id, seq").fetchall(),
            connection.execute("SELECT id, number, kind, seq, head FROM cases NOT INDEXED ORDER BY id").fetchall(),
        ]
    except (sqlite3.DatabaseError, OverflowError, UnicodeDecodeError):
        return None
    finally:
        connection.close()
