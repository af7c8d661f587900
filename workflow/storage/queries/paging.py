"""Lists page by page: the cursor says after which row to go on, so that no row is shown twice or missed."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, tuple_

AnyRow: TypeAlias = "Row[*tuple[Any, ...]]"
Key = tuple[int | str, ...]
COUNTED = 1000
LONGEST = 100
"""Letters of a search text that are looked at."""


def cursor(key: Sequence[int | str]) -> str:
    """The place after a row, for an address."""
    return base64.urlsafe_b64encode(json.dumps(list(key), separators=(",", ":")).encode()).decode().rstrip("=")


def place(text: str | None, *, like: Key) -> Key | None:
    """The key in a cursor; None without one. One that is not ours, from a cut link, starts the list anew."""
    if not text:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        return None
    if not isinstance(key, list) or [type(part) for part in key] != [type(part) for part in like]:
        return None
    return None if any(isinstance(part, int) and abs(part) >= 2**63 for part in key) else tuple(key)


def after(columns: Sequence[ColumnElement[Any]], key: Key | None, *, descending: bool = False) -> list[Any]:
    """The condition that goes on behind a key."""
    if key is None:
        return []
    row = tuple_(*columns)
    return [row < tuple_(*key) if descending else row > tuple_(*key)]


def counted(connection: Connection, rows: Select[Any]) -> tuple[int, bool]:
    """How many rows, counted up to COUNTED; and whether that is all of them."""
    some = rows.limit(COUNTED + 1).order_by(None).subquery()
    found = connection.scalar(select(func.count()).select_from(some)) or 0
    return min(found, COUNTED), found <= COUNTED


def cut(rows: Sequence[AnyRow], limit: int) -> tuple[Sequence[AnyRow], bool]:
    """The page of rows fetched with one more than `limit`; and whether there is more."""
    return rows[:limit], len(rows) > limit


def needle(text: str | None) -> str:
    """A search text as it can be sent to a database: without what no text there can hold, and not too long."""
    return (text or "").replace("\x00", "").encode("utf-8", "ignore").decode().strip()[:LONGEST]


def by_newest(column: ColumnElement[int]) -> Callable[..., Select[Any]]:
    """The page of a query whose rows are numbered as they come, the last one first."""

    def page(query: Select[Any], key: Key | None, *, limit: int) -> Select[Any]:
        return query.where(*after([column], key, descending=True)).order_by(column.desc()).limit(limit)

    return page
