"""Who read what: exports, case files, personal values shown."""

from __future__ import annotations

from sqlalchemy import Column, Identity, Index, Table, Text

from workflow.storage.columns import Id, Moment, metadata

reads = Table(
    "reads",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("person_id", Id, comment="None: somebody at the command line of the machine"),
    Column("kind", Text, nullable=False, comment="export.xes, export.case …"),
    Column("case_id", Id, comment="None: no single one"),
    Column("detail", Text, nullable=False, comment="what of it, how much, and the hash of what went out, as JSON"),
    Index("ix_reads_person", "person_id", "at"),
    Index("ix_reads_case", "case_id", "at"),
    Index("ix_reads_at", "at"),
    comment="What was taken out of the house. Rows are only ever inserted.",
)
