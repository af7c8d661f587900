"""What is wrong with a file, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

NEEDS_QUOTES = "a text with a comma stands in quotes"

Path = tuple[str | int, ...]
"""The way to a value in a file: keys, and places in lists counted from 0."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong. `line` and `column` count from 1; `path` is empty for the file as a whole."""

    file: str
    line: int
    column: int
    path: str
    message: str
    code: str = "fault"

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line}:{self.column}: {where}{self.message}"


class DefinitionErrors(Exception):
    """A file, or several, that cannot be used; every fault of them, in order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """`unknown state 'answred', did you mean 'answered'?`"""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    hint = f", did you mean '{near[0]}'?" if near else ""
    return f"unknown {what} '{short(name)}'{hint}"


def unknown_key(what: str, key: str, value: object, known: Iterable[str]) -> str:
    """The same for a key; one with spaces and no value is what a comma leaves of an unquoted text."""
    return NEEDS_QUOTES if value is None and " " in key else unknown(what, key, known)


def short(text: str, length: int = 40) -> str:
    """The text as it may stand in a message: not longer than `length`."""
    return text if len(text) <= length else text[: length - 1] + "…"


def dotted(path: Path) -> str:
    return ".".join(short(str(part)) for part in path)
