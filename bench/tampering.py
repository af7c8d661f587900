"""Attacks on stored histories, by somebody who may write into the database as they please.

Each works on a driver's connection inside a transaction, with every trigger gone, and is undone afterwards. `clever`
ones work out the chain again, whose hash function is no secret; the insider also has the key.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, text

from workflow.core import chain, merkle, notes
from workflow.core.notes import Checkpoint, Signer
from workflow.storage import log
from workflow.storage.database import Database
from workflow.storage.log_tables import PROTECTED
from workflow.storage.tables import steps

COLUMNS = [column.name for column in steps.columns]
HASHED = len(COLUMNS) - 2
SEQ, FORM, OPS = COLUMNS.index("seq"), COLUMNS.index("form"), COLUMNS.index("ops")
Row = tuple[Any, ...]


@contextmanager
def undone(database: Database) -> Iterator[Connection]:
    """A connection without protection, whatever is done in it undone at the end."""
    with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys = OFF")
        transaction = connection.begin()
        unprotect(connection)
        try:
            yield connection
        finally:
            transaction.rollback()
            connection.invalidate()


def unprotect(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    else:
        for table in PROTECTED:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for table, name in connection.execute(
            text(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'"
                " AND (conrelid = 'steps'::regclass OR confrelid IN ('steps'::regclass, 'cases'::regclass))"
            )
        ).all():
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def history(connection: Connection, case: int) -> list[Row]:
    rows = connection.execute(
        text(f"SELECT {', '.join(COLUMNS)} FROM steps WHERE case_id = :c ORDER BY seq"), {"c": case}
    )
    return [tuple(row) for row in rows]


def rewrite(connection: Connection, case: int, rows: list[Row], *, clever: bool) -> None:
    """Put other steps in the place of a case's; `clever`: numbered, chained, and with the case's row to match."""
    if clever:
        rows = chained(case, rows)
        connection.execute(
            text("UPDATE cases SET seq = :seq, head = :head WHERE id = :case"),
            {"seq": len(rows), "head": rows[-1][-1] if rows else chain.GENESIS, "case": case},
        )
        if rows:
            tidy(connection, case, rows)
    connection.execute(text("DELETE FROM steps WHERE case_id = :case"), {"case": case})
    put(connection, rows)


def tidy(connection: Connection, case: int, rows: list[Row]) -> None:
    """Nothing beside a history betrays that it was another one: neither its case's row nor its personal values."""
    last = dict(zip(COLUMNS, rows[-1], strict=True))
    connection.execute(
        text("UPDATE cases SET state = :to_state, version = :version, updated = :recorded WHERE id = :case_id"), last
    )
    said = " ".join(f"{row[FORM]} {row[OPS]}" for row in rows)
    for (named,) in connection.execute(text("SELECT commitment FROM vault WHERE case_id = :c"), {"c": case}).all():
        if named not in said:
            connection.execute(
                text("DELETE FROM vault WHERE case_id = :c AND commitment = :n"), {"c": case, "n": named}
            )


def chained(case: int, rows: list[Row]) -> list[Row]:
    previous, made = chain.GENESIS, []
    for seq, row in enumerate(rows, start=1):
        columns = (case, seq, *row[2:HASHED])
        own = chain.link(previous, columns)
        made.append((*columns, previous, own))
        previous = own
    return made


def put(connection: Connection, rows: list[Row]) -> None:
    names = ", ".join(COLUMNS)
    values = ", ".join(f":{name}" for name in COLUMNS)
    for row in rows:
        connection.execute(text(f"INSERT INTO steps ({names}) VALUES ({values})"), dict(zip(COLUMNS, row, strict=True)))


def forged(row: Row, dice: random.Random) -> Row:
    """The step with another form."""
    changed = list(row)
    changed[FORM] = f'{{"reply":"{dice.randrange(10**9)}"}}'
    return tuple(changed)


def change(connection: Connection, case: int, dice: random.Random, *, clever: bool) -> None:
    rows = history(connection, case)
    place = dice.randrange(len(rows))
    rows[place] = forged(rows[place], dice)
    rewrite(connection, case, rows, clever=clever)


def cut(connection: Connection, case: int, dice: random.Random, *, clever: bool) -> None:
    rows = history(connection, case)
    rewrite(connection, case, rows[: dice.randrange(1, len(rows))], clever=clever)


def middle(connection: Connection, case: int, dice: random.Random, *, clever: bool) -> None:
    rows = history(connection, case)
    begin = dice.randrange(1, len(rows) - 1)
    rewrite(connection, case, rows[:begin] + rows[dice.randrange(begin + 1, len(rows)) :], clever=clever)


def swap(connection: Connection, case: int, dice: random.Random, *, clever: bool) -> None:
    rows = history(connection, case)
    # What opens a case is told from everything else.
    one, two = dice.sample(range(1 if clever else 0, len(rows)), 2)
    swapped = list(rows)
    swapped[one], swapped[two] = _numbered(rows[two], one + 1), _numbered(rows[one], two + 1)
    rewrite(connection, case, swapped, clever=clever)


def double(connection: Connection, case: int, dice: random.Random, *, clever: bool) -> None:
    """A step once more, right behind itself or at the end; the naive one gives it a `previous` nobody else has."""
    rows = history(connection, case)
    again = rows[dice.randrange(len(rows))]
    if clever:
        place = dice.randrange(len(rows) + 1)
        rewrite(connection, case, [*rows[:place], again, *rows[place:]], clever=True)
    else:
        copy = _numbered(again, len(rows) + 1)
        put(connection, [(*copy[:HASHED], dice.randbytes(32), copy[-1])])


def renumber(connection: Connection, case: int, dice: random.Random, *, clever: bool) -> None:
    """Steps from one on get other numbers; the clever one moves them to another case of the same length."""
    rows = history(connection, case)
    begin = dice.randrange(len(rows))
    if clever:
        other = next(one for one in cases(connection) if one != case)
        theirs = history(connection, other)
        rewrite(connection, other, [*theirs, *rows[begin:]], clever=True)
        rewrite(connection, case, rows[:begin], clever=True)
    else:
        by = dice.randrange(1, 9)
        rewrite(connection, case, rows[:begin] + [_numbered(row, row[SEQ] + by) for row in rows[begin:]], clever=False)


def remove(connection: Connection, case: int, dice: random.Random, *, clever: bool) -> None:
    """A whole case; the clever one takes its leaves along and closes the gap."""
    connection.execute(text("DELETE FROM steps WHERE case_id = :case"), {"case": case})
    connection.execute(text("DELETE FROM cases WHERE id = :case"), {"case": case})
    if clever:
        kept = [one for one in log.places(connection, 0, log.size(connection)) if one.case != case]
        relog(connection, [(one.case, one.seq, one.step) for one in kept])


def insert(connection: Connection, case: int, dice: random.Random, *, clever: bool) -> None:
    """A case that never was; the clever one has it in the log as well, among the others."""
    fresh = max(cases(connection)) + 1 + dice.randrange(1000)
    row = dict(connection.execute(text("SELECT * FROM cases WHERE id = :c"), {"c": case}).mappings().one())
    rows = chained(fresh, history(connection, case))
    row |= {"id": fresh, "number": f"XX{fresh}", "head": rows[-1][-1]}
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO cases ({names}) VALUES ({values})"), row)
    put(connection, rows)
    if clever:
        there = [(one.case, one.seq, one.step) for one in log.places(connection, 0, log.size(connection))]
        place = dice.randrange(len(there))
        relog(connection, [*there[:place], *((fresh, one[SEQ], one[-1]) for one in rows), *there[place:]])


ATTACKS: dict[str, Callable[..., None]] = {
    "changed": change, "tail cut": cut, "middle deleted": middle, "swapped": swap, "doubled": double,
    "renumbered": renumber, "case removed": remove, "case inserted": insert,
}  # fmt: skip


def insider(connection: Connection, case: int, dice: random.Random, signer: Signer) -> None:
    """Rewrites one history, the whole log and every checkpoint after it, and signs them all with the right key."""
    attack = dice.choice([change, cut, middle, swap])
    attack(connection, case, dice, clever=True)
    fresh = {(case, row[SEQ]): row[-1] for row in history(connection, case)}
    there = log.places(connection, 0, log.size(connection))
    told = [(one.case, one.seq, fresh.get((one.case, one.seq), one.step)) for one in there]
    relog(connection, [one for one in told if one[0] != case or (one[0], one[1]) in fresh])
    resign(connection, signer)


def relog(connection: Connection, entries: list[tuple[int, int, bytes]]) -> None:
    """Another log: its leaves and its stored subtrees."""
    connection.execute(text("DELETE FROM leaves"))
    connection.execute(text("DELETE FROM nodes"))
    connection.execute(text("DELETE FROM unsealed"))
    stack = log.Stack(connection, 0)
    for position, (case, seq, step) in enumerate(entries):
        stack.push(merkle.leaf_hash(merkle.leaf_data(case, seq, bytes(step))))
        connection.execute(
            text("INSERT INTO leaves (position, case_id, seq, hash) VALUES (:p, :c, :s, :h)"),
            {"p": position, "c": case, "s": seq, "h": step},
        )
    for level, place, own in stack.full:
        connection.execute(
            text("INSERT INTO nodes (level, place, hash) VALUES (:l, :p, :h)"), {"l": level, "p": place, "h": own}
        )


def resign(connection: Connection, signer: Signer) -> None:
    """Every checkpoint anew, over the log as it is now."""
    size, previous = log.size(connection), ""
    for row in sorted(log.checkpoints(connection, limit=10**6), key=lambda row: row["no"]):
        old = notes.checkpoint(notes.read(row["note"]).text)
        covered = min(old.size, size)
        more = [f"time {old.value('time')}"] + ([f"previous {previous}"] if previous else [])
        said = Checkpoint(old.origin, covered, log.root(connection, covered), tuple(more))
        previous = f"{covered} {notes.digest(said.text)}"
        connection.execute(
            text("UPDATE checkpoints SET note = :note, size = :size WHERE no = :no"),
            {"note": str(notes.signed(said.text, [signer])), "size": covered, "no": row["no"]},
        )


def cases(connection: Connection) -> list[int]:
    """Cases with a history, the organisation's and the customers' left out."""
    return list(connection.scalars(text("SELECT id FROM cases WHERE kind = 'case' ORDER BY id")))


def _numbered(row: Row, seq: int) -> Row:
    return (*row[:SEQ], seq, *row[SEQ + 1 :])
