"""The incident about damage that verification found: one at a time, open until an auditor closes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from workflow.core.codec import dumps
from workflow.storage import tables as t

DAMAGE = "damage"


def damaged(connection: Connection, detail: Mapping[str, Any], at: datetime) -> bool:
    """Raise it, or renew the open one; whether there is anything new: the first one, or another `fault` than before."""
    i = t.incidents.c
    query = select(i.id, i.detail).where(i.kind == DAMAGE, i.resolved.is_(None)).order_by(i.id).limit(1)
    known = connection.execute(query).one_or_none()
    if known is None:
        values = {"kind": DAMAGE, "detail": dumps(dict(detail)), "raised": at, "last": at}
        connection.execute(insert(t.incidents).values(**values))
        return True
    values = {"detail": dumps(dict(detail)), "last": at, "times": i.times + 1}
    connection.execute(update(t.incidents).where(i.id == known.id).values(**values))
    return bool(json.loads(known.detail).get("fault") != detail["fault"])


def close_damage(connection: Connection, incident: int, *, by: int | None, at: datetime) -> bool:
    """Whether it was open, and is not any more."""
    i = t.incidents.c
    mine = (i.id == incident) & (i.kind == DAMAGE) & i.resolved.is_(None)
    return connection.execute(update(t.incidents).where(mine).values(resolved=at, resolved_by=by)).rowcount == 1
