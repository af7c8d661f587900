"""The organisation's own words for its messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workflow.storage.migrations.protection import append_only

revision = "0012"
down_revision = "0011"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "wordings",
        sa.Column(
            "seq", sa.Integer(), autoincrement=False, nullable=False, comment="the step of the organisation's record"
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="a kind of message, or what stands around them"),
        sa.Column("texts", sa.Text(), comment="language, part and wordings, as JSON; None: those of the product again"),
        sa.Column("since", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_wordings")),
        comment="What messages say in the organisation's own words, from when on.",
        sqlite_strict=True,
    )
    op.create_index("ix_wordings_name", "wordings", ["name", "seq"])
    append_only({"wordings": "seq = NEW.seq"})


def downgrade() -> None:
    raise NotImplementedError("A database is never taken back: restore a backup.")
