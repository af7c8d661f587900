"""The report as a workbook: a sheet a part, real moments and numbers, every text written as one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from workflow.audit.exports.table import fit
from workflow.audit.report.paper import Cell, Paper, Part
from workflow.messages.catalogue import find

LONGEST_NAME = 31
"""Letters of a sheet's name."""


def write(paper: Paper, path: Path, *, home: str = "") -> None:
    """`home`: the address of the pages, before each path to a list."""
    # Nothing is a formula or a link, whatever somebody wrote.
    book = Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    first = book.add_worksheet(_name(paper.title))
    first.set_column(0, 0, 24)
    first.set_column(1, 1, 80)
    first.write_string(0, 0, fit(paper.title), formats["head"])
    for row, (label, text) in enumerate([("", paper.lead), *paper.facts], start=1):
        first.write_string(row, 0, fit(label))
        first.write_string(row, 1, fit(text))
    for part in paper.parts:
        _sheet(book.add_worksheet(_name(part.title)), part, paper, formats, home)
    book.close()


def _sheet(sheet: Worksheet, part: Part, paper: Paper, formats: dict[str, object], home: str) -> None:
    listed = find(paper.language, "report", "listed_at") or ""
    sheet.freeze_panes(1, 0)
    for column, title in enumerate((*part.columns, listed)):
        sheet.write_string(0, column, fit(title), formats["head"])
        sheet.set_column(column, column, 36 if column == 0 else 20)
    for place, row in enumerate(part.rows, start=1):
        for column, cell in enumerate(row.cells):
            _write(sheet, place, column, cell, paper, formats)
        sheet.write_string(place, len(part.columns), fit(f"{home}{row.to}" if row.to else ""))
    for below, note in enumerate(part.notes, start=len(part.rows) + 2):
        sheet.write_string(below, 0, fit(note))


def _write(sheet: Worksheet, row: int, column: int, cell: Cell, paper: Paper, formats: dict[str, object]) -> None:
    match cell:
        case None | "":
            return
        case datetime():
            local = cell.astimezone(paper.zone).replace(tzinfo=None)
            sheet.write_datetime(row, column, local, formats["moment"])
        case int():
            sheet.write_number(row, column, cell)
        case _:
            sheet.write_string(row, column, fit(cell))


def _name(title: str) -> str:
    """What a sheet may be called."""
    return "".join(one for one in title if one not in "[]:*?/\\'")[:LONGEST_NAME]
