"""Puts Baton together from its settings: database, lifecycles, door, accounts."""

from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import datetime, timedelta

from workflow.core.carrying import Carrying
from workflow.definitions.library import Library, Stored
from workflow.people.accounts import Accounts
from workflow.people.throttle import Limits
from workflow.service.base import utc_now
from workflow.service.door import Workflow
from workflow.settings import Load, Settings
from workflow.storage import definitions, organisation, schema
from workflow.storage.database import Database, parse
from workflow.storage.errors import SchemaAbsent
from workflow.storage.sqlite import path_of

COLLECTED_AFTER = 20_000
"""New objects before the collector looks for circles: some ten commands, which leave next to none."""


def settle() -> None:
    """Tell the garbage collector that what is loaded by now stays: for programs that serve for long.

    Lifecycles, expressions and libraries are a few hundred thousand objects that it would walk through again and
    again; that was a tenth and more of a command's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER, 20, 50)


def assemble(
    settings: Settings,
    *,
    check_schema: bool = True,
    keep_definitions: bool = True,
    clock: Callable[[], datetime] = utc_now,
) -> Workflow:
    """The door, ready for use.

    `check_schema` False: the database was made or upgraded just now. `keep_definitions` False: for those who
    only look. Raises `DefinitionErrors`, and `StorageError` for a database that cannot be used.
    """
    library = Library.load(settings.definitions.folder)
    database = open_database(settings)
    try:
        if check_schema:
            schema.check(database)
        library = with_stored(database, library)
        if keep_definitions:
            store_definitions(database, library, clock())
        door = Workflow(
            database,
            library,
            clock=clock,
            most_file_bytes=settings.files.max_bytes,
            carrying=carrying_of(settings.load),
        )
        if keep_definitions:
            door.adopt_calendars()
    except BaseException:
        database.dispose()
        raise
    return door


def carrying_of(chosen: Load) -> Carrying | None:
    """The rule by spend, where a deployment has chosen it."""
    if chosen.rule != "spend":
        return None
    return Carrying(one=chosen.one_from, two=chosen.two_from, below=chosen.below)


def open_database(settings: Settings) -> Database:
    """The database the settings name. Raises `DatabaseRefused`."""
    chosen = settings.database
    return Database(
        chosen.url,
        pool_size=chosen.pool_size,
        lock_timeout=chosen.lock_timeout,
        statement_timeout=chosen.statement_timeout,
    )


def open_accounts(database: Database, settings: Settings) -> Accounts:
    """Signing in, by the settings."""
    security = settings.security
    window = timedelta(minutes=security.sign_in_window_minutes)
    return Accounts(
        database,
        limits=Limits(attempts=security.sign_in_attempts, window=window),
        lasts=timedelta(days=security.session_days),
        idle=timedelta(minutes=security.session_idle_minutes),
    )


def is_empty(settings: Settings) -> bool:
    """Whether the database holds no organisation yet, or is not there at all. Raises `StorageError`."""
    url = parse(settings.database.url)
    if url.get_backend_name() == "sqlite" and not path_of(url).exists():
        return True
    database = open_database(settings)
    try:
        schema.check(database)
        with database.reading() as connection:
            return organisation.version(connection) == 0
    except SchemaAbsent:
        return True
    finally:
        database.dispose()


def with_stored(database: Database, library: Library) -> Library:
    """The library with the versions cases may still be on. Raises `DefinitionErrors`."""
    with database.reading() as connection:
        kept = definitions.stored(connection)
    return library.with_stored(Stored(one.name, one.version, one.hash, one.text) for one in kept)


def store_definitions(database: Database, library: Library, at: datetime) -> None:
    """Keep the texts of the versions new cases will be opened on."""
    newest = [definitions.Version(one.name, one.version, one.hash, one.text) for one in library.latest.values()]
    with database.reading() as connection:
        known = {(one.name, one.version) for one in definitions.stored(connection)}
    if any((one.name, one.version) not in known for one in newest):
        with database.writing() as connection:
            definitions.store(connection, newest, at)
