"""Who had a customer and who has a share of its revenue, from when to when: derived from the customers' records."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, Text, text

from workflow.storage.columns import Id, Moment, metadata

RUNNING = text("ended IS NULL")

stints = Table(
    "stints",
    metadata,
    Column("customer_id", Id, primary_key=True, autoincrement=False),
    Column("role", Text, primary_key=True, comment="lead: the one owner; a, b"),
    Column("seq", Integer, primary_key=True, autoincrement=False, comment="the step of the record it began with"),
    Column("person_id", Id, comment="None: only the unit is answerable"),
    Column("unit_id", Id),
    Column("begun", Moment, nullable=False),
    Column("ended", Moment, comment="None: it goes on"),
    Column("ended_seq", Integer),
    Column("trigger", Text, nullable=False, comment="what it began with"),
    Column("case_id", Id, comment="the case that brought it about; None: the record itself was changed"),
    Column("actor_id", Id, comment="None: the system"),
    Column("behalf_id", Id),
    CheckConstraint("role in ('lead', 'a', 'b')", name="role"),
    CheckConstraint("ended IS NULL OR ended >= begun", name="ended"),
    Index("uq_stints_running", "customer_id", "role", unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING),
    Index("ix_stints_person", "person_id", "role"),
    Index("ix_stints_unit", "unit_id", "role"),
    comment="Who had a customer, in which role, from when to when; of each role one goes on at most.",
)

splits = Table(
    "splits",
    metadata,
    Column("customer_id", Id, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False, comment="the step of the record that fixed it"),
    Column("month", Text, primary_key=True, comment="holds from this month on, as 2026-03"),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("unit_id", Id, comment="None: whoever keeps the customer then"),
    Column("person_id", Id, comment="None: whoever leads for the unit then"),
    Column(
        "share", Integer, nullable=False, comment="in hundredths of a percent; those of a seq and month sum to 10000"
    ),
    Column("fixed", Moment, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("case_id", Id, comment="the case that fixed it"),
    CheckConstraint("share BETWEEN 0 AND 10000", name="share"),
    Index("ix_splits_unit", "unit_id"),
    comment="How a customer's revenue is shared from a month on. What a later step fixed goes before.",
)
