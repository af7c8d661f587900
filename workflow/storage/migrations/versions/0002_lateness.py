"""How late what happens by itself was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SMALL = sa.SmallInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "lateness",
        sa.Column("hour", WHOLE, nullable=False, comment="the hour it happened in, not the one it was due in"),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="of timer; for messages the channel"),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("bucket", SMALL, autoincrement=False, nullable=False, comment="workflow.core.lateness: 8 a doubling"),
        sa.Column("count", WHOLE, nullable=False),
        sa.Column("longest", WHOLE, nullable=False, comment="microseconds, exact"),
        sa.CheckConstraint("stage in ('fired', 'committed', 'sent', 'delivered')", name=op.f("ck_lateness_stage")),
        sa.CheckConstraint("cause in ('busy', 'failed', 'down', 'held')", name=op.f("ck_lateness_cause")),
        sa.PrimaryKeyConstraint("hour", "stage", "kind", "cause", "bucket", name=op.f("pk_lateness")),
        comment="How late what happens by itself was: counts by hour, added to by any number of programs.",
        sqlite_strict=True,
    )
    op.create_index(
        "ix_clocks_breached",
        "clocks",
        ["breached"],
        unique=False,
        sqlite_where=sa.text("breached IS NOT NULL"),
        postgresql_where=sa.text("breached IS NOT NULL"),
    )


def downgrade() -> None:
    raise NotImplementedError("A database is never taken back: restore a backup.")
