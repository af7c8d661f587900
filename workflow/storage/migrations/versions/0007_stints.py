"""Owner stints and revenue splits, each with its beginning and end."""

from __future__ import annotations

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    pass
