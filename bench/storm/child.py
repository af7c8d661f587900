"""A piece of work in a process of its own, which may die in the middle of it."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

DIED = 77
"""The exit code of who was cut short on purpose."""

BROKE = 70


@dataclass(frozen=True, slots=True)
class Ended:
    """`given`: what the work gave; None when it did not come to its end."""

    code: int
    given: Any


def alone(work: Callable[[], Any]) -> Ended:
    """Let a child do the work, and wait for it."""
    reading, writing = os.pipe()
    process = spawned(work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, how = os.waitpid(process, 0)
    code = os.waitstatus_to_exitcode(how)
    return Ended(code, pickle.loads(told) if told and code == 0 else None)


def spawned(work: Callable[[], Any], answer: int) -> int:
    """Start a child that writes what the work gives into `answer`, pickled; gives its id."""
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process == 0:
        code = BROKE
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            told = pickle.dumps(work())
            with os.fdopen(answer, "wb") as pipe:
                pipe.write(told)
            code = 0
        except BaseException:  # noqa: BLE001 - whatever it is, the parent goes on in the parent alone
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)
    return process


def die() -> None:
    """At once: no `finally`, no goodbye to the database."""
    os._exit(DIED)
