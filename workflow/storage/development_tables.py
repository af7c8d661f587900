"""Who may develop whom: what counts against limits, and which cases are on offer. Both are derived from the cases."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from workflow.storage.columns import Id, Moment, metadata

takings = Table(
    "takings",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, comment="definition and limit: what it counts against"),
    Column("of_id", Id, nullable=False, comment="the person or unit it counts for"),
    Column("since", Moment, nullable=False),
    Column("until", Moment, comment="when it was given back; None: still held"),
    Index("ix_takings_of", "name", "of_id", "since"),
    comment="What persons and units took of what is limited, counted before one more is taken.",
)

offers = Table(
    "offers",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("unit_id", Id, ForeignKey("units.id"), primary_key=True),
    Column("role", Text, primary_key=True),
    Index("ix_offers_unit", "unit_id", "role"),
    comment="Cases everybody with a role in a unit or below it may open.",
)
