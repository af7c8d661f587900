"""Another system's file as rows: compressed or not, in whatever encoding, with whatever is broken in it.

Nothing in a file makes the reading stop. What is no row of the table comes out as a `Bad` one, with its reason.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from workflow.definitions.faults import DefinitionErrors, Fault

ENCODINGS = ("utf-8", "gb18030", "utf-16")
MOST_CELL = 131_072
"""Characters a cell may have; a stray quotation mark swallows no more than this before it is noticed."""

_GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Record:
    """`row`: the line of the file it begins in; the header is in line 1."""

    row: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that cannot be used. `reason` is a code; `detail` never holds what a cell says."""

    row: int
    reason: str
    detail: str = ""
    case: str = ""


class Table:
    """A CSV file with a header. Raises DefinitionErrors when it cannot be read at all."""

    def __init__(self, path: Path, *, encoding: str | None = None, delimiter: str = ",") -> None:
        self.path = path
        self.delimiter = delimiter
        self.encoding = encoding or self._detected()
        self.columns = _distinct(self._header())

    def rows(self) -> Iterator[Record | Bad]:
        """Every row after the header, in the file's order. Lines with nothing on them are no rows."""
        lines = _Lines(self._lines())
        first = True
        while True:
            reader = csv.reader(lines, delimiter=self.delimiter)
            for found in self._records(lines, reader):
                if first:
                    first = False
                else:
                    yield found
            if lines.ended:
                return

    def _records(self, lines: _Lines, reader: Iterator[list[str]]) -> Iterator[Record | Bad]:
        """Rows until the first broken one, after which the reader begins anew in the line behind it."""
        while True:
            lines.mark()
            row = lines.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                lines.back()
                yield Bad(row, "csv")
                return
            if len(cells) == len(self.columns):
                yield Record(row, cells)
            elif cells:
                lines.back()
                yield Bad(row, "columns", f"{len(cells)} for {len(self.columns)}")
                return

    def _header(self) -> list[str]:
        reader = csv.reader(_Lines(self._lines()), delimiter=self.delimiter)
        try:
            found = next(reader, [])
        except csv.Error:
            found = []
        if not any(found):
            raise self._unreadable("the file has no header")
        return [name.strip() for name in found]

    def _lines(self) -> Iterator[str]:
        with self._bytes() as stream:
            if self.encoding == "utf-16":
                yield from stream.read().decode("utf-16", "replace").splitlines(keepends=True)
                return
            for number, raw in enumerate(stream):
                line = raw.decode(self.encoding, "surrogateescape")
                yield line if number else line.removeprefix("\ufeff")

    def _detected(self) -> str:
        """UTF-8 or GB18030, by what most lines beyond ASCII can be; a few broken ones do not decide."""
        spoiled = {"utf-8": 0, "gb18030": 0}
        telling = 0
        try:
            with self._bytes() as stream:
                for number, raw in enumerate(stream):
                    if not number and raw.startswith(_UTF16):
                        return "utf-16"
                    if raw.isascii():
                        continue
                    telling += 1
                    for encoding in spoiled:
                        spoiled[encoding] += not _decodes(raw, encoding)
        except FileNotFoundError:
            raise self._unreadable("there is no such file") from None
        except (OSError, EOFError, zlib.error) as error:
            raise self._unreadable(f"cannot be read: {error}") from error
        # Chinese in GB18030 is hardly ever UTF-8 by chance; the other way round it often is.
        return "utf-8" if spoiled["utf-8"] * 2 <= telling or spoiled["utf-8"] <= spoiled["gb18030"] else "gb18030"

    def _bytes(self) -> IO[bytes]:
        with self.path.open("rb") as stream:
            compressed = stream.read(2) == _GZIP
        return cast("IO[bytes]", gzip.open(self.path)) if compressed else self.path.open("rb")

    def _unreadable(self, message: str) -> DefinitionErrors:
        return DefinitionErrors([Fault(self.path.name, 1, 1, "", message, "unreadable")])


class _Lines:
    """Lines that can be given back. `number`: the last one handed out, from 1."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self.number = 0
        self.ended = False
        csv.field_size_limit(MOST_CELL)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self._taken.append(line)
        self.number += 1
        return line

    def mark(self) -> None:
        self._taken.clear()

    def back(self) -> None:
        """Give back all but the first line since the mark: a quotation mark too many costs one row, not the rest."""
        again = self._taken[1:]
        self._again.extendleft(reversed(again))
        self.number -= len(again)
        self.ended = False


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _distinct(names: Sequence[str]) -> list[str]:
    """Names as columns can be asked for: the second `x` is `x#2`."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return found
