"""Personal values that go for good: from their rows, and from the file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from workflow.storage import organisation
from workflow.storage import tables as t
from workflow.storage import workplace_tables as w
from workflow.storage.database import Database
from workflow.storage.errors import StorageUnavailable
from workflow.storage.faults import translated
from workflow.storage.group_tables import absences


def erase(connection: Connection, case: int, gone: Collection[str], at: datetime) -> list[str]:
    """Take the values and their salts, without which nobody can try out what they were; gives those there were."""
    v = t.vault.c
    mine = (v.case_id == case) & v.commitment.in_(sorted(gone)) & v.erased.is_(None)
    statement = update(t.vault).where(mine).values(value=None, salt=b"", erased=at).returning(v.commitment)
    return sorted(connection.scalars(statement))


def kept(connection: Connection, case: int) -> set[str]:
    """The commitments of a record whose values are there."""
    v = t.vault.c
    return set(connection.scalars(select(v.commitment).where(v.case_id == case, v.erased.is_(None))))


def files(connection: Connection, case: int) -> Sequence[int]:
    """The size of each attachment whose content is there."""
    f = t.files.c
    return connection.scalars(select(f.size).where(f.case_id == case, f.content.is_not(None)).order_by(f.id)).all()


def drafts(connection: Connection, case: int) -> int:
    """How many forms of a case somebody began and did not send."""
    query = select(func.count()).select_from(w.drafts).where(w.drafts.c.case_id == case)
    return int(connection.execute(query).scalar_one())


def erase_files(connection: Connection, case: int) -> list[int]:
    """Take the content of a case's attachments; gives those there were. Their hashes stay in the history."""
    f = t.files.c
    statement = update(t.files).where(f.case_id == case, f.content.is_not(None)).values(content=None).returning(f.id)
    return sorted(connection.scalars(statement))


def erase_drafts(connection: Connection, case: int) -> None:
    """Take the forms of a case that were begun: what was typed is in them, and in no history."""
    connection.execute(delete(w.drafts).where(w.drafts.c.case_id == case))


def about(connection: Connection, customer: int) -> list[tuple[int, str]]:
    """Id and number of the cases about a customer that hold anything personal, the oldest first."""
    c, v, f = t.cases.c, t.vault.c, t.files.c
    holds = select(v.case_id).where(v.case_id == c.id, v.erased.is_(None)).exists()
    attached = select(f.case_id).where(f.case_id == c.id, f.content.is_not(None)).exists()
    query = select(c.id, c.number).where(c.customer_id == customer, c.kind == "case", holds | attached)
    return [(row.id, row.number) for row in connection.execute(query.order_by(c.id))]


def erase_person(connection: Connection, person: int) -> None:
    """What the organisation keeps of a person beside the name, and why they were away."""
    organisation.change(connection, "person", person, {"email": None, "phone": None})
    connection.execute(update(t.substitutions).where(t.substitutions.c.absent_id == person).values(reason=""))
    connection.execute(update(absences).where(absences.c.absent_id == person).values(reason=""))


def settle(database: Database) -> bool:
    """Let what was erased be gone from the file as well; False while others are in the way: try again.

    SQLite has overwritten it (`secure_delete`), and here its write-ahead log is emptied. PostgreSQL writes the
    table anew; its own write-ahead log and archives of it go when it recycles them.
    """
    anew = "VACUUM FULL vault, persons, substitutions, absences, files, drafts"
    statement = "PRAGMA wal_checkpoint(TRUNCATE)" if database.dialect == "sqlite" else anew
    try:
        with translated(), database.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None  # noqa: S101 - it was just taken out of the pool
            if database.dialect == "sqlite":
                return not driver.execute(statement).fetchone()[0]
            driver.rollback()
            driver.autocommit = True
            try:
                driver.execute(statement)
            finally:
                driver.autocommit = False
    except StorageUnavailable as unavailable:
        if unavailable.reason != "busy":
            raise
        return False
    return True
