"""What can be wrong with the database itself; none of it is a decision of the rules."""

from __future__ import annotations


class StorageError(Exception):
    """Base of the storage's own errors. `code` names the sentence, `facts` fill it."""

    message = "The database has a problem."
    code = "storage"

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.message.format(**facts))


class DatabaseRefused(StorageError):
    """Baton does not start on this database."""


class NoSuchDatabase(DatabaseRefused):
    message = "The database “{url}” is neither SQLite (sqlite:///file) nor PostgreSQL (postgresql://…)."
    code = "no_such_database"


class NotInMemory(DatabaseRefused):
    message = "An SQLite database in memory would be lost at the end; name a file: sqlite:///baton.db."
    code = "not_in_memory"


class NoFolder(DatabaseRefused):
    message = "The folder of the database does not exist: {folder}."
    code = "no_folder"


class OnNetwork(DatabaseRefused):
    message = (
        "The database {path} lies on a network file system ({kind}), where SQLite's locks do not hold; "
        "put it on a local disk or use PostgreSQL."
    )
    code = "on_network"


class AffectedLibrary(DatabaseRefused):
    message = (
        "The database {path} is in WAL mode, in which SQLite {version} can damage it; "
        "install pysqlite3 with SQLite 3.51.3 or newer."
    )
    code = "affected_library"


class JournalRefused(DatabaseRefused):
    message = "The database {path} stays in journal mode {got} instead of {wanted}; another program uses it."
    code = "journal_refused"


class SchemaOutdated(DatabaseRefused):
    message = "The database has schema {found}, this Baton needs {wanted}; run “baton db upgrade”."
    code = "schema_outdated"


class SchemaAbsent(DatabaseRefused):
    message = "The database holds no Baton yet; run “baton init” or “baton db upgrade”."
    code = "schema_absent"


class SchemaUnknown(DatabaseRefused):
    message = "The database has schema {found}, which this Baton does not know; a newer Baton made it."
    code = "schema_unknown"


class StorageUnavailable(StorageError):
    """The database could not do its work now; nothing of the unit was kept. The cause is chained.

    `reason`: `busy` (others hold it), `full` (no room), `lost` (connection gone), `slow` (a time limit),
    `broken` (not writable, damaged, not to be opened).
    """

    message = "The database could not do this now ({reason}: {detail}); nothing was changed."
    code = "storage_unavailable"

    @property
    def reason(self) -> str:
        return str(self.facts["reason"])


class UnitEnded(StorageError):
    """The transaction was gone before its end: an error inside it was swallowed, which is a fault of ours."""

    message = "The writing unit had already ended; nothing of it was kept."
    code = "unit_ended"


class CaseChanged(StorageError):
    """A case moved on although it was locked: the second guard behind the lock, never expected to speak."""

    message = "A case was changed by somebody else in the middle of this; nothing was kept."
    code = "case_changed"
