"""What lies beside histories and is written by their steps too, for those who compare the two."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Table, select

from workflow.storage import tables as t
from workflow.storage.wording_tables import wordings as words


def rows(connection: Connection, table: Table) -> dict[int, dict[str, Any]]:
    """Every row of a table by its id."""
    return {row["id"]: dict(row) for row in connection.execute(select(table)).mappings()}


def wordings(connection: Connection) -> dict[int, tuple[str, Any]]:
    """Name and texts of each wording, by the step it was chosen with."""
    query = select(words.c.seq, words.c.name, words.c.texts)
    return {seq: (name, None if texts is None else json.loads(texts)) for seq, name, texts in connection.execute(query)}


def calendars(connection: Connection) -> dict[tuple[str, int], str]:
    """The text of each calendar by name and version."""
    c = t.calendars.c
    return {(name, version): text for name, version, text in connection.execute(select(c.name, c.version, c.text))}


def definitions(connection: Connection) -> list[tuple[str, int, str, str]]:
    """Name, version, hash and text of every lifecycle."""
    c = t.definitions.c
    return [tuple(row) for row in connection.execute(select(c.name, c.version, c.hash, c.text))]
