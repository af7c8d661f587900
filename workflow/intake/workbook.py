"""The first sheet of an Excel workbook as rows of text, read without trusting anything in it.

A workbook is a ZIP of XML: what it unpacks to is bounded, and entities, with which a small file becomes a huge one,
are refused.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

SIGNATURE = b"PK\x03\x04"
MOST_BYTES = 200 * 1024 * 1024
"""Bytes a part of a workbook may unpack to."""

MOST_COLUMNS = 200
MOST_ROWS = 200_000
MOST_MERGED = 1_000
"""Merged ranges that are looked at; a table with more is none."""
_SPELT = re.compile("_x([0-9A-Fa-f]{4})_")
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]+)")


class NoWorkbook(Exception):
    """The content is no workbook that can be read."""


class TooLong(NoWorkbook):
    """It has more rows than are read."""


def is_workbook(content: bytes) -> bool:
    return content.startswith(SIGNATURE)


@dataclass(frozen=True, slots=True)
class Page:
    """The first sheet that is not hidden. `rows`: number and cells of every row with anything in it; `formulas` and
    `merged`: cells, as row and column from 0, that are calculated or show an error, or that lie within a merged one."""

    rows: list[tuple[int, list[str]]]
    formulas: frozenset[tuple[int, int]]
    merged: tuple[tuple[int, int, int, int], ...]

    def is_merged(self, row: int, column: int) -> bool:
        return any(top <= row <= below and left <= column <= right for top, left, below, right in self.merged)


def rows(content: bytes) -> list[tuple[int, list[str]]]:
    """Number and cells of every row with anything in it. Raises `NoWorkbook`."""
    return page(content).rows


def page(content: bytes, *, most: int = MOST_ROWS) -> Page:
    """`most`: rows that are read. Raises `NoWorkbook`, `TooLong`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            names = book.namelist()
            sheets = sorted((n for n in names if re.fullmatch(r"xl/worksheets/sheet[0-9]+\.xml", n)), key=_number)
            if not sheets:
                raise NoWorkbook
            shared = _shared(_part(book, "xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in names else []
            sheet = _Sheet(shared, most)
            found = list(sheet.read(_part(book, _shown(book, names) or sheets[0])))
            return Page(found, frozenset(sheet.formulas), tuple(sheet.merged))
    except (
        zipfile.BadZipFile,
        expat.ExpatError,
        KeyError,
        ValueError,
        IndexError,
        OSError,
        EOFError,
        RuntimeError,
        zlib.error,
    ) as bad:
        raise NoWorkbook from bad


def _shown(book: zipfile.ZipFile, names: list[str]) -> str | None:
    """The part that is the first sheet people see, None where the workbook does not say."""
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= set(names):
        return None
    sheets = [one for name, one in _elements(_part(book, "xl/workbook.xml")) if name == "sheet"]
    parts = {
        one.get("Id"): one.get("Target", "").removeprefix("/xl/")
        for name, one in _elements(_part(book, "xl/_rels/workbook.xml.rels"))
        if name == "Relationship"
    }
    for one in sheets:
        part = f"xl/{parts.get(one.get('r:id'), '')}"
        if one.get("state", "visible") == "visible" and part in names:
            return part
    return None


def _elements(content: bytes) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser()
    parser.StartElementHandler = lambda name, given: found.append((name.rpartition(":")[2], given))
    parser.Parse(content, True)
    return found


def _number(name: str) -> int:
    return int(re.sub(r"\D", "", name))


def _part(book: zipfile.ZipFile, name: str) -> bytes:
    with book.open(name) as part:
        content = part.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise NoWorkbook
    return content


def _parser() -> Any:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: Any) -> None:
        raise NoWorkbook

    parser.EntityDeclHandler = refuse
    parser.StartDoctypeDeclHandler = refuse
    return parser


def _shared(content: bytes) -> list[str]:
    """The texts that cells refer to by number; phonetic readings beside them are left out."""
    found: list[str] = []
    inside: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        inside.append(name)
        if name == "si":
            found.append("")

    def end(_: str) -> None:
        inside.pop()

    def text(data: str) -> None:
        if inside and inside[-1] == "t" and "rPh" not in inside:
            found[-1] += data

    parser = _parser()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.Parse(content, True)
    return [_written_out(text) for text in found]


def _written_out(text: str) -> str:
    """With the characters that a workbook spells `_x000D_`: those that XML cannot have, and what looks like them."""
    return _SPELT.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class _Sheet:
    def __init__(self, shared: list[str], most: int) -> None:
        self.shared = shared
        self.most = most
        self.formulas: set[tuple[int, int]] = set()
        self.merged: list[tuple[int, int, int, int]] = []
        self.done: list[tuple[int, list[str]]] = []
        self.row = 0
        self.cells: dict[int, str] = {}
        self.column: int | None = None
        self.kind = "n"
        self.value: list[str] = []
        self.inside: list[str] = []

    def read(self, content: bytes) -> Iterator[tuple[int, list[str]]]:
        parser = _parser()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(content, True)
        yield from self.done

    def _start(self, name: str, given: dict[str, str]) -> None:
        self.inside.append(name)
        if name == "row":
            self.row = int(given.get("r", self.row + 1))
            self.cells = {}
        elif name == "c":
            self.column = _column(given["r"]) if "r" in given else max(self.cells, default=-1) + 1
            self.kind = given.get("t", "n")
            self.value = []
        elif name == "f" and self.column is not None:
            self.formulas.add((self.row, self.column))
        elif name == "mergeCell":
            first, _, last = given["ref"].partition(":")
            self.merged.append((_row(first), _column(first), _row(last or first), _column(last or first)))
            if len(self.merged) > MOST_MERGED:
                raise NoWorkbook

    def _text(self, data: str) -> None:
        if self.inside and self.inside[-1] in ("v", "t") and "rPh" not in self.inside:
            self.value.append(data)

    def _end(self, name: str) -> None:
        self.inside.pop()
        if name == "c" and self.column is not None:
            text = "".join(self.value)
            self.cells[self.column] = self.shared[int(text)] if self.kind == "s" and text else _written_out(text)
            if self.kind == "e":
                self.formulas.add((self.row, self.column))
        elif name == "row" and any(cell.strip() for cell in self.cells.values()):
            if len(self.done) > self.most:
                raise TooLong
            last = max(self.cells)
            self.done.append((self.row, [self.cells.get(place, "") for place in range(last + 1)]))


def _row(place: str) -> int:
    return int(re.sub(r"\D", "", place))


def _column(place: str) -> int:
    """`B7` is 1. Raises ValueError for one too far right."""
    match = _PLACE.fullmatch(place)
    if match is None:
        raise ValueError(place)
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    if number > MOST_COLUMNS:
        raise ValueError(place)
    return number - 1
