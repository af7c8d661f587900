"""What finds a customer by a telephone number, without the number."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from workflow.storage.columns import Id, metadata

customer_phones = Table(
    "customer_phones",
    metadata,
    Column("customer_id", Id, primary_key=True, comment="no key of another table: a batch writes its cases later"),
    Column("digest", LargeBinary, primary_key=True, comment="HMAC-SHA256 of the normalised number"),
    Index("ix_customer_phones_digest", "digest"),
    comment="Numbers of customers' contacts as keyed hashes. The numbers themselves are in the vault alone.",
)

search_keys = Table(
    "search_keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    comment="The random key of the hashes by which personal values are found, one for each installation.",
)
