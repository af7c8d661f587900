"""What people arrange for themselves: saved views, what they follow or put off, half-written forms, feeds.

None of it is part of a case: it changes what one person sees, never what happened.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Identity, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from workflow.storage.columns import Id, Moment, YesNo, metadata

views = Table(
    "views",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("owner_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("list", Text, nullable=False, comment="which list: mine, queue, cases …"),
    Column("query", Text, nullable=False, comment="what it is narrowed to, as its address says it"),
    Column("unit_id", Id, ForeignKey("units.id"), comment="shared with this unit and those below; None: private"),
    Column("pinned", YesNo, nullable=False, server_default=text("false")),
    Column("created", Moment, nullable=False),
    UniqueConstraint("owner_id", "name"),
    Index("ix_views_unit", "unit_id"),
    comment="Lists narrowed in a way somebody wants to come back to.",
)

watches = Table(
    "watches",
    metadata,
    Column("person_id", Id, ForeignKey("persons.id"), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("since", Moment, nullable=False),
    Index("ix_watches_case", "case_id"),
    comment="Cases somebody follows without having work on them.",
)

snoozes = Table(
    "snoozes",
    metadata,
    Column("person_id", Id, ForeignKey("persons.id"), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("until", Moment, nullable=False),
    Index("ix_snoozes_until", "until"),
    comment="Tasks somebody wants to see again later. No clock stands still for it.",
)

drafts = Table(
    "drafts",
    metadata,
    Column("person_id", Id, ForeignKey("persons.id"), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("place", Text, primary_key=True, comment="which form of the case: a task's number and the trigger"),
    Column("seq", Integer, nullable=False, comment="the step the person was looking at"),
    Column("form", Text, nullable=False, comment="what was typed, as JSON"),
    Column("saved", Moment, nullable=False),
    Index("ix_drafts_saved", "saved"),
    comment="Forms that were begun and not sent.",
)

feeds = Table(
    "feeds",
    metadata,
    Column("person_id", Id, ForeignKey("persons.id"), primary_key=True),
    Column("token", LargeBinary, nullable=False, unique=True, comment="SHA-256 of the address's secret part"),
    Column("created", Moment, nullable=False),
    comment="Calendar feeds, each open to whoever has its address, until it is taken back.",
)
