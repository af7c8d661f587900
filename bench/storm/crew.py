"""Processes that work until they are ended: schedulers and people of a row, each with a door of its own."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from multiprocessing import RawValue
from pathlib import Path
from types import TracebackType
from typing import Any

ENDED_WELL = 0
PATIENCE = 30.0
"""Seconds a process may take to come to its end when it is asked to."""


class Crew:
    """`working` is true until `rest` is called. It holds no lock: a process killed while it looked would keep it."""

    def __init__(self) -> None:
        self._over = RawValue("b", 0)
        self._alive: set[int] = set()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for process in list(self._alive):
            self.kill(process)

    @property
    def working(self) -> bool:
        return not self._over.value

    def start(self, work: Callable[[], None]) -> int:
        """Let a child do the work; gives its id."""
        sys.stdout.flush()
        process = os.fork()
        if process == 0:
            ended = 1
            try:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                work()
                ended = ENDED_WELL
            except BaseException:  # noqa: BLE001 - whatever it is, the parent goes on in the parent alone
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(ended)
        self._alive.add(process)
        return process

    def kill(self, process: int) -> None:
        """By SIGKILL, wherever it is."""
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        self._alive.discard(process)

    def rest(self, *, patience: float = PATIENCE) -> list[str]:
        """Let everybody come to an end; a fault for each that did not, or not well."""
        self._over.value = 1
        faults, until = [], time.monotonic() + patience
        for process in sorted(self._alive):
            gone, how = os.waitpid(process, os.WNOHANG)
            while not gone and time.monotonic() < until:
                time.sleep(0.005)
                gone, how = os.waitpid(process, os.WNOHANG)
            if not gone:
                self.kill(process)
                faults.append(f"process {process} did not come to its end")
                continue
            self._alive.discard(process)
            if os.waitstatus_to_exitcode(how) != ENDED_WELL:
                faults.append(f"process {process} ended with {os.waitstatus_to_exitcode(how)}")
        return faults


class Log:
    """Lines of JSON in a file, each written at once: what a killed process had noted stays noted."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def note(self, *line: Any) -> None:
        with self.path.open("ab", buffering=0) as file:
            file.write(json.dumps(line).encode() + b"\n")

    def lines(self) -> list[list[Any]]:
        """A line that a kill cut short is none."""
        if not self.path.exists():
            return []
        whole = (line for line in self.path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n"))
        return [json.loads(line) for line in whole]
