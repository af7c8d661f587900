"""Imports that can be taken back, and revenue by month and product."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", WHOLE, sa.Identity(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="revenue …"),
        sa.Column("name", sa.Text(), nullable=False, comment="of the file"),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="the file as it came"),
        sa.Column("person_id", WHOLE, comment="who brought it; None: the command line"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created", WHOLE, nullable=False),
        sa.Column("moved", WHOLE, nullable=False, comment="when its state or position changed last"),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="how many portions are applied"),
        sa.Column("whole", sa.Integer(), nullable=False, comment="how many portions there are"),
        sa.Column("report", sa.Text(), nullable=False, comment="what the check found, as JSON"),
        sa.CheckConstraint(
            "state in ('checked', 'applying', 'applied', 'undoing', 'undone')", name=op.f("ck_uploads_state")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_uploads_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        comment="Files that bring something in: checked first, applied in portions, and taken back whole.",
        sqlite_strict=True,
    )
    op.create_index("ix_uploads_kind", "uploads", ["kind", "id"])
    op.create_table(
        "upload_steps",
        sa.Column("upload_id", WHOLE, nullable=False),
        sa.Column("case_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("undone", sa.Integer(), comment="the step that took it back; None: it holds"),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_upload_steps_upload_id")),
        sa.PrimaryKeyConstraint("upload_id", "case_id", "seq", name=op.f("pk_upload_steps")),
        comment="Which steps a file made.",
        sqlite_strict=True,
    )
    op.create_table(
        "revenue",
        sa.Column("customer_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("month", sa.Text(), nullable=False, comment="as 2026-03"),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column(
            "seq", sa.Integer(), autoincrement=False, nullable=False, comment="the step of the record that says so"
        ),
        sa.Column("cents", WHOLE, comment="None: the figure was taken back"),
        sa.Column("since", WHOLE, nullable=False),
        sa.Column("until", WHOLE, comment="None: it stands"),
        sa.PrimaryKeyConstraint("customer_id", "month", "product", "seq", name=op.f("pk_revenue")),
        comment="Revenue by customer, month and product, with what was said of it before: derived from the records.",
        sqlite_strict=True,
    )
    op.create_index("ix_revenue_month", "revenue", ["month"])
    op.create_index(
        "uq_revenue_standing",
        "revenue",
        ["customer_id", "month", "product"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "alerts",
        sa.Column("customer_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("month", sa.Text(), nullable=False, comment="as 2026-03; of a quarter, 2026-Q1"),
        sa.Column("case_id", WHOLE, nullable=False, comment="the case it opened"),
        sa.Column("at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "month", name=op.f("pk_alerts")),
        comment="Movements of revenue that a case was opened about, each customer and month or quarter once.",
        sqlite_strict=True,
    )


def downgrade() -> None:
    raise NotImplementedError("A database is never taken back: restore a backup.")
