"""How far an import has come: one row for each case of the older system."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from workflow.storage import tables as t


@dataclass(frozen=True, slots=True)
class Imported:
    """`position`: how many of the reference's rows are done. `case` None: there was nothing to open."""

    reference: str
    case: int | None
    position: int
    at: datetime


def known(connection: Connection, source: str) -> dict[str, Imported]:
    """Every reference of a source that was begun."""
    c = t.imports.c
    query = select(c.reference, c.case_id, c.position, c.at).where(c.source == source)
    return {row.reference: Imported(*row) for row in connection.execute(query)}


def note(connection: Connection, source: str, done: Iterable[Imported]) -> None:
    """Keep how far references have come, in the transaction of what was done."""
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    values = [
        {"source": source, "reference": x.reference, "case_id": x.case, "position": x.position, "at": x.at}
        for x in done
    ]
    if values:
        statement = insert(t.imports)
        newer = {name: statement.excluded[name] for name in ("case_id", "position", "at")}
        connection.execute(statement.on_conflict_do_update(index_elements=["source", "reference"], set_=newer), values)
