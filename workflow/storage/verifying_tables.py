"""The run over everything that waits or is under way. What came of it stands in `verifications`."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Table, Text

from workflow.storage.columns import Id, Moment, Small, metadata

verifying = Table(
    "verifying",
    metadata,
    Column("no", Small, primary_key=True, autoincrement=False, comment="1: there is one run at a time"),
    Column("asked", Moment, comment="None: nobody asked, it is the night's"),
    Column("person_id", Id, comment="who asked; None: nobody, or the command line"),
    Column("began", Moment, comment="None: it waits for a scheduler"),
    Column("scheduler", Text, comment="who does it"),
    Column("stage", Text, nullable=False),
    Column("done", Id, nullable=False, comment="of this stage"),
    Column("whole", Id, nullable=False, comment="0: it cannot be known how much there is"),
    CheckConstraint("no = 1", name="no"),
    CheckConstraint("stage in ('waiting', 'failed', 'steps', 'beside', 'lists')", name="stage"),
    comment="The verification that waits or is under way. The row goes in the transaction that puts it on record.",
)
