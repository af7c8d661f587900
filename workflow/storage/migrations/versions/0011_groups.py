"""Linked groups of managers, and absences for which nobody was named."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
YES_NO = sa.Boolean().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "linked_groups",
        sa.Column("id", WHOLE, sa.Identity(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("unit_id", WHOLE, nullable=False, comment="whose overseers keep it"),
        sa.Column("industry", sa.Text(), nullable=False),
        sa.Column("active", YES_NO, server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_linked_groups_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_groups")),
        comment="Three or four managers of one industry who stand in for each other.",
        sqlite_strict=True,
    )
    op.create_table(
        "group_members",
        sa.Column("id", WHOLE, sa.Identity(), nullable=False),
        sa.Column("group_id", WHOLE, nullable=False),
        sa.Column("person_id", WHOLE, nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sa.Column("until", WHOLE, comment="None: still in it"),
        sa.ForeignKeyConstraint(["group_id"], ["linked_groups.id"], name=op.f("fk_group_members_group_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_group_members_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_members")),
        comment="Who was in which linked group, from when to when.",
        sqlite_strict=True,
    )
    op.create_index("ix_group_members_group", "group_members", ["group_id"])
    op.create_table(
        "absences",
        sa.Column("id", WHOLE, sa.Identity(), nullable=False),
        sa.Column("absent_id", WHOLE, nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sa.Column("until", WHOLE, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["absent_id"], ["persons.id"], name=op.f("fk_absences_absent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
        comment="Absences without a named substitute: the linked group stands in, else the unit.",
        sqlite_strict=True,
    )


def downgrade() -> None:
    raise NotImplementedError("A database is never taken back: restore a backup.")
