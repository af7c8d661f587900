"""Who may develop whom: what counts against limits, what is on offer, and values nobody may read yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
YES_NO = sa.Boolean().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "vault",
        sa.Column("sealed", YES_NO, server_default=sa.text("false"), nullable=False, comment="nobody may read it yet"),
    )
    op.create_table(
        "takings",
        sa.Column("case_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="definition and limit: what it counts against"),
        sa.Column("of_id", WHOLE, nullable=False, comment="the person or unit it counts for"),
        sa.Column("since", WHOLE, nullable=False),
        sa.Column("until", WHOLE, nullable=True, comment="when it was given back; None: still held"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_takings_case_id")),
        sa.PrimaryKeyConstraint("case_id", "no", name=op.f("pk_takings")),
        comment="What persons and units took of what is limited, counted before one more is taken.",
        sqlite_strict=True,
    )
    op.create_index("ix_takings_of", "takings", ["name", "of_id", "since"])
    op.create_table(
        "offers",
        sa.Column("case_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("unit_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_offers_case_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_offers_unit_id")),
        sa.PrimaryKeyConstraint("case_id", "unit_id", "role", name=op.f("pk_offers")),
        comment="Cases everybody with a role in a unit or below it may open.",
        sqlite_strict=True,
    )
    op.create_index("ix_offers_unit", "offers", ["unit_id", "role"])


def downgrade() -> None:
    raise NotImplementedError("A database is never taken back: restore a backup.")
