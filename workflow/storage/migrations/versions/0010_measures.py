"""Indices for figures over very many cases, and for lists on which very many rows fall due at one moment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

MOVES = sa.text("from_state <> to_state OR seq = 1")


def upgrade() -> None:
    op.drop_index("ix_cases_customer", "cases")
    op.create_index("ix_cases_customer", "cases", ["customer_id", "kind", "closed", "definition"])
    op.create_index(
        "ix_steps_moves",
        "steps",
        ["case_id", "seq", "effective", "from_state", "to_state"],
        sqlite_where=MOVES,
        postgresql_where=MOVES,
    )
    op.drop_index("ix_clocks_open", "clocks")
    op.create_index("ix_clocks_open", "clocks", ["status", "due", "case_id", "name", "run"])
    op.create_index("ix_clocks_ended", "clocks", ["status", "ended"])


def downgrade() -> None:
    raise NotImplementedError("A database is never taken back: restore a backup.")
