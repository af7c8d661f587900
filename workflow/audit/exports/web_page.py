"""A report as one HTML file that needs nothing beside it: to be read on a screen, and printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from workflow.audit.exports.paper import Pair, Report, Table

STYLE = """
:root { color-scheme: light dark; --ink: #17201b; --soft: #55605a; --line: #d5dcd7; --ground: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6ece8; --soft: #9fada5; --line: #36423b; --ground: #121714; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 52rem; padding: 2rem 1.25rem 4rem; color: var(--ink); background: var(--ground);
  font: 1rem/1.6 system-ui, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2.25rem 0 .5rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
p { margin: .4rem 0; overflow-wrap: anywhere; }
.lead, .soft { color: var(--soft); }
dl { display: grid; grid-template-columns: minmax(7rem, 12rem) 1fr; gap: .25rem 1rem; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; font-size: .875rem; }
td { overflow-wrap: break-word; }
ol { list-style: none; margin: 0; padding: 0; }
li { display: grid; grid-template-columns: 2.5rem 1fr; padding: .6rem 0; border-bottom: 1px solid var(--line); }
li > .seq { color: var(--soft); font-variant-numeric: tabular-nums; }
li dl { margin-top: .35rem; font-size: .9375rem; }
.mono { font-family: ui-monospace, "Cascadia Mono", "Noto Sans Mono", monospace; font-size: .8125rem;
  overflow-wrap: anywhere; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .35rem; } }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2 { break-after: avoid; }
  li, tr { break-inside: avoid; }
  @page { size: A4; margin: 18mm 16mm; }
}
"""
LANG = {"zh": "zh-Hans", "en": "en"}


def html(report: Report) -> str:
    """The whole page. Every text in it is escaped: what people wrote stays text."""
    return "".join(_page(report))


def _page(report: Report) -> Iterator[str]:
    words = report.words
    yield f'<!DOCTYPE html>\n<html lang="{LANG[report.language]}">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    yield f"<title>{escape(report.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
    yield f'<h1>{escape(report.title)}</h1>\n<p class="lead">{escape(report.lead)}</p>\n'
    yield from _section(words["facts"], _pairs(report.facts))
    if report.values:
        yield from _section(words["values"], _pairs(report.values))
    yield f'<section>\n<h2>{escape(words["history"])}</h2>\n<p class="soft">{escape(words["zone"])}</p>\n<ol>\n'
    for step in report.steps:
        late = f" ({escape(words['recorded'])} {escape(step.recorded)})" if step.recorded else ""
        yield f'<li id="step-{step.seq}"><span class="seq">{step.seq}</span><div>{escape(step.sentence)}\n'
        yield f'<p class="soft">{escape(step.at)}{late}</p>{_pairs(step.values) if step.values else ""}</div></li>\n'
    yield "</ol>\n</section>\n"
    for table in report.tables:
        yield from _section(table.heading, _table(table))
    yield from _section(words["proof"], "".join(f"<p>{escape(line)}</p>\n" for line in report.proof))
    yield "</main>\n</body>\n</html>\n"


def _section(heading: str, body: str) -> Iterator[str]:
    yield f"<section>\n<h2>{escape(heading)}</h2>\n{body}</section>\n"


def _pairs(pairs: Sequence[Pair]) -> str:
    lines = "".join(f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>\n" for label, text in pairs)
    return f"<dl>\n{lines}</dl>\n"


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    rows = "".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>\n" for row in table.rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"


def _cell(cell: str) -> str:
    mark = ' class="mono"' if len(cell) == 64 else ""
    return f"<td{mark}>{escape(cell)}</td>"
