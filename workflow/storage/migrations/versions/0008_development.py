"""Who may develop whom: what pool, bidding and disputes keep."""

from __future__ import annotations

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    pass
