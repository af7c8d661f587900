"""Whether what was made of customers' records step by step is what their whole histories make."""

from __future__ import annotations

from sqlalchemy import Connection, select

from workflow.storage import recorded
from workflow.storage import tables as t
from workflow.storage.queries import history


def wrong(connection: Connection) -> list[str]:
    """A sentence for each table of stints, splits or revenue that says something else."""
    made: dict[str, set[recorded.Row]] = {table: set() for table in recorded.COLUMNS}
    for case in connection.scalars(select(t.cases.c.id).where(t.cases.c.kind == "customer")).all():
        steps = [history.step(row) for row in history.rows(connection, case)]
        for table, rows in recorded.derived(steps).items():
            made[table] |= rows
    found = []
    for table, columns in recorded.COLUMNS.items():
        stored = [tuple(r) for r in connection.exec_driver_sql(f"SELECT {', '.join(columns)} FROM {table}").all()]
        if set(stored) != made[table] or len(stored) != len(made[table]):
            found.append(f"the rows of {table} are not what the customers' histories say")
    return found
