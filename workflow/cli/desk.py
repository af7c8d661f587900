"""What a command works with: the settings, and the door once it is asked for."""

from __future__ import annotations

import os
from pathlib import Path

from workflow import config
from workflow.assembly import assemble, open_database
from workflow.service.door import Workflow
from workflow.settings import Settings
from workflow.storage.database import Database

EMBEDDED = "sqlite:///"
"""How the address of an embedded database begins."""


class Desk:
    """Everything is made when first asked for: `baton check` needs no database, `baton --help` no settings."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._settings: Settings | None = None
        self._open: list[Database] = []

    @property
    def settings(self) -> Settings:
        """Raises `ConfigError`."""
        if self._settings is None:
            self._settings = config.load(self._file, os.environ)
        return self._settings

    def origins(self) -> dict[tuple[str, str], str]:
        """Where the settings that are no defaults come from."""
        return config.origins(self._file, os.environ)

    def workflow(self, *, check_schema: bool = True, looks_only: bool = False) -> Workflow:
        """The door. Raises `DefinitionErrors` and `StorageError`."""
        made = assemble(self.settings, check_schema=check_schema, keep_definitions=not looks_only)
        self._open.append(made.database)
        return made

    def database(self) -> Database:
        """The database alone. Raises `DatabaseRefused`."""
        made = open_database(self.settings)
        self._open.append(made)
        return made

    def has_database(self) -> bool:
        """Whether there is one to ask: an embedded one is a file that may not be there yet."""
        url = self.settings.database.url
        return not url.startswith(EMBEDDED) or Path(url.removeprefix(EMBEDDED)).exists()

    def make_folder(self) -> None:
        """The folder of an embedded database, where it is missing."""
        url = self.settings.database.url
        if url.startswith(EMBEDDED):
            Path(url.removeprefix(EMBEDDED)).parent.mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        for database in self._open:
            database.dispose()
