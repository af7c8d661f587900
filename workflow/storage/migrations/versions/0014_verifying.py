"""A verification that somebody asked for, and how far one is that is under way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SMALL = sa.SmallInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "verifying",
        sa.Column("no", SMALL, autoincrement=False, nullable=False, comment="1: there is one run at a time"),
        sa.Column("asked", WHOLE, comment="None: nobody asked, it is the night's"),
        sa.Column("person_id", WHOLE, comment="who asked; None: nobody, or the command line"),
        sa.Column("began", WHOLE, comment="None: it waits for a scheduler"),
        sa.Column("scheduler", sa.Text(), comment="who does it"),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("done", WHOLE, nullable=False, comment="of this stage"),
        sa.Column("whole", WHOLE, nullable=False, comment="0: it cannot be known how much there is"),
        sa.CheckConstraint("no = 1", name=op.f("ck_verifying_no")),
        sa.CheckConstraint(
            "stage in ('waiting', 'failed', 'steps', 'beside', 'lists')", name=op.f("ck_verifying_stage")
        ),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_verifying")),
        comment="The verification that waits or is under way. The row goes in the transaction that puts it on record.",
        sqlite_strict=True,
    )


def downgrade() -> None:
    raise NotImplementedError("A database is never taken back: restore a backup.")
