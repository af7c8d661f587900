"""Customers' records as rows of the table they are brought in by, so that what was taken out can come in again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from workflow.audit.exports.table import Cell, Heading
from workflow.core.confidence import level_of
from workflow.core.step import Actor
from workflow.customers import classes
from workflow.intake.customer_cells import CHOICES, COLUMNS, word
from workflow.intake.sheet import title
from workflow.service.door import Workflow
from workflow.service.views.customers import CustomerRow

AT_ONCE = 200
"""Records read by one query."""


def headings(language: str) -> list[Heading]:
    return [Heading(title(language, column)) for column in COLUMNS]


def rows(workflow: Workflow, found: Iterable[CustomerRow], reader: Actor, language: str) -> Iterator[Sequence[Cell]]:
    """A row for each customer whose file the reader may read."""
    rest = iter(found)
    while some := list(islice(rest, AT_ONCE)):
        records = workflow.records([row.id for row in some], reader)
        for row in some:
            if row.id in records:
                yield [written(column, records[row.id], language) for column in COLUMNS]


def written(column: str, data: Mapping[str, Any], language: str) -> str:
    """What stands in a cell; "" where a record says nothing, or no more than its other cells."""
    held = level_of(data) if column == "confidentiality" else data.get(column) or ""
    if column == "name_en" and held == data.get("name_zh"):
        return ""
    if column == "industry":
        names = classes.industries().get(classes.industry(held))
        return str(held) if names is None else names[0 if language == "zh" else 1]
    return word(language, column, held) if held and column in CHOICES else str(held)
