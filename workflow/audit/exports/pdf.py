"""A case's report as PDF: its facts, a table of its steps, what else there is, and how it is proven."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, Spacer

from workflow.audit.exports.paper import Report
from workflow.audit.exports.sheet import STYLES, Pair, cell, document, heading, pairs, runs, table
from workflow.messages.catalogue import words


def pdf(report: Report) -> bytes:
    """The whole document; the same report gives the same bytes."""
    return document(_story(report), title=report.title, foot=report.number, language=report.language)


def _story(report: Report) -> Iterator[Any]:
    named = report.words
    yield Paragraph(runs(report.title), STYLES["title"])
    yield Paragraph(runs(report.lead), STYLES["lead"])
    yield heading(named["facts"])
    yield pairs(report.facts)
    if report.values:
        yield heading(named["values"])
        yield pairs(report.values)
    yield heading(named["history"])
    yield Paragraph(runs(named["zone"]), STYLES["small"])
    yield Spacer(0, 1.5 * mm)
    yield table((named["seq"], named["moment"], named["told"]), list(_steps(report)), (14 * mm, 36 * mm, None))
    for one in report.tables:
        yield heading(one.heading)
        rows = [[cell(text, "small" if len(text) == 64 else "cell") for text in row] for row in one.rows]
        yield table(one.columns, rows, (None,) * len(one.columns))
    yield heading(named["proof"])
    for line in report.proof:
        yield Paragraph(runs(line), STYLES["text"])


def _steps(report: Report) -> Iterator[list[Any]]:
    for step in report.steps:
        when = [cell(step.at)]
        if step.recorded:
            when.append(cell(f"{report.words['recorded']} {step.recorded}", "small"))
        told = [cell(step.sentence), *(cell(labelled(report, pair), "label") for pair in step.values)]
        # A row of its own for each thing told, so that a long step may go on over a page.
        yield [cell(str(step.seq)), when, told[0]]
        for more in told[1:]:
            yield ["", "", more]


def labelled(report: Report, pair: Pair) -> str:
    return words(report.language, "labelled", label=pair[0], text=pair[1])
