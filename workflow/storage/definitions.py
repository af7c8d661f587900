"""The versions of lifecycles ever used, with their texts: a case can always be replayed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from workflow.storage import tables as t


@dataclass(frozen=True, slots=True)
class Version:
    """`hash` is the SHA-256 of `text` in hex."""

    name: str
    version: int
    hash: str
    text: str


def stored(connection: Connection) -> list[Version]:
    """Every version kept, oldest first."""
    c = t.definitions.c
    rows = connection.execute(select(c.name, c.version, c.hash, c.text).order_by(c.name, c.version))
    return [Version(*row) for row in rows]


def store(connection: Connection, versions: Iterable[Version], at: datetime) -> int:
    """Keep those that are not kept yet; how many those were. A version that is there is left as it is."""
    known = {(one.name, one.version) for one in stored(connection)}
    fresh = [one for one in versions if (one.name, one.version) not in known]
    for one in fresh:
        values = {"name": one.name, "version": one.version, "hash": one.hash, "text": one.text}
        connection.execute(insert(t.definitions).values(**values, stored=at))
    return len(fresh)
