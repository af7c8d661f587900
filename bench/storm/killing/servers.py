"""The programs of an installation as processes: the pages behind waitress, and the scheduler, both as they are."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from flask import Flask

from bench.storm.killing.vigils import PASSWORD, library, settings
from web import create_app
from web.gate import COOKIE
from workflow import Workflow
from workflow.assembly import open_accounts, settle
from workflow.cli.serve import listen, run
from workflow.scheduler import Ticker
from workflow.storage.database import Database

HOST = "127.0.0.1"
PATIENCE = 5.0
"""Seconds a thread that is about to end may take."""


class House:
    """One installation over one database, loaded once: a process that replaces a killed one is there at once."""

    def __init__(self, url: str, folder: Path, clock: Callable[[], datetime]) -> None:
        self.settings = settings(folder)
        self.workflow = Workflow(Database(url), library(), clock=clock)
        self.app: Flask = create_app(self.workflow, self.settings, open_accounts(self.workflow.database, self.settings))
        self._reserved: list[socket.socket] = []

    def warm(self, login: str, paths: Sequence[str]) -> None:
        """Show pages to somebody once, so that what is forked from here has them compiled; no thread is left behind."""
        accounts = open_accounts(self.workflow.database, self.settings)
        token = accounts.sign_in(login, PASSWORD, address=HOST, agent="", at=self.workflow.clock())
        with self.app.test_client() as client:
            client.set_cookie(COOKIE, token)
            for path in paths:
                answer = client.get(path)
                if answer.status_code != 200:
                    raise LookupError(f"{path}: {answer.status}")
        self.workflow.database.dispose()
        for thread in threading.enumerate():
            if thread is not threading.current_thread():
                thread.join(timeout=PATIENCE)
        settle()

    def reserve(self) -> int:
        """A port that nobody else gets while its server is dead: bound here, and never listened at."""
        kept = socket.socket()
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind((HOST, 0))
        self._reserved.append(kept)
        return int(kept.getsockname()[1])

    def serve(self, port: int) -> None:
        """What `baton serve --no-scheduler` does, for ever."""
        with listen(HOST, port) as listening:
            run(self.app, listening, self.settings, threading.Event())

    def schedule(self) -> None:
        """What `baton scheduler` does, for ever."""
        Ticker(self.workflow, self.settings).start()
        while True:
            signal.pause()

    def close(self) -> None:
        for kept in self._reserved:
            kept.close()
        self.workflow.database.dispose()
