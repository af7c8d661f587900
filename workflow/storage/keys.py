"""Commands that may come twice: idempotency keys, and who was quicker."""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from workflow.core.errors import KeyReused, TextEmpty, TextUnfit
from workflow.core.forms import UNFIT
from workflow.core.moments import micros
from workflow.storage import tables as t

LONGEST = 200
"""Letters of a key."""

_CLAIM = "INSERT INTO idempotency (key, payload, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING key"
_ANSWER = "UPDATE idempotency SET case_id = ?, seq = ? WHERE key = ?"


def claim(connection: Connection, key: str | None, payload: list[Any], at: datetime) -> tuple[int, int] | None:
    """Insert the key first: who comes second waits here for the first one's commit.

    Gives (case, seq) of the answer when the same command was answered before, None when it is new or has no
    key. Raises `KeyReused` for another payload, `TextEmpty` and `TextUnfit` for what cannot be a key.
    """
    if key is None:
        return None
    if not key:
        raise TextEmpty(field="key")
    if len(key) > LONGEST or UNFIT.search(key):
        raise TextUnfit(field="key", most=LONGEST)
    digest = sha256(_text(payload).encode("utf-8", "surrogatepass")).digest()
    if _said(connection, _CLAIM, (key, digest, micros(at))).fetchone() is not None:
        return None
    c = t.idempotency.c
    known = connection.execute(select(c.payload, c.case_id, c.seq).where(c.key == key)).one()
    if bytes(known.payload) != digest:
        raise KeyReused(key=key)
    return int(known.case_id), int(known.seq)


def _text(payload: list[Any]) -> str:
    """The payload in one spelling, whatever a form was filled with."""
    try:
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), default=str)
    except ValueError:
        # Python does not write numbers of thousands of digits; no form takes one either.
        return str(pickle.dumps(payload))


def answer(connection: Connection, key: str | None, case: int, seq: int) -> None:
    if key is not None:
        _said(connection, _ANSWER, (case, seq, key))


def _said(connection: Connection, statement: str, parameters: tuple[object, ...]) -> Any:
    """To the driver at once, as the store does: every form that is sent in comes by here twice."""
    driver: Any = connection.connection.driver_connection
    spelt = statement if connection.dialect.name == "sqlite" else statement.replace("?", "%s")
    return driver.cursor().execute(spelt, parameters)


@dataclass(frozen=True, slots=True)
class Move:
    person: int | None
    at: datetime


def last_move(connection: Connection, case: int, *, since: int = 0, task: int | None = None) -> Move | None:
    """Who last changed a case's state after `since`, or finished that task of it."""
    c = t.steps.c
    query = select(c.actor_id, c.recorded).where(c.case_id == case, c.seq > since).order_by(c.seq.desc()).limit(1)
    if task is not None:
        query = query.where(c.task == task, c.kind.in_(("trigger", "done")))
    else:
        query = query.where(c.from_state != c.to_state)
    found = connection.execute(query).one_or_none()
    return Move(found.actor_id, found.recorded) if found else None
