"""Which records were found to be another customer's, so that what is known of both is told as one.

Nothing of a merged record is moved: whoever adds figures up asks here whose they are, and they come apart again by
themselves when the merge is undone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from workflow.core.merging import MERGE, SPLIT_OFF
from workflow.storage.tables import cases, customers, steps

PORTION = 500
"""Records named in one question."""

Into = Mapping[int, int]
"""Customer → the one it was found to be. That one stands for itself: merges do not follow one another."""


def merges(connection: Connection, *, at: datetime | None = None) -> Into:
    """All there are. `at`: as they were recorded by a moment, else as they stand (index ix_customers_merged)."""
    if at is not None:
        return _by(connection, at)
    c = customers.c
    query = select(c.id, c.merged_id).where(c.merged_id.is_not(None), c.merged_id != c.id)
    return {row.id: row.merged_id for row in connection.execute(query)}


def survivors(of: Iterable[int], into: Into) -> set[int]:
    """The customers that some records are."""
    return {into.get(one, one) for one in of}


def _by(connection: Connection, at: datetime) -> Into:
    """By the steps of the records that say in whom they went; only those that ever went have the mark at all.

    Asked apart from the steps, which one statement would walk through from the first to the last.
    """
    marked = select(cases.c.id).where(cases.c.kind == "customer", cases.c.body.contains('"merged":', autoescape=True))
    ids = sorted(connection.scalars(marked))
    c = steps.c
    query = select(c.case_id, c.ops).where(c.trigger.in_((MERGE, SPLIT_OFF)), c.recorded <= at)
    found: dict[int, int] = {}
    for start in range(0, len(ids), PORTION):
        some = query.where(c.case_id.in_(ids[start : start + PORTION])).order_by(c.case_id, c.seq)
        for row in connection.execute(some):
            kept = next(body["merged"] for op, body in json.loads(row.ops) if op == "set")
            found.pop(row.case_id, None)
            if kept is not None:
                found[row.case_id] = kept
    return found
