"""Controls: each run over all histories, and what did not hold."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Identity, Index, Integer, Table, Text

from workflow.storage.columns import Id, Moment, metadata

control_runs = Table(
    "control_runs",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("control", Text, nullable=False),
    Column("hash", Text, nullable=False, comment="of what the control asks, so that a trend compares like with like"),
    Column("night", Moment, comment="which night's; None: somebody asked"),
    Column("person_id", Id, comment="who asked; None: nobody, or the command line"),
    Column("at", Moment, nullable=False),
    Column("since", Moment, comment="None: from the beginning"),
    Column("until", Moment, nullable=False, comment="what was recorded by then was looked at"),
    Column("looked", Integer, nullable=False, comment="subjects"),
    Column("exceptions", Integer, nullable=False),
    Column("undecided", Integer, nullable=False, comment="exceptions whose condition could not be asked"),
    Column("milliseconds", Integer, nullable=False, comment="that the whole run took, all its controls together"),
    Index("ix_control_runs_control", "control", "id"),
    comment="Each run of each control. Rows are only ever inserted.",
)  # fmt: skip

control_exceptions = Table(
    "control_exceptions",
    metadata,
    Column("run_id", Id, ForeignKey("control_runs.id"), primary_key=True, autoincrement=False),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("case_id", Id, nullable=False),
    Column("seq", Integer, nullable=False, comment="the step to look at"),
    Column("at", Moment, nullable=False),
    Column("detail", Text, nullable=False, comment="as JSON"),
    comment="What did not hold. Those of a night stay until the next one; those somebody asked for stay.",
)
