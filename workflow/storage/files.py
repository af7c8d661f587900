"""Attachments. Their content lies here, their hash in the history."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, func, insert, select

from workflow.storage import tables as t


def add(
    connection: Connection, case: int, name: str, kind: str, content: bytes, *, by: int | None, at: datetime
) -> dict[str, Any]:
    """Keep a file; gives what the history says of it."""
    hashed = sha256(content).digest()
    values = {
        "case_id": case, "name": name, "type": kind, "size": len(content), "sha256": hashed, "content": content,
        "added": at, "added_by": by,
    }  # fmt: skip
    file = connection.execute(insert(t.files).values(**values).returning(t.files.c.id)).scalar_one()
    return {"id": int(file), "name": name, "type": kind, "size": len(content), "sha256": hashed.hex()}


def last(connection: Connection, case: int, seq: int) -> int:
    """The file a step of kind `attach` added."""
    c = t.steps.c
    at = select(c.recorded).where(c.case_id == case, c.seq == seq).scalar_subquery()
    found = select(func.max(t.files.c.id)).where(t.files.c.case_id == case, t.files.c.added <= at)
    return int(connection.execute(found).scalar_one())
