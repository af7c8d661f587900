"""The tables as they are, read in portions by plain SQL that both databases understand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

AT_ONCE = 400
"""Cases whose histories are held at once."""

Row = Sequence[Any]


_CASES = (
    "SELECT id, kind, number, definition, version, customer_id, unit_id, state, opened, closed, seq, head FROM cases"
    " WHERE id"
)
_STEPS = (
    "SELECT case_id, seq, kind, trigger, actor_id, behalf_id, effective, recorded, from_state, to_state, version, task,"
    " form, ops, previous, hash FROM steps WHERE case_id"
)


class Rows(Protocol):
    def fetchall(self) -> Sequence[Row]: ...


class Tables(Protocol):
    """A connection to the database, of whichever kind."""

    def exec_driver_sql(self, statement: str) -> Rows: ...


@dataclass(frozen=True, slots=True)
class Step:
    """`row`: the columns the chain covers, as they are stored; `previous`, `hash`: its links."""

    seq: int
    kind: str
    trigger: str
    actor: int | None
    effective: int
    recorded: int
    before: str
    after: str
    form: dict[str, Any]
    ops: list[list[Any]]
    row: Row
    previous: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class History:
    """A case as it stands, with its steps in order. Moments are microseconds since 1970."""

    id: int
    kind: str
    number: str
    definition: str
    version: int
    customer: int | None
    unit: int | None
    state: str
    opened: int
    closed: int | None
    seq: int
    head: bytes
    steps: tuple[Step, ...]


def asked(tables: Tables, statement: str) -> Sequence[Row]:
    return tables.exec_driver_sql(statement).fetchall()


def histories(tables: Tables) -> Iterator[History]:
    """Every case, customer's record and the organisation's, by id."""
    last = 0
    while True:
        after = f" > {last} ORDER BY id LIMIT {AT_ONCE}"
        cases = asked(tables, _CASES + after)
        if not cases:
            return
        steps: dict[int, list[Step]] = {}
        for row in asked(tables, f"{_STEPS} > {last} AND case_id <= {cases[-1][0]} ORDER BY case_id, seq"):
            steps.setdefault(row[0], []).append(_step(row))
        last = cases[-1][0]
        for row in cases:
            id_, kind, number, definition, version, customer, unit, state, opened, closed, seq, head = row
            yield History(
                id_, kind, number, definition, version, customer, unit, state, opened, closed, seq, bytes(head),
                tuple(steps.get(id_, ())),
            )  # fmt: skip


def end(tables: Tables) -> int:
    """The moment of the last thing written down."""
    return int(asked(tables, "SELECT max(recorded) FROM steps")[0][0] or 0)


def _step(row: Row) -> Step:
    return Step(
        seq=row[1], kind=row[2], trigger=row[3], actor=row[4], effective=row[6], recorded=row[7], before=row[8],
        after=row[9], form=json.loads(row[12]), ops=json.loads(row[13]), row=tuple(row[:14]),
        previous=bytes(row[14]), hash=bytes(row[15]),
    )  # fmt: skip
