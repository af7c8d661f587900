"""A table somebody uploads, Excel or CSV (UTF-8, GB18030), and what is wrong in it, cell by cell.

What the columns mean is each kind of import's own; this is what they have in common: reading, the checked result, and
a copy of the file with the reason beside each cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from workflow.audit.exports.table import Heading, write_xlsx
from workflow.core.forms import UNFIT
from workflow.definitions.faults import DefinitionErrors
from workflow.intake.table import Bad, Table
from workflow.intake.workbook import NoWorkbook, is_workbook, rows
from workflow.messages.catalogue import find

MOST_ROWS = 100_000
SECTION = "import"


class SheetUnfit(Exception):
    """A file that is no table of this kind. `why`: unreadable, columns, empty, long; `columns`: those it lacks."""

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
    """What is wrong with a cell; `column` "" is the row itself. `code` has its sentence in the catalogues."""

    row: int
    column: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        return find(language, SECTION, self.code, self.facts) or self.code


@dataclass(slots=True)
class Sheet:
    """A file as read. `heads`: its own words for its columns, by ours; `rows` with as many cells as it has columns."""

    heads: dict[str, str]
    rows: list[Row]
    faults: list[Fault]

    @property
    def count(self) -> int:
        return len(self.rows) + len({fault.row for fault in self.faults if not fault.column})


def title(language: str, column: str) -> str:
    return find(language, SECTION, column) or column


def read(content: bytes, columns: Sequence[str], languages: Sequence[str] = ("zh", "en")) -> Sheet:
    """The table, its columns known by their titles in either language, in any order. Raises `SheetUnfit`."""
    names = {title(language, column).casefold(): column for language in languages for column in columns}
    names |= {column.casefold(): column for column in columns}
    found = iter(_workbook(content) if is_workbook(content) else _csv(content))
    header = next(found, None)
    if header is None or not isinstance(header[1], list):
        raise SheetUnfit("empty")
    places: dict[str, int] = {}
    for place, head in enumerate(header[1]):
        column = names.get(head.strip().casefold())
        if column is not None:
            places.setdefault(column, place)
    missing = [column for column in columns if column not in places]
    if missing:
        raise SheetUnfit("columns", missing)
    sheet = Sheet({column: header[1][place].strip() for column, place in places.items()}, [], [])
    for no, cells in found:
        if isinstance(cells, str):
            sheet.faults.append(Fault(no, "", cells))
            continue
        taken = {column: cells[place].strip() if place < len(cells) else "" for column, place in places.items()}
        sheet.faults.extend(Fault(no, column, "unfit") for column, cell in taken.items() if UNFIT.search(cell))
        sheet.rows.append(Row(no, taken))
        if len(sheet.rows) > MOST_ROWS:
            raise SheetUnfit("long")
    if not sheet.rows and not sheet.faults:
        raise SheetUnfit("empty")
    return sheet


def _workbook(content: bytes) -> Iterator[tuple[int, list[str] | str]]:
    try:
        yield from rows(content)
    except NoWorkbook:
        raise SheetUnfit("unreadable") from None


def _csv(content: bytes) -> list[tuple[int, list[str] | str]]:
    """The header first. A row that is none is its reason."""
    found: list[tuple[int, list[str] | str]] = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(content)
        first = content[: content.find(b"\n")] if b"\n" in content else content
        delimiter = max((",", ";", "\t"), key=lambda sign: first.count(sign.encode()))
        try:
            table = Table(path, delimiter=delimiter)
        except DefinitionErrors:
            raise SheetUnfit("unreadable") from None
        found.append((1, table.columns))
        found.extend((one.row, one.reason if isinstance(one, Bad) else one.cells) for one in table.rows())
    return found


def marked(path: Path, sheet: Sheet, faults: Sequence[Fault], *, language: str) -> int:
    """Write a copy of the rows with faults, the reason beside each cell; gives how many rows."""
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
    if any("" in cells for cells in said.values()):
        headings.append(Heading(title(language, "whole_row"), "long"))
    held = {row.no: row for row in sheet.rows}

    def lines() -> Iterator[list[Any]]:
        for no in sorted(said):
            row = held.get(no)
            line: list[Any] = [no]
            for column in sheet.heads:
                line.append("" if row is None else row.cells[column])
                if column in wrong:
                    line.append(said[no].get(column, ""))
            if "" in {key for cells in said.values() for key in cells}:
                line.append(said[no].get("", ""))
            yield line

    return write_xlsx(path, title(language, "sheet"), headings, lines(), about=(title(language, "about"), ()))
