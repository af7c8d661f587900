"""Telephone numbers of customers' contacts as keyed hashes, so that a customer is found by one nobody can read here.

The numbers themselves lie in the vault, and go from here when they are erased there. The key lies in the same database
as the vault: whoever has one has the other, so that a key kept elsewhere would protect nothing more. It keeps lists of
hashes of all numbers, made beforehand or for another installation, from being of use.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable
from secrets import token_bytes

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from workflow.storage.registry_tables import customer_phones, search_keys

NAME = "phone"


def keep(connection: Connection, customer: int, numbers: Collection[str]) -> None:
    """The numbers by which a customer is found from now on, in place of those before."""
    connection.execute(delete(customer_phones).where(customer_phones.c.customer_id == customer))
    if numbers:
        rows = [{"customer_id": customer, "digest": digest} for digest in sorted(_digests(connection, numbers))]
        connection.execute(insert(customer_phones), rows)


def digests(connection: Connection, numbers: Iterable[str]) -> set[bytes]:
    """The hashes to look for; none as long as no number was ever kept."""
    key = connection.scalar(select(search_keys.c.value).where(search_keys.c.name == NAME))
    return set() if key is None else {_digest(key, number) for number in numbers}


def _digests(connection: Connection, numbers: Iterable[str]) -> set[bytes]:
    insert_ = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    fresh = insert_(search_keys).values(name=NAME, value=token_bytes(32))
    connection.execute(fresh.on_conflict_do_nothing(index_elements=["name"]))
    return digests(connection, numbers)


def _digest(key: bytes, number: str) -> bytes:
    return hmac.new(key, b"baton phone 1\x00" + number.encode(), hashlib.sha256).digest()
