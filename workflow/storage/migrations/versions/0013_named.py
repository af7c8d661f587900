"""An index for lists of what one clock is about to end: the inbox counts them on every page."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_index("ix_clocks_named", "clocks", ["name", "status", "due", "case_id"])


def downgrade() -> None:
    raise NotImplementedError("A database is never taken back: restore a backup.")
