"""What a PDF of ours looks like: A4, headings, tables, what it is about and the number of the page at the foot.

Latin letters are Helvetica, Chinese is STSong-Light: both are known to every reader of PDF, nothing is embedded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, TableStyle

Pair = tuple[str, str]
CHINESE = "STSong-Light"
LATIN = "Helvetica"
BOLD = "Helvetica-Bold"
INK, SOFT, LINE = HexColor("#17201b"), HexColor("#55605a"), HexColor("#d5dcd7")
LINK = "#0f5d3c"
WIDTH = A4[0] - 36 * mm
MOST = 20_000
"""Letters of a cell: a table's row must fit on a page, and longer texts are in the history itself."""
_WIDE = re.compile("[^\x00-\xff\u2010-\u2026]+")


def document(story: Iterable[Any], *, title: str, foot: str, language: str) -> bytes:
    """The whole document; the same story gives the same bytes. `foot`: beside the number of each page."""
    fonts()
    out = BytesIO()
    made = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=18 * mm,
        bottomMargin=20 * mm,
        title=title,
        subject=foot,
        lang="zh-CN" if language == "zh" else "en",
        invariant=1,
    )

    def below(canvas: Canvas, _: Any) -> None:
        canvas.saveState()
        canvas.setStrokeColor(LINE)
        canvas.line(18 * mm, 15 * mm, A4[0] - 18 * mm, 15 * mm)
        line = Paragraph(runs(f"{foot} · {canvas.getPageNumber()}"), STYLES["foot"])
        line.wrap(WIDTH, 10 * mm)
        line.drawOn(canvas, 18 * mm, 10 * mm)
        canvas.restoreState()

    made.build(list(story), onFirstPage=below, onLaterPages=below)
    return out.getvalue()


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    given = {"fontName": LATIN, "textColor": INK, "leading": size * 1.5, "wordWrap": "CJK", **more}
    return ParagraphStyle(name, fontSize=size, **given)


STYLES = {
    "title": _style("title", 18, fontName=BOLD, spaceAfter=2 * mm),
    "lead": _style("lead", 10, textColor=SOFT, spaceAfter=2 * mm),
    "heading": _style("heading", 12.5, fontName=BOLD, spaceBefore=6 * mm, spaceAfter=2 * mm, keepWithNext=1),
    "text": _style("text", 9.5, spaceAfter=1.5 * mm),
    "cell": _style("cell", 9),
    "label": _style("label", 9, textColor=SOFT),
    "small": _style("small", 8, textColor=SOFT),
    "foot": _style("foot", 8, textColor=SOFT, alignment=2),
}


@cache
def fonts() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))


def heading(text: str) -> Paragraph:
    return Paragraph(runs(text), STYLES["heading"])


def pairs(pairs: Sequence[Pair]) -> LongTable:
    rows = [[cell(label, "label"), cell(text)] for label, text in pairs]
    return LongTable(rows, colWidths=(44 * mm, WIDTH - 44 * mm), style=TableStyle(_PLAIN), hAlign="LEFT")


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[float | None]) -> LongTable:
    known = sum(one for one in widths if one is not None)
    rest = (WIDTH - known) / max(1, sum(one is None for one in widths))
    head = [cell(column, "label") for column in columns]
    # A line above each row that begins something, so that what belongs together stands together.
    begins = [n for n, row in enumerate(rows, start=1) if row[0] != ""]
    lines = [("LINEABOVE", (0, n), (-1, n), 0.4, LINE) for n in begins]
    return LongTable(
        [head, *rows],
        colWidths=[rest if one is None else one for one in widths],
        repeatRows=1,
        splitInRow=1,
        style=TableStyle([*_PLAIN, *lines]),
        hAlign="LEFT",
    )


_PLAIN = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]


def cell(text: str, style: str = "cell", *, to: str = "") -> Paragraph:
    """`to`: an address it leads to."""
    shown = runs(text if len(text) <= MOST else f"{text[:MOST]}…")
    return Paragraph(f"<a href={quoteattr(to)} color={quoteattr(LINK)}>{shown}</a>" if to else shown, STYLES[style])


def runs(text: str) -> str:
    """Marked up for a paragraph: what is not Latin in the Chinese font, line breaks kept."""
    parts = []
    last = 0
    for found in _WIDE.finditer(text):
        parts.append(escape(text[last : found.start()]))
        parts.append(f'<font name="{CHINESE}">{escape(found[0])}</font>')
        last = found.end()
    parts.append(escape(text[last:]))
    return "".join(parts).replace("\n", "<br/>")
