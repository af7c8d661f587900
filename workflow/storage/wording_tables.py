"""The words an organisation chose for its messages. Rows are only ever inserted, each with its step."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from workflow.storage.columns import Moment, metadata

wordings = Table(
    "wordings",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False, comment="the step of the organisation's record"),
    Column("name", Text, nullable=False, comment="a kind of message, or what stands around them"),
    Column("texts", Text, comment="language, part and wordings, as JSON; None: those of the product again"),
    Column("since", Moment, nullable=False),
    Index("ix_wordings_name", "name", "seq"),
    comment="What messages say in the organisation's own words, from when on.",
)
