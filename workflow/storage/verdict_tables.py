"""What the rules say of every history: the last verdict on each case, and each run over all of them.

A verdict can be found again at any time, so its row is replaced by the next one; the runs stay.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Identity, Index, Integer, Table, Text, text

from workflow.storage.columns import Id, Moment, metadata

verdicts = Table(
    "verdicts",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("steps", Integer, nullable=False, comment="how many the history had then"),
    Column("reproduced", Integer, nullable=False),
    Column("erased", Integer, nullable=False, comment="steps whose personal values are gone"),
    Column("unchecked", Integer, nullable=False, comment="steps of which something could not be known"),
    Column("differs", Integer, comment="the first step the rules decide otherwise; None: they decide none so"),
    Column("detail", Text, nullable=False, comment="every difference and what was not checked, as JSON"),
    Index("ix_verdicts_differs", "differs", sqlite_where=text("differs IS NOT NULL"),
          postgresql_where=text("differs IS NOT NULL")),
    Index("ix_verdicts_at", "at"),
    comment="What the rules, run again, say of each history.",
)  # fmt: skip

replays = Table(
    "replays",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("scope", Text, nullable=False, comment="all: every history; new: those with steps since their last verdict"),
    Column("started", Moment, nullable=False),
    Column("ended", Moment, comment="None: it is under way, or was cut off"),
    Column("looked", Integer, nullable=False, server_default="0", comment="steps of the histories of this run"),
    Column("histories", Integer, nullable=False, server_default="0", comment="with a verdict at its end"),
    Column("steps", Integer, nullable=False, server_default="0", comment="of these"),
    Column("reproduced", Integer, nullable=False, server_default="0"),
    Column("erased", Integer, nullable=False, server_default="0"),
    Column("unchecked", Integer, nullable=False, server_default="0"),
    Column("differ", Integer, nullable=False, server_default="0", comment="histories in which a step differs"),
    Index("ix_replays_started", "started"),
    comment="Each run over the histories, and what held at its end.",
)
