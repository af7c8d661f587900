"""How far something has come: one line that changes at a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType

import click

AT_TERMINAL = 0.1
ELSEWHERE = 5.0
"""Seconds between two lines."""


class Progress:
    """Called with what is being done, how much of it is done, and how much there is (0: nobody knows)."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._pause = AT_TERMINAL if self._terminal else ELSEWHERE
        self._shown = 0.0
        self._width = 0
        self._what = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._terminal and self._width:
            click.echo(err=True)

    def __call__(self, what: str, done: int = 0, total: int = 0, more: str = "") -> None:
        now = time.monotonic()
        finished = bool(total) and done >= total
        if what == self._what and not finished and now - self._shown < self._pause:
            return
        self._shown, self._what = now, what
        line = f"  {what}" + (f" {done:,} of {total:,}" if total else f" {done:,}" if done else "") + more
        if self._terminal:
            click.echo(f"\r{line:<{self._width}}", nl=False, err=True)
            self._width = max(self._width, len(line))
        else:
            click.echo(line, err=True)
