"""Tables for people: CSV and Excel, one row a case, a step or a customer. Types are kept, formulas are not made.

A text that a spreadsheet would take for a formula gets an apostrophe in CSV; in Excel every text is written as one.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TextIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_576
"""Rows of an Excel sheet, the heading included."""
MOST_LETTERS = 32_767
"""Letters of an Excel cell."""
EXACT = 10**15
"""Excel keeps fifteen digits of a number; longer ones are written as text."""
_FORMULA = re.compile("^\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

Kind = Literal["text", "long", "number", "money", "moment", "date"]
Cell = str | int | float | bool | Decimal | datetime | date | None


@dataclass(frozen=True, slots=True)
class Heading:
    """A column. `kind` decides its width and how Excel shows it."""

    title: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A table on a sheet of its own. `title`: its name in the workbook."""

    title: str
    headings: Sequence[Heading]
    rows: Iterable[Sequence[Cell]]


def write_csv(out: TextIO, headings: Sequence[Heading], rows: Iterable[Sequence[Cell]], *, mark: bool = True) -> int:
    """Gives how many rows. `mark`: that it is UTF-8, without which Excel takes Chinese for something else."""
    if mark:
        out.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe(one.title) for one in headings])
    count = 0
    for row in rows:
        writer.writerow([_csv(cell) for cell in row])
        count += 1
    return count


def safe(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would calculate; full-width signs count there too."""
    fit = _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)
    return f"'{fit}" if _FORMULA.search(fit) else fit


def _csv(cell: Cell) -> Any:
    match cell:
        case None:
            return ""
        case str():
            return safe(cell)
        case bool():
            return "TRUE" if cell else "FALSE"
        case datetime():
            return cell.isoformat(" ", timespec="milliseconds")
        case date():
            return cell.isoformat()
        case float():
            return repr(cell)
    return str(cell)


def write_xlsx(
    path: Path,
    title: str,
    headings: Sequence[Heading],
    rows: Iterable[Sequence[Cell]],
    *,
    about: tuple[str, Sequence[str]],
    more: Sequence[Leaf] = (),
    most_rows: int = MOST_ROWS,
) -> int:
    """A workbook: a sheet called `title` (`title 2` … when it is full), those of `more` likewise, and one `about` it;
    gives how many rows of all of them.

    Rows go to the disk as they come.
    """
    book = Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "money": book.add_format({"num_format": "#,##0.00"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    count = sum(_fill(book, leaf, formats, most_rows) for leaf in (Leaf(title, headings, rows), *more))
    name, lines = about
    last = book.add_worksheet(name)
    last.set_column(0, 0, 100)
    for number, line in enumerate(lines):
        last.write_string(number, 0, fit(line))
    book.close()
    return count


def _fill(book: Workbook, leaf: Leaf, formats: dict[str, Format], most_rows: int) -> int:
    sheets = _sheets(book, leaf.title, leaf.headings, formats["head"])
    sheet = next(sheets)
    count = place = 0
    for row in leaf.rows:
        count, place = count + 1, place + 1
        if place >= most_rows:
            sheet, place = next(sheets), 1
        for column, cell in enumerate(row):
            _write(sheet, place, column, cell, formats, leaf.headings[column].kind)
    return count


WIDTHS = {"text": 18, "long": 60, "number": 10, "money": 14, "moment": 20, "date": 12}


def _sheets(book: Workbook, title: str, headings: Sequence[Heading], head: Format) -> Iterator[Worksheet]:
    number = 1
    while True:
        sheet = book.add_worksheet(title if number == 1 else f"{title} {number}")
        sheet.freeze_panes(1, 0)
        for column, one in enumerate(headings):
            sheet.set_column(column, column, WIDTHS[one.kind])
            sheet.write_string(0, column, fit(one.title), head)
        yield sheet
        number += 1


def _write(sheet: Worksheet, row: int, column: int, cell: Cell, formats: dict[str, Format], kind: Kind) -> None:
    match cell:
        case None | "":
            return
        case str():
            sheet.write_string(row, column, fit(cell))
        case bool():
            sheet.write_boolean(row, column, cell)
        case datetime():
            sheet.write_datetime(row, column, cell, formats["moment"])
        case date():
            sheet.write_datetime(row, column, cell, formats["date"])
        case int() | float() | Decimal():
            if not -EXACT < cell < EXACT:
                sheet.write_string(row, column, str(cell))
            else:
                sheet.write_number(row, column, cell, formats["money"] if kind == "money" else None)


def fit(text: str) -> str:
    """The text as a cell may hold it."""
    whole = _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)
    return whole if len(whole) <= MOST_LETTERS else f"{whole[: MOST_LETTERS - 1]}…"
