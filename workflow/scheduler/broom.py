"""Removing rows that have had their day. Nothing here touches a history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from workflow.storage import housekeeping, workplace
from workflow.storage.database import Database

SESSIONS_KEPT = timedelta(days=30)
"""After they ended: long enough to answer who was signed in when."""

KEYS_KEPT = timedelta(days=30)
"""A form posted twice comes twice within minutes; a script that retries, within days."""

BEATS_KEPT = timedelta(days=30)

DRAFTS_KEPT = timedelta(days=30)
"""A form begun and never sent may hold personal values: it is not kept for ever."""

FIGURES_KEPT = timedelta(days=400)
"""Of lateness: a year can be held against the one before."""


def sweep_out(database: Database, at: datetime) -> int:
    """Remove ended sessions, old idempotency keys, the signs of schedulers long gone, and drafts; how many rows."""
    with database.writing() as connection:
        housekeeping.learn(connection)
        arranged = workplace.sweep(connection, drafts_before=at - DRAFTS_KEPT)
    return (
        arranged
        + _all(database, housekeeping.drop_sessions, at - SESSIONS_KEPT)
        + _all(database, housekeeping.drop_keys, at - KEYS_KEPT)
        + _all(database, housekeeping.drop_beats, at - BEATS_KEPT)
        + _all(database, housekeeping.drop_lateness, at - FIGURES_KEPT)
    )


def _all(database: Database, drop: Callable[..., int], before: datetime) -> int:
    """Drop in portions, each a transaction of its own, until a portion is not full."""
    total = 0
    while True:
        with database.writing() as connection:
            gone = drop(connection, before)
        total += gone
        if gone < housekeeping.AT_ONCE:
            return total
