"""The auditor's desk: verdicts on histories and the runs that found them; who read what; controls and findings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workflow.storage.migrations.protection import append_only

revision = "0004"
down_revision = "0003"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _verdicts()
    _reads()
    _controls()
    append_only({"reads": "id = NEW.id", "control_runs": "id = NEW.id"})


def _verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("case_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False, comment="how many the history had then"),
        sa.Column("reproduced", sa.Integer(), nullable=False),
        sa.Column("erased", sa.Integer(), nullable=False, comment="steps whose personal values are gone"),
        sa.Column("unchecked", sa.Integer(), nullable=False, comment="steps of which something could not be known"),
        sa.Column(
            "differs", sa.Integer(), comment="the first step the rules decide otherwise; None: they decide none so"
        ),
        sa.Column("detail", sa.Text(), nullable=False, comment="every difference and what was not checked, as JSON"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_verdicts_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_verdicts")),
        comment="What the rules, run again, say of each history.",
        sqlite_strict=True,
    )  # fmt: skip
    op.create_index(
        "ix_verdicts_differs",
        "verdicts",
        ["differs"],
        sqlite_where=sa.text("differs IS NOT NULL"),
        postgresql_where=sa.text("differs IS NOT NULL"),
    )
    op.create_index("ix_verdicts_at", "verdicts", ["at"])
    op.create_table(
        "replays",
        sa.Column("id", WHOLE, sa.Identity(), nullable=False),
        sa.Column(
            "scope",
            sa.Text(),
            nullable=False,
            comment="all: every history; new: those with steps since their last verdict",
        ),
        sa.Column("started", WHOLE, nullable=False),
        sa.Column("ended", WHOLE, comment="None: it is under way, or was cut off"),
        _count("looked", "steps of the histories of this run"),
        _count("histories", "with a verdict at its end"),
        _count("steps", "of these"),
        _count("reproduced"),
        _count("erased"),
        _count("unchecked"),
        _count("differ", "histories in which a step differs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replays")),
        comment="Each run over the histories, and what held at its end.",
        sqlite_strict=True,
    )
    op.create_index("ix_replays_started", "replays", ["started"])


def _reads() -> None:
    op.create_table(
        "reads",
        sa.Column("id", WHOLE, sa.Identity(), nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("person_id", WHOLE, comment="None: somebody at the command line of the machine"),
        sa.Column("kind", sa.Text(), nullable=False, comment="export.xes, export.case …"),
        sa.Column("case_id", WHOLE, comment="None: no single one"),
        sa.Column(
            "detail",
            sa.Text(),
            nullable=False,
            comment="what of it, how much, and the hash of what went out, as JSON",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reads")),
        comment="What was taken out of the house. Rows are only ever inserted.",
        sqlite_strict=True,
    )
    op.create_index("ix_reads_person", "reads", ["person_id", "at"])
    op.create_index("ix_reads_case", "reads", ["case_id", "at"])
    op.create_index("ix_reads_at", "reads", ["at"])


def _controls() -> None:
    op.create_table(
        "control_runs",
        sa.Column("id", WHOLE, sa.Identity(), nullable=False),
        sa.Column("control", sa.Text(), nullable=False),
        sa.Column(
            "hash",
            sa.Text(),
            nullable=False,
            comment="of what the control asks, so that a trend compares like with like",
        ),
        sa.Column("night", WHOLE, comment="which night's; None: somebody asked"),
        sa.Column("person_id", WHOLE, comment="who asked; None: nobody, or the command line"),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("since", WHOLE, comment="None: from the beginning"),
        sa.Column("until", WHOLE, nullable=False, comment="what was recorded by then was looked at"),
        sa.Column("looked", sa.Integer(), nullable=False, comment="subjects"),
        sa.Column("exceptions", sa.Integer(), nullable=False),
        sa.Column("undecided", sa.Integer(), nullable=False, comment="exceptions whose condition could not be asked"),
        sa.Column(
            "milliseconds",
            sa.Integer(),
            nullable=False,
            comment="that the whole run took, all its controls together",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_runs")),
        comment="Each run of each control. Rows are only ever inserted.",
        sqlite_strict=True,
    )
    op.create_index("ix_control_runs_control", "control_runs", ["control", "id"])
    op.create_table(
        "control_exceptions",
        sa.Column("run_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", WHOLE, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False, comment="the step to look at"),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, comment="as JSON"),
        sa.ForeignKeyConstraint(["run_id"], ["control_runs.id"], name=op.f("fk_control_exceptions_run_id")),
        sa.PrimaryKeyConstraint("run_id", "no", name=op.f("pk_control_exceptions")),
        comment="What did not hold. Those of a night stay until the next one; those somebody asked for stay.",
        sqlite_strict=True,
    )


def _count(name: str, comment: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0", comment=comment)


def downgrade() -> None:
    raise NotImplementedError("A database is never taken back: restore a backup.")
