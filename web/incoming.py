"""A table of customers before it is brought in, as its page shows it: what would be new, and each cell that changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from web import record, values
from web.context import reader, workflow
from web.language import current
from workflow.core.confidence import LEVELS
from workflow.intake import customer_file, customer_table
from workflow.intake.customer_cells import CHOICES
from workflow.intake.sheet import SECTION, title
from workflow.messages.catalogue import find
from workflow.service.uploads import UploadRow

SHOWN = 50
"""Rows on a page of each; the file has them all."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`before`: "" where nothing stood there."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """`customer`: None for one that would be new."""

    row: int
    name: str
    customer: int | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """`more`: how many rows that do something are not shown."""

    lines: tuple[Line, ...]
    more: int


def changes(row: UploadRow) -> Changes:
    """What a file would do by now."""
    found = customer_file.preview(workflow(), row.upload.id, reader())
    doing = [one for one in found.meanings if one.does != customer_table.SAME]
    # Changes first: what is new says it all in the file.
    doing.sort(key=lambda one: (one.does != customer_table.CHANGED, one.row))
    lines = tuple(
        Line(
            one.row,
            one.name,
            one.customer,
            tuple(
                Cell(title(current(), name), said(name, one.before.get(name)), said(name, value))
                for name, value in one.values.items()
                if name != "name_zh" or one.does == customer_table.CHANGED
            ),
        )
        for one in doing[:SHOWN]
    )
    return Changes(lines, len(doing) - len(lines))


def said(name: str, held: Any) -> str:
    """A value in words; of a record that names no level, the lowest."""
    if name == "confidentiality":
        held = held or LEVELS[0]
    if not held:
        return ""
    if name in CHOICES:
        return record.said(name, held)
    return values.industry(str(held)) if name == "industry" else str(held)


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer whose record was not taken back with the file."""

    customer: int
    number: str
    why: str


def stands(row: UploadRow) -> list[Standing]:
    """What somebody changed since a file was applied, and what therefore was not taken back with it."""
    language = current()
    return [
        Standing(
            customer,
            number,
            find(language, SECTION, f"stands_{code}") or find(language, SECTION, "stands_other") or "",
        )
        for customer, number, code in row.upload.report.get("stands", ())
    ]
