"""The registry in full: what a customer's file holds, merges, branches."""

from __future__ import annotations

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass
