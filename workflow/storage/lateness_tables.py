"""Where the figures of lateness are kept."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, Table, Text

from workflow.storage.columns import Id, Moment, Small, metadata

lateness = Table(
    "lateness",
    metadata,
    Column("hour", Moment, primary_key=True, comment="the hour it happened in, not the one it was due in"),
    Column("stage", Text, primary_key=True),
    Column("kind", Text, primary_key=True, comment="of timer; for messages the channel"),
    Column("cause", Text, primary_key=True),
    Column("bucket", Small, primary_key=True, autoincrement=False, comment="workflow.core.lateness: 8 a doubling"),
    Column("count", Id, nullable=False),
    Column("longest", BigInteger().with_variant(Integer, "sqlite"), nullable=False, comment="microseconds, exact"),
    CheckConstraint("stage in ('fired', 'committed', 'sent', 'delivered')", name="stage"),
    CheckConstraint("cause in ('busy', 'failed', 'down', 'held')", name="cause"),
    comment="How late what happens by itself was: counts by hour, added to by any number of programs.",
)
