"""What was taken out of the house, by whom: rows that are only ever inserted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from workflow.core.codec import dumps
from workflow.core.step import Actor
from workflow.storage import read_tables


def note(
    connection: Connection, kind: str, *, reader: Actor, case: int | None, detail: Mapping[str, Any], at: datetime
) -> None:
    """Keep that somebody read: `kind` says what, `case` None: no single one."""
    values = {"at": at, "person_id": reader.person, "kind": kind, "case_id": case, "detail": dumps(dict(detail))}
    connection.execute(insert(read_tables.reads).values(**values))
