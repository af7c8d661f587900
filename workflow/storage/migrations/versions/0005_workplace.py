"""What people arrange for themselves: views, what they follow or put off, drafts, calendar feeds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
YES_NO = sa.Boolean().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "views",
        sa.Column("id", WHOLE, sa.Identity(), nullable=False),
        sa.Column("owner_id", WHOLE, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False, comment="which list: mine, queue, cases …"),
        sa.Column("query", sa.Text(), nullable=False, comment="what it is narrowed to, as its address says it"),
        sa.Column("unit_id", WHOLE, nullable=True, comment="shared with this unit and those below; None: private"),
        sa.Column("pinned", YES_NO, server_default=sa.text("false"), nullable=False),
        sa.Column("created", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["persons.id"], name=op.f("fk_views_owner_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_views_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_views")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_views_owner_id_name")),
        comment="Lists narrowed in a way somebody wants to come back to.",
        sqlite_strict=True,
    )
    op.create_index("ix_views_unit", "views", ["unit_id"])
    op.create_table(
        "watches",
        sa.Column("person_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("case_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_watches_person_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_watches_case_id")),
        sa.PrimaryKeyConstraint("person_id", "case_id", name=op.f("pk_watches")),
        comment="Cases somebody follows without having work on them.",
        sqlite_strict=True,
    )
    op.create_index("ix_watches_case", "watches", ["case_id"])
    op.create_table(
        "snoozes",
        sa.Column("person_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("case_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_snoozes_person_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_snoozes_case_id")),
        sa.PrimaryKeyConstraint("person_id", "case_id", "no", name=op.f("pk_snoozes")),
        comment="Tasks somebody wants to see again later. No clock stands still for it.",
        sqlite_strict=True,
    )
    op.create_index("ix_snoozes_until", "snoozes", ["until"])
    op.create_table(
        "drafts",
        sa.Column("person_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("case_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column(
            "place", sa.Text(), nullable=False, comment="which form of the case: a task's number and the trigger"
        ),
        sa.Column("seq", sa.Integer(), nullable=False, comment="the step the person was looking at"),
        sa.Column("form", sa.Text(), nullable=False, comment="what was typed, as JSON"),
        sa.Column("saved", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_drafts_person_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_drafts_case_id")),
        sa.PrimaryKeyConstraint("person_id", "case_id", "place", name=op.f("pk_drafts")),
        comment="Forms that were begun and not sent.",
        sqlite_strict=True,
    )
    op.create_index("ix_drafts_saved", "drafts", ["saved"])
    op.create_table(
        "feeds",
        sa.Column("person_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False, comment="SHA-256 of the address's secret part"),
        sa.Column("created", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_feeds_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("token", name=op.f("uq_feeds_token")),
        comment="Calendar feeds, each open to whoever has its address, until it is taken back.",
        sqlite_strict=True,
    )


def downgrade() -> None:
    raise NotImplementedError("A database is never taken back: restore a backup.")
