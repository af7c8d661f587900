"""Every wording an organisation ever chose for a message."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from workflow.core.codec import dumps
from workflow.messages.wordings import Texts, Wording
from workflow.storage.queries.paging import AnyRow
from workflow.storage.tables import steps
from workflow.storage.wording_tables import wordings


def chosen(connection: Connection) -> list[Wording]:
    """All of them, the first one first."""
    rows = connection.execute(select(wordings.c.name, wordings.c.since, wordings.c.texts).order_by(wordings.c.seq))
    return [Wording(row.name, row.since, texts_of(row.texts)) for row in rows]


def newest(connection: Connection, name: str) -> AnyRow | None:
    """The last row about a message; None while the product's words hold."""
    query = select(wordings).where(wordings.c.name == name).order_by(wordings.c.seq.desc()).limit(1)
    return connection.execute(query).one_or_none()


def keep(connection: Connection, seq: int, name: str, texts: Texts | None, at: datetime) -> None:
    """Add what is said from a moment on, by a step of the organisation's record."""
    held = None if texts is None else dumps(texts)
    connection.execute(insert(wordings).values(seq=seq, name=name, texts=held, since=at))


def written(connection: Connection, record: int, name: str) -> Sequence[AnyRow]:
    """The steps of a record that worded a message, with the words, the last first."""
    query = select(steps, wordings.c.texts).join(wordings, wordings.c.seq == steps.c.seq)
    query = query.where(steps.c.case_id == record, wordings.c.name == name)
    return connection.execute(query.order_by(steps.c.seq.desc())).all()


def texts_of(held: str | None) -> Texts | None:
    """What a row says, as it was said."""
    if held is None:
        return None
    return {
        language: {part: tuple(lines) for part, lines in parts.items()} for language, parts in json.loads(held).items()
    }
