"""A database that is put back as it was, a thousand times: files are copied, rows of a server are written again."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bench.places import Place
from workflow.storage.tables import metadata


class FileGround:
    """`keep` and `back` want every connection closed."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._path = Path(url.removeprefix("sqlite:///"))

    def keep(self, name: str) -> None:
        shutil.copyfile(self._path, self._kept(name))

    def back(self, name: str) -> None:
        for left in ("-wal", "-shm"):
            self._path.with_name(self._path.name + left).unlink(missing_ok=True)
        shutil.copyfile(self._kept(name), self._path)

    def quiet(self) -> None:
        """A dead process holds no lock."""

    def close(self) -> None:
        """The files go with the copy they stand beside."""

    def _kept(self, name: str) -> Path:
        return self._path.with_name(f"{self._path.name}.{name}")


class ServerGround:
    """Copying a database takes PostgreSQL a third of a second; deleting and inserting its few rows a hundredth."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._driver = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        # A process dies here, not the machine: nobody has to wait for the disk. While rows are put back, none asks
        # whether the one it names is there yet.
        own = f'ALTER DATABASE "{self._driver.info.dbname}" SET synchronous_commit = off'
        self._driver.execute(f"{own}; SET synchronous_commit = off; SET session_replication_role = replica")
        self._tables = [f'"{table.name}"' for table in metadata.sorted_tables]
        found = self._driver.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'").fetchall()
        self._sequences = [str(name) for (name,) in found]
        self._off, self._on = self._guards()
        self._values: dict[str, list[tuple[str, int, bool]]] = {}

    def keep(self, name: str) -> None:
        if name not in self._values:
            made = "".join(f"CREATE TABLE {name}.{table} AS TABLE public.{table};" for table in self._tables)
            self._driver.execute(f"CREATE SCHEMA {name}; {made}")
        else:
            said = "".join(
                f"DELETE FROM {name}.{table}; INSERT INTO {name}.{table} TABLE public.{table};"
                for table in self._tables
            )
            self._driver.execute(f"BEGIN; {said} COMMIT")
        self._values[name] = [
            (one, *self._driver.execute(f'SELECT last_value, is_called FROM "{one}"').fetchone())  # type: ignore[misc]
            for one in self._sequences
        ]

    def back(self, name: str) -> None:
        self.quiet()
        gone = "".join(f"DELETE FROM public.{table};" for table in self._tables)
        again = "".join(
            f"INSERT INTO public.{table} OVERRIDING SYSTEM VALUE SELECT * FROM {name}.{table};"
            for table in self._tables
        )
        counted = "".join(
            f"SELECT setval('\"{one}\"', {value}, {called});" for one, value, called in self._values[name]
        )
        self._driver.execute(f"BEGIN; {self._off} {gone} {again} {counted} {self._on} COMMIT")

    def _guards(self) -> tuple[str, str]:
        """What lets histories be put back, and what guards them again as before."""
        found = self._driver.execute(
            "SELECT tgrelid::regclass, tgname, tgenabled = 'A' FROM pg_trigger WHERE NOT tgisinternal"
        ).fetchall()
        off = "".join(f'ALTER TABLE {table} DISABLE TRIGGER "{name}";' for table, name, _ in found)
        on = "".join(
            f'ALTER TABLE {table} ENABLE {"ALWAYS " if always else ""}TRIGGER "{name}";'
            for table, name, always in found
        )
        return off, on

    def quiet(self) -> None:
        """Wait until the server has noticed that whoever died is gone."""
        others = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        while self._driver.execute(others).fetchone() != (0,):
            time.sleep(0.001)

    def close(self) -> None:
        self._driver.close()


Ground = FileGround | ServerGround


@contextmanager
def ground(place: Place, template: str) -> Iterator[Ground]:
    """A copy of a template, to be worked on again and again."""
    with place.copy(template) as url:
        found: Any = FileGround(url) if place.name == "sqlite" else ServerGround(url)
        try:
            yield found
        finally:
            found.close()
