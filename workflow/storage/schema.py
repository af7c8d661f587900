"""Which schema a database has, which one this Baton needs, and the way from one to the other."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from workflow.storage.database import Database
from workflow.storage.errors import SchemaAbsent, SchemaOutdated, SchemaUnknown

FOLDER = Path(__file__).with_name("migrations")
UPGRADE_LOCK = 0x6261746F6E  # "baton", for PostgreSQL's advisory lock


@cache
def known() -> tuple[str, ...]:
    """Every revision in order: the files are named for them (`0001_first.py`)."""
    return tuple(sorted(file.name.partition("_")[0] for file in (FOLDER / "versions").glob("[0-9]*_*.py")))


def wanted() -> str:
    return known()[-1]


def found(connection: Connection) -> str | None:
    """The revision of a database, None when it has no schema of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def check(database: Database) -> None:
    """Refuse a database whose schema is not exactly ours: SchemaAbsent, SchemaOutdated or SchemaUnknown."""
    if database.path is not None and not database.path.exists():
        raise SchemaAbsent
    with database.reading() as connection:
        revision = found(connection)
    if revision is None:
        raise SchemaAbsent
    if revision not in known():
        raise SchemaUnknown(found=revision)
    if revision != wanted():
        raise SchemaOutdated(found=revision, wanted=wanted())


def upgrade(database: Database) -> bool:
    """Bring the schema up to date, in one transaction; whether there was anything to do.

    Raises SchemaUnknown for one that a newer Baton made.
    """
    with database.writing() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        revision = found(connection)
        if revision is not None and revision not in known():
            raise SchemaUnknown(found=revision)
        if revision == wanted():
            return False
        run(connection)
        return True


def run(connection: Connection, *, to: str = "head") -> None:
    """Let Alembic do what is missing up to a revision, on this connection."""
    # Imported here: every start checks the schema, few change it, and Alembic takes a while to load.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, to)
