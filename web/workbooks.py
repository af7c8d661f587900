"""Tables that pages show, for Excel: what stands on the page, what it is made of, and a line on who took it when.

Every one is on record before it leaves, as each export is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from flask import Response
from flask_babel import gettext

from web import exports
from web.context import person, reader, workflow
from web.language import current, moment, now
from workflow.audit.exports.export import digest
from workflow.audit.exports.table import Cell, Heading, Kind, Leaf, write_xlsx

LONGEST = 31
"""Letters of a sheet's name in Excel."""
_UNFIT = re.compile(r"[\[\]:*?/\\]")


def sent(
    name: str, what: str, leaves: Sequence[Leaf], *, about: Iterable[str], selection: Mapping[str, Any]
) -> Response:
    """A workbook of at least one sheet. `name`: of the file, without its ending; `what`, `selection`: for the record;
    `about`: what its last page says beside who took it."""
    first, *more = leaves
    lines = [*about, gettext("measures.made", moment=moment(now()), who=person().name[current()])]

    def write(path: Path) -> None:
        rows = write_xlsx(
            path, first.title, first.headings, first.rows, about=(gettext("measures.about"), lines), more=more
        )
        kept = {key: value for key, value in selection.items() if value not in (None, "")}
        detail = {"what": what, "selection": kept, "language": current(), "rows": rows, "sha256": digest(path)}
        workflow().note_read("export.xlsx", reader(), detail=detail)

    return exports.sent(f"{name}.xlsx", write)


def leaf(title: str, headings: Sequence[Heading], rows: Iterable[Sequence[Cell]]) -> Leaf:
    """A sheet, with a name that Excel takes."""
    return Leaf(_UNFIT.sub(" ", title)[:LONGEST], headings, rows)


def heading(key: str, kind: Kind = "text") -> Heading:
    return Heading(gettext(key), kind)
