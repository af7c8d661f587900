"""Processes to be killed: forked, named, ended by their number, started again."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

Work = Callable[[], None]


def started(work: Work, *, log: Path) -> int:
    """The number of a process that does the work and then ends with 0, with 1 when it fails. Its words go to `log`.

    Only for a process without threads: a fork takes along the locks of the others, but not who would release them.
    """
    if threading.active_count() > 1:
        raise RuntimeError(f"a process with threads is not forked: {threading.enumerate()}")
    sys.stdout.flush()
    process = os.fork()
    if process == 0:
        code = 1
        try:
            _redirect(log)
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - whatever it is, the parent goes on in the parent alone
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    return process


def killed(process: int) -> None:
    """Kill it with SIGKILL, and wait until it is gone."""
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


def _redirect(log: Path) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(file, 2)
    os.close(file)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(process)d %(levelname)s %(name)s %(message)s")


class Herd:
    """Processes that are to live for ever, and others that end by themselves."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.lasting: dict[int, Work] = {}
        self.passing: dict[int, str] = {}

    def keep(self, work: Work) -> None:
        self.lasting[started(work, log=self.log)] = work

    def begin(self, name: str, work: Work) -> None:
        self.passing[started(work, log=self.log)] = name

    def strike(self, victim: int) -> None:
        """Kill one of the lasting, and start another in its place."""
        work = self.lasting.pop(victim)
        killed(victim)
        self.keep(work)

    def insist(self) -> None:
        """Bury who ended well. Raises `ChildProcessError` for any other end that was not our doing."""
        while self.lasting or self.passing:
            gone, ended = os.waitpid(-1, os.WNOHANG)
            if not gone:
                return
            code = os.waitstatus_to_exitcode(ended)
            lasting = self.lasting.pop(gone, None)
            name = self.passing.pop(gone, "a process")
            if lasting is not None or code != 0:
                raise ChildProcessError(f"{name} ended by itself with {code}; {self.words()}")

    def words(self) -> str:
        """The last that was said."""
        said = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return f"its last words: {said[-2000:]}"

    def end(self) -> None:
        """Kill whoever is left."""
        for process in (*self.lasting, *self.passing):
            killed(process)
        self.lasting.clear()
        self.passing.clear()
