"""The log over all histories: leaves, checkpoints, keys, and what was found in it.

A trigger puts every step into `unsealed`, in the step's own transaction: nothing that writes can forget it, and
whoever seals need not poll the histories.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workflow.storage.migrations.protection import append_only

revision = "0003"
down_revision = "0002"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SMALL = sa.SmallInteger().with_variant(sa.Integer(), "sqlite")

APPEND_ONLY = {
    "leaves": "position = NEW.position OR (case_id = NEW.case_id AND seq = NEW.seq)",
    "nodes": "level = NEW.level AND place = NEW.place",
    "epochs": "no = NEW.no OR origin = NEW.origin",
    "log_keys": "no = NEW.no OR public = NEW.public",
    "checkpoints": "no = NEW.no",
    "copies": "id = NEW.id",
    "confirmations": "id = NEW.id",
    "verifications": "id = NEW.id",
}


def upgrade() -> None:
    _tables()
    append_only(APPEND_ONLY)
    # What was written before there was a log.
    op.execute("INSERT INTO unsealed (case_id, seq) SELECT case_id, seq FROM steps")
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER steps_unsealed AFTER INSERT ON steps "
            "BEGIN INSERT INTO unsealed (case_id, seq) VALUES (NEW.case_id, NEW.seq); END"
        )
        return
    op.execute(
        "CREATE FUNCTION unsealed_step() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO unsealed (case_id, seq) VALUES (NEW.case_id, NEW.seq); RETURN NULL; END $$"
    )
    op.execute("CREATE TRIGGER steps_unsealed AFTER INSERT ON steps FOR EACH ROW EXECUTE FUNCTION unsealed_step()")
    op.execute("ALTER TABLE steps ENABLE ALWAYS TRIGGER steps_unsealed")


def _tables() -> None:
    op.create_table(
        "unsealed",
        sa.Column("case_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_unsealed")),
        comment="Steps that are not in the log yet. A trigger on `steps` adds them, the sealer takes them away.",
        sqlite_strict=True,
    )
    op.create_table(
        "leaves",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False, comment="from 0, without a gap"),
        sa.Column("case_id", WHOLE, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="the step's own; the leaf is made of these three"),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_leaves")),
        sa.UniqueConstraint("case_id", "seq", name=op.f("uq_leaves_case_id_seq")),
        comment="Every step of every history in the order of sealing. Rows are only ever inserted.",
        sqlite_strict=True,
    )
    op.create_table(
        "nodes",
        sa.Column("level", SMALL, autoincrement=False, nullable=False, comment="8, 16, 24 …"),
        sa.Column("place", WHOLE, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "place", name=op.f("pk_nodes")),
        comment="Hashes of full subtrees, so that a proof reads a few hundred rows. Rows are only ever inserted.",
        sqlite_strict=True,
    )
    op.create_table(
        "epochs",
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", WHOLE, nullable=False, comment="how many leaves there were when it began"),
        sa.Column("began", WHOLE, nullable=False),
        sa.Column("follows", sa.Text(), comment="the note of the last checkpoint before, where one was known"),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_epochs")),
        sa.UniqueConstraint("origin", name=op.f("uq_epochs_origin")),
        comment="The log's names: another one after a backup was restored. Rows are only ever inserted.",
        sqlite_strict=True,
    )
    op.create_table(
        "log_keys",
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_log_keys")),
        sa.UniqueConstraint("public", name=op.f("uq_log_keys_public")),
        comment="The public keys that sign or signed checkpoints, the present one last. Rows are only ever inserted.",
        sqlite_strict=True,
    )
    op.create_table(
        "checkpoints",
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("note", sa.Text(), nullable=False, comment="the signed note as it was given out"),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_checkpoints")),
        comment="What was signed. Rows are only ever inserted.",
        sqlite_strict=True,
    )
    op.create_index("ix_checkpoints_size", "checkpoints", ["size"])
    _findings()


def _findings() -> None:
    op.create_table(
        "copies",
        sa.Column("id", WHOLE, sa.Identity(), nullable=False),
        sa.Column("checkpoint", sa.Integer(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False, comment="mail:ADDRESS or folder:PATH"),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.CheckConstraint("outcome in ('sent', 'failed')", name=op.f("ck_copies_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copies")),
        comment="Checkpoints that left the house, and tries that failed. Rows are only ever inserted.",
        sqlite_strict=True,
    )
    op.create_index("ix_copies_target", "copies", ["target", "outcome", "at"])
    op.create_table(
        "confirmations",
        sa.Column("id", WHOLE, sa.Identity(), nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("person_id", WHOLE),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column("made", WHOLE, comment="when the checkpoint was signed, as it says itself"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="holds, or what is wrong"),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmations")),
        comment="Checkpoints kept outside that somebody brought back and compared. Rows are only ever inserted.",
        sqlite_strict=True,
    )
    op.create_index("ix_confirmations_outcome", "confirmations", ["outcome", "at"])
    op.create_table(
        "verifications",
        sa.Column("id", WHOLE, sa.Identity(), nullable=False),
        sa.Column("began", WHOLE, nullable=False),
        sa.Column("ended", WHOLE, nullable=False),
        sa.Column("steps", WHOLE, nullable=False),
        sa.Column("damages", sa.Integer(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False, comment="what was checked and found, as JSON"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifications")),
        comment="Runs over everything, and what they found. Rows are only ever inserted.",
        sqlite_strict=True,
    )
    op.create_index("ix_verifications_ended", "verifications", ["ended"])


def downgrade() -> None:
    raise NotImplementedError("A database is never taken back: restore a backup.")
