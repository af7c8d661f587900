"""The log over all histories: its leaves, its checkpoints and the keys that signed them, and what was found in it."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from workflow.storage.columns import Id, Moment, Small, metadata

unsealed = Table(
    "unsealed",
    metadata,
    Column("case_id", Id, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    comment="Steps that are not in the log yet. A trigger on `steps` adds them, the sealer takes them away.",
)

leaves = Table(
    "leaves",
    metadata,
    Column("position", Id, primary_key=True, autoincrement=False, comment="from 0, without a gap"),
    Column("case_id", Id, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False, comment="the step's own; the leaf is made of these three"),
    UniqueConstraint("case_id", "seq"),
    comment="Every step of every history in the order of sealing. Rows are only ever inserted.",
)

nodes = Table(
    "nodes",
    metadata,
    Column("level", Small, primary_key=True, autoincrement=False, comment="8, 16, 24 …"),
    Column("place", Id, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    comment="Hashes of full subtrees, so that a proof reads a few hundred rows. Rows are only ever inserted.",
)

epochs = Table(
    "epochs",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False, unique=True),
    Column("size", Id, nullable=False, comment="how many leaves there were when it began"),
    Column("began", Moment, nullable=False),
    Column("follows", Text, comment="the note of the last checkpoint before, where one was known"),
    comment="The log's names: another one after a backup was restored. Rows are only ever inserted.",
)

log_keys = Table(
    "log_keys",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("public", LargeBinary, nullable=False, unique=True),
    Column("since", Moment, nullable=False),
    comment="The public keys that sign or signed checkpoints, the present one last. Rows are only ever inserted.",
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("size", Id, nullable=False),
    Column("at", Moment, nullable=False),
    Column("note", Text, nullable=False, comment="the signed note as it was given out"),
    Index("ix_checkpoints_size", "size"),
    comment="What was signed. Rows are only ever inserted.",
)

copies = Table(
    "copies",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("checkpoint", Integer, nullable=False),
    Column("target", Text, nullable=False, comment="mail:ADDRESS or folder:PATH"),
    Column("at", Moment, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
    CheckConstraint("outcome in ('sent', 'failed')", name="outcome"),
    Index("ix_copies_target", "target", "outcome", "at"),
    comment="Checkpoints that left the house, and tries that failed. Rows are only ever inserted.",
)

confirmations = Table(
    "confirmations",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("person_id", Id),
    Column("origin", Text, nullable=False),
    Column("size", Id, nullable=False),
    Column("made", Moment, comment="when the checkpoint was signed, as it says itself"),
    Column("outcome", Text, nullable=False, comment="holds, or what is wrong"),
    Column("note", Text, nullable=False),
    Index("ix_confirmations_outcome", "outcome", "at"),
    comment="Checkpoints kept outside that somebody brought back and compared. Rows are only ever inserted.",
)

verifications = Table(
    "verifications",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("began", Moment, nullable=False),
    Column("ended", Moment, nullable=False),
    Column("steps", Id, nullable=False),
    Column("damages", Integer, nullable=False),
    Column("report", Text, nullable=False, comment="what was checked and found, as JSON"),
    Index("ix_verifications_ended", "ended"),
    comment="Runs over everything, and what they found. Rows are only ever inserted.",
)

PROTECTED = (
    "steps",
    "refusals",
    *(one.name for one in (leaves, nodes, epochs, log_keys, checkpoints, copies, confirmations, verifications)),
    "reads",
    "control_runs",
    "wordings",
)
"""Tables that verification wants to find protected against every change."""
