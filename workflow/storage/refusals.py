"""What the rules said no to, kept for good."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert

from workflow.core.case import LARGEST, is_id
from workflow.core.codec import dumps
from workflow.core.errors import BatonError
from workflow.core.forms import UNFIT
from workflow.core.step import Actor
from workflow.storage import tables as t

LONGEST = 200
"""Letters of an attempt that are kept: people put into it what they like."""


def record(
    connection: Connection, refused: BatonError, *, actor: Actor, case: int | None, attempt: str, at: datetime
) -> None:
    connection.execute(
        insert(t.refusals).values(
            at=at,
            actor_id=_id(actor.person),
            behalf_id=_id(actor.behalf),
            case_id=_id(case),
            code=refused.code,
            attempt=fit(attempt)[:LONGEST],
            facts=fit(dumps({name: _plain(value) for name, value in refused.facts.items()})),
        )
    )


def fit(text: str) -> str:
    """A text with a mark in place of what no database can hold."""
    return UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)


def _id(value: int | None) -> int | None:
    """What somebody named that can be no row is not kept."""
    return value if is_id(value) else None


def _plain(value: object) -> object:
    """Facts as JSON; what a form was filled with is not among them, only which field was wrong and why."""
    if isinstance(value, int) and abs(value) >= LARGEST:
        return "…"
    return value if isinstance(value, (str, int, float, bool, list, dict, type(None))) else str(value)
