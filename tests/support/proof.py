"""What must hold of every database at every moment."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, select

from workflow.core import chain
from workflow.core.case import Case
from workflow.core.codec import case_body, case_from
from workflow.core.replay import replay
from workflow.definitions.library import Library
from workflow.storage import recorded, rows
from workflow.storage import tables as t
from workflow.storage.queries import history
from workflow.storage.store import DERIVED


def prove(connection: Connection, library: Library) -> int:
    """Every case is what its history gives, every chain is whole, every index row is derived, nothing waits unseen.

    Gives the number of steps looked at.
    """
    steps = 0
    kept: dict[str, set[tuple[Any, ...]]] = {table: set() for table in recorded.COLUMNS}
    for row in connection.exec_driver_sql("SELECT id, head, body FROM cases ORDER BY id").all():
        case = case_from(row[2])
        stored = history.rows(connection, case.id)
        steps += len(stored)
        for table, made in recorded.derived(history.step(one) for one in stored).items():
            kept[table] |= made
        folded = replay(history.step(one) for one in stored)
        assert folded == case, f"case {case.id} differs from its history"
        assert folded is not None
        assert case_body(folded) == row[2]
        raw = connection.exec_driver_sql(f"SELECT * FROM steps WHERE case_id = {case.id} ORDER BY seq").all()
        links = [(tuple(one)[:14], bytes(one[14]), bytes(one[15])) for one in raw]
        assert chain.broken_at(links, bytes(row[1])) is None, f"the chain of case {case.id} is broken"
        moments = [(one.effective, one.recorded) for one in stored]
        assert [m[0] for m in moments] == sorted(m[0] for m in moments), f"case {case.id} went back in time"
        assert [m[1] for m in moments] == sorted(m[1] for m in moments), f"case {case.id} was written backwards"
        if case.kind == "case":
            definition = library.get(case.definition, case.version)
            assert moves_on(case, library), f"case {case.number} waits unseen in {case.state}"
            assert (case.closed is not None) == definition.states[case.state].final
    _indexes(connection)
    for table, made in kept.items():
        columns = ", ".join(recorded.COLUMNS[table])
        found = [tuple(row) for row in connection.exec_driver_sql(f"SELECT {columns} FROM {table}").all()]
        assert sorted(found, key=repr) == sorted(made, key=repr), f"{table} is not what the records say"
    return steps


def moves_on(case: Case, library: Library) -> bool:
    """Whether something will move the case: it is final, or has a task, a timer, or an open linked case."""
    final = library.get(case.definition, case.version).states[case.state].final
    return final or bool(case.tasks or case.timers) or any(x.outcome is None for x in case.links)


def _indexes(connection: Connection) -> None:
    cases = [case_from(body) for (body,) in connection.exec_driver_sql("SELECT body FROM cases").all()]
    for table, derive in DERIVED.items():
        columns = ", ".join(rows.COLUMNS[table])
        where = {"escalations": "WHERE ended IS NULL", "timers": "WHERE kind <> 'linked'"}.get(table, "")
        stored = {tuple(r) for r in connection.exec_driver_sql(f"SELECT {columns} FROM {table} {where}").all()}
        expected = {row for case in cases for row in derive(case).values()}
        if table == "timers":  # a failed timer is put off
            stored = {r[:5] for r in stored}
            expected = {r[:5] for r in expected}
        assert stored == expected, f"{table} is not what the cases say"


def refusals(connection: Connection) -> list[Any]:
    return [
        (row.code, row.attempt, json.loads(row.facts))
        for row in connection.execute(select(t.refusals).order_by(t.refusals.c.id))
    ]
