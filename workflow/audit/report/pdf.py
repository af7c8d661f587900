"""The report as PDF. Where the house has an address, each row leads to its list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, Spacer

from workflow.audit.exports.sheet import STYLES, cell, document, heading, pairs, runs, table
from workflow.audit.report.paper import Paper, Part
from workflow.messages.catalogue import find


def pdf(paper: Paper, *, home: str = "") -> bytes:
    """The whole document; the same report gives the same bytes. `home`: the address of the pages; empty: no links."""
    foot = f"{paper.title} · {paper.period}"
    return document(_story(paper, home), title=foot, foot=foot, language=paper.language)


def _story(paper: Paper, home: str) -> Iterator[Any]:
    yield Paragraph(runs(paper.title), STYLES["title"])
    yield Paragraph(runs(paper.lead), STYLES["lead"])
    yield pairs(paper.facts)
    for part in paper.parts:
        yield heading(part.title)
        for note in part.notes:
            yield Paragraph(runs(note), STYLES["small"])
        yield Spacer(0, 1.5 * mm)
        if part.rows:
            yield table(part.columns, list(_rows(paper, part, home)), _widths(part))
        else:
            yield Paragraph(runs(find(paper.language, "report", "nothing") or ""), STYLES["text"])


def _rows(paper: Paper, part: Part, home: str) -> Iterator[list[Any]]:
    for row in part.rows:
        told = [paper.text(one) for one in row.cells]
        yield [cell(told[0] or "—", to=f"{home}{row.to}" if home and row.to else ""), *(cell(one) for one in told[1:])]


def _widths(part: Part) -> tuple[float | None, ...]:
    """Texts share what figures and moments leave."""
    return tuple(None if _long(part, place) else 22 * mm for place in range(len(part.columns)))


def _long(part: Part, place: int) -> bool:
    return any(isinstance(row.cells[place], str) and len(str(row.cells[place])) > 10 for row in part.rows) or place == 0
