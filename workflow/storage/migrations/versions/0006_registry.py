"""The registry in full: confidentiality, classes and merges of customers; telephone numbers as keyed hashes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SMALL = sa.SmallInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "customers",
        sa.Column("level", SMALL, server_default="0", nullable=False, comment="confidentiality: the place in LEVELS"),
    )
    op.add_column(
        "customers",
        sa.Column("classes", sa.Text(), server_default="", nullable=False, comment="trade:specialist nature:policy …"),
    )
    op.add_column(
        "customers",
        sa.Column(
            "merged_id", WHOLE, nullable=True, comment="the customer it was found to be; None: it stands for itself"
        ),
    )
    op.create_index("ix_customers_merged", "customers", ["merged_id"])
    op.create_table(
        "customer_phones",
        sa.Column(
            "customer_id",
            WHOLE,
            autoincrement=False,
            nullable=False,
            comment="no key of another table: a batch writes its cases later",
        ),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="HMAC-SHA256 of the normalised number"),
        sa.PrimaryKeyConstraint("customer_id", "digest", name=op.f("pk_customer_phones")),
        comment="Numbers of customers' contacts as keyed hashes. The numbers themselves are in the vault alone.",
        sqlite_strict=True,
    )
    op.create_index("ix_customer_phones_digest", "customer_phones", ["digest"])
    op.create_table(
        "search_keys",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_search_keys")),
        comment="The random key of the hashes by which personal values are found, one for each installation.",
        sqlite_strict=True,
    )


def downgrade() -> None:
    raise NotImplementedError("A database is never taken back: restore a backup.")
