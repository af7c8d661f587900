"""What the rules said no to, kept for good."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert

from workflow.core.codec import dumps
from workflow.core.errors import BatonError
from workflow.core.step import Actor
from workflow.storage import tables as t


def record(
    connection: Connection, refused: BatonError, *, actor: Actor, case: int | None, attempt: str, at: datetime
) -> None:
    connection.execute(
        insert(t.refusals).values(
            at=at,
            actor_id=actor.person,
            behalf_id=actor.behalf,
            case_id=case,
            code=refused.code,
            attempt=attempt,
            facts=dumps({name: _plain(value) for name, value in refused.facts.items()}),
        )
    )


def _plain(value: object) -> object:
    """Facts as JSON; what a form was filled with is not among them, only which field was wrong and why."""
    return value if isinstance(value, (str, int, float, bool, list, dict, type(None))) else str(value)
