"""PLACEHOLDER: its owner writes it."""

from __future__ import annotations

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    raise NotImplementedError("A database is never taken back: restore a backup.")
