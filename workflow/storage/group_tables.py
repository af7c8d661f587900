"""Linked groups (联动小组), who was in them when, and absences for which nobody was named (004 §2.2 I)."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Identity, Index, Table, Text, text

from workflow.storage.columns import Id, Moment, YesNo, metadata

linked_groups = Table(
    "linked_groups",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("unit_id", Id, ForeignKey("units.id"), nullable=False, comment="whose overseers keep it"),
    Column("industry", Text, nullable=False),
    Column("active", YesNo, nullable=False, server_default=text("true")),
    comment="Three or four managers of one industry who stand in for each other.",
)

group_members = Table(
    "group_members",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("group_id", Id, ForeignKey("linked_groups.id"), nullable=False),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, comment="None: still in it"),
    Index("ix_group_members_group", "group_id"),
    comment="Who was in which linked group, from when to when.",
)

absences = Table(
    "absences",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("absent_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    comment="Absences without a named substitute: the linked group stands in, else the unit.",
)
