"""A table somebody uploads, Excel or CSV (UTF-8, GB18030), and what is wrong in it, cell by cell.

What the columns mean is each kind of import's own; this is what they have in common: reading, the checked result, and
a copy of the file with the reason beside each cell.
"""

from __future__ import annotations

import codecs
import csv
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from workflow.audit.exports.table import Heading, safe, write_xlsx
from workflow.core.forms import UNFIT
from workflow.definitions.faults import DefinitionErrors
from workflow.intake.table import Bad, Table
from workflow.intake.workbook import NoWorkbook, Page, TooLong, is_workbook
from workflow.intake.workbook import page as page_of
from workflow.messages.catalogue import find

MOST_ROWS = 100_000
SECTION = "import"
_CALCULATED = ("", "=", "@")


class SheetUnfit(Exception):
    """A file that is no table of this kind. `why`: unreadable, columns, owners, empty, long; `columns`: those it lacks,
    or has and may not."""

    def __init__(self, why: str, columns: Sequence[str] = ()) -> None:
        self.why, self.columns = why, tuple(columns)
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Row:
    """`no`: the row's number in the file; `cells` by the names of the columns."""

    no: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell; `column` "" is the row itself. `code` has its sentence in the catalogues.

    Of `facts` that are words, each language has its own.
    """

    row: int
    column: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        facts = {name: fact[language] if isinstance(fact, Mapping) else fact for name, fact in self.facts.items()}
        return find(language, SECTION, self.code, facts) or self.code


@dataclass(slots=True)
class Sheet:
    """A file as read. `heads`: its own words for its columns, by ours; `rows` with as many cells as it has columns.

    `others`: columns nobody asks for; `form`: xlsx or csv, and of a csv its encoding and delimiter.
    """

    heads: dict[str, str]
    rows: list[Row]
    faults: list[Fault]
    others: list[str] = field(default_factory=list)
    form: str = "xlsx"
    encoding: str = ""
    delimiter: str = ","

    @property
    def count(self) -> int:
        return len(self.rows) + len({fault.row for fault in self.faults if not fault.column})


def title(language: str, column: str) -> str:
    return find(language, SECTION, column) or column


def read(
    content: bytes,
    columns: Sequence[str],
    languages: Sequence[str] = ("zh", "en"),
    *,
    needed: Sequence[str] | None = None,
    refused: Collection[str] = (),
    typed: bool = False,
    most: int = MOST_ROWS,
) -> Sheet:
    """The table, its columns known by their titles in either language, in any order. Raises `SheetUnfit`.

    `needed`: columns it must have, None: all; `refused`: titles, folded, of columns it may not have; `typed`: name
    what nobody typed into its cell, because it is calculated or lies within a merged one.
    """
    names = {folded(title(language, column)): column for language in languages for column in columns}
    names |= {column.casefold(): column for column in columns}
    page = _workbook(content, most) if is_workbook(content) else None
    sheet = Sheet({}, [], []) if page is not None else _csv_sheet(content)
    found: Iterator[tuple[int, list[str] | str]] = iter(page.rows if page is not None else _csv(content, sheet))
    header = next(found, None)
    if header is None or not isinstance(header[1], list):
        raise SheetUnfit("empty")
    places: dict[str, int] = {}
    for place, head in enumerate(header[1]):
        column = names.get(folded(head))
        if column is not None and column not in places:
            places[column] = place
        elif head.strip():
            sheet.others.append(head.strip())
    if unwanted := [head for head in sheet.others if folded(head) in refused]:
        raise SheetUnfit("owners", unwanted)
    missing = [column for column in (columns if needed is None else needed) if column not in places]
    if missing:
        raise SheetUnfit("columns", missing)
    sheet.heads = {column: header[1][place].strip() for column, place in places.items()}
    for no, cells in found:
        if isinstance(cells, str):
            sheet.faults.append(Fault(no, "", cells))
            continue
        taken = {column: cells[place].strip() if place < len(cells) else "" for column, place in places.items()}
        if page is None:
            taken = {column: _unquoted(text) for column, text in taken.items()}
        sheet.faults.extend(Fault(no, column, "unfit") for column, cell in taken.items() if UNFIT.search(cell))
        if typed:
            sheet.faults.extend(_untyped(no, taken, places, page))
        sheet.rows.append(Row(no, taken))
        if len(sheet.rows) > most:
            raise SheetUnfit("long")
    if not sheet.rows and not sheet.faults:
        raise SheetUnfit("empty")
    return sheet


def folded(head: str) -> str:
    """A title as it is compared: full width, case, spaces and a mark that it is needed do not count."""
    return "".join(unicodedata.normalize("NFKC", head).casefold().split()).strip("*")


def _unquoted(text: str) -> str:
    """Without the apostrophe that `safe` writes before a text; one before what might still be a formula stays."""
    plain = text.removeprefix("'")
    return text if plain == text or plain[:1] in _CALCULATED or safe(plain) != text else plain


def _untyped(no: int, taken: Mapping[str, str], places: Mapping[str, int], page: Page | None) -> Iterator[Fault]:
    for column, place in places.items():
        if "\N{REPLACEMENT CHARACTER}" in taken[column]:
            # What another program could not read, or this one in a copy it wrote.
            yield Fault(no, column, "unfit")
        elif page is None:
            if taken[column].removeprefix("'").startswith(("=", "@")):
                yield Fault(no, column, "formula")
        elif (no, place) in page.formulas:
            yield Fault(no, column, "formula")
        elif page.is_merged(no, place):
            yield Fault(no, column, "merged")


def _workbook(content: bytes, most: int) -> Page:
    try:
        # The header is one more.
        return page_of(content, most=most + 1)
    except TooLong:
        raise SheetUnfit("long") from None
    except NoWorkbook:
        raise SheetUnfit("unreadable") from None


def _csv_sheet(content: bytes) -> Sheet:
    first = content[: content.find(b"\n")] if b"\n" in content else content
    delimiter = max((",", ";", "\t"), key=lambda sign: first.count(sign.encode()))
    return Sheet({}, [], [], form="csv", delimiter=delimiter)


def _csv(content: bytes, sheet: Sheet) -> list[tuple[int, list[str] | str]]:
    """The header first. A row that is none is its reason."""
    found: list[tuple[int, list[str] | str]] = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(content)
        try:
            table = Table(path, delimiter=sheet.delimiter)
        except DefinitionErrors:
            raise SheetUnfit("unreadable") from None
        marked_first = table.encoding == "utf-8" and content.startswith(codecs.BOM_UTF8)
        sheet.encoding = "utf-8-sig" if marked_first else table.encoding
        found.append((1, table.columns))
        found.extend((one.row, one.reason if isinstance(one, Bad) else one.cells) for one in table.rows())
    return found


def marked(
    path: Path,
    sheet: Sheet,
    faults: Sequence[Fault],
    *,
    language: str,
    name: str = "sheet",
    as_sent: bool = False,
    whole: bool = False,
) -> int:
    """Write a copy of the rows with faults, the reason beside each cell; gives how many rows.

    `name`: of the title of its page; `as_sent`: a CSV file again where it was one, in its encoding, else Excel;
    `whole`: with the good rows too.
    """
    said: dict[int, dict[str, str]] = {}
    for fault in faults:
        cell = said.setdefault(fault.row, {})
        cell[fault.column] = "；".join(filter(None, (cell.get(fault.column), fault.sentence(language))))
    wrong = [column for column in sheet.heads if any(column in cells for cells in said.values())]
    headings = [Heading(title(language, "row"), "number")]
    for column, head in sheet.heads.items():
        headings.append(Heading(head))
        if column in wrong:
            headings.append(Heading(find(language, SECTION, "reason", {"column": head}) or column, "long"))
    of_rows = any("" in cells for cells in said.values())
    if of_rows:
        headings.append(Heading(title(language, "whole_row"), "long"))
    held = {row.no: row for row in sheet.rows}
    wanted = sorted(held.keys() | said.keys() if whole else said)

    def lines() -> Iterator[list[Any]]:
        for no in wanted:
            row, reasons = held.get(no), said.get(no, {})
            line: list[Any] = [no]
            for column in sheet.heads:
                line.append("" if row is None else row.cells[column])
                if column in wrong:
                    line.append(reasons.get(column, ""))
            if of_rows:
                line.append(reasons.get("", ""))
            yield line

    if as_sent and sheet.form == "csv":
        with path.open("w", encoding=sheet.encoding, newline="") as out:
            writer = csv.writer(out, delimiter=sheet.delimiter, lineterminator="\r\n")
            writer.writerow([safe(one.title) for one in headings])
            writer.writerows([safe(str(cell)) for cell in line] for line in lines())
        return len(wanted)
    return write_xlsx(path, title(language, name), headings, lines(), about=(title(language, "about"), ()))
