"""The mark of a database that holds the demonstration: its sign-ins may be told to everybody."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from workflow.storage import tables as t

MARK = "demonstration"


def mark(connection: Connection) -> None:
    connection.execute(insert(t.facts).values(name=MARK, value=1))


def marked(connection: Connection) -> bool:
    return connection.scalar(select(t.facts.c.value).where(t.facts.c.name == MARK)) is not None
