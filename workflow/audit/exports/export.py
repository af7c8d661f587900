"""One export from selection to file: read, written beside, recorded, and only then put in place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from hashlib import file_digest
from pathlib import Path
from secrets import token_hex
from typing import Literal

from workflow import Actor, Workflow
from workflow.audit.exports import ocel, rows, table, xes
from workflow.audit.exports.wording import Wording
from workflow.core.codec import dumps
from workflow.intake import customer_rows as records
from workflow.service.courses import Selection
from workflow.service.views.customers import CustomerRow

Form = Literal["xes", "ocel", "csv", "xlsx"]
Encoding = Literal["utf-8", "gb18030"]
What = Literal["steps", "cases", "customers", "records"]
"""Of a table, what a row is. `records`: customers in the columns they are brought in by."""

ENDINGS = {"xes": "xes", "ocel": "json", "csv": "csv", "xlsx": "xlsx", "case": "zip"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be exported. `what`: of a table; the logs always hold cases with their steps.

    `personal`: with personal values where the reader is involved. `encoding`: of a CSV.
    """

    form: Form
    selection: Selection
    language: str
    zone: tzinfo
    what: What = "steps"
    personal: bool = False
    encoding: Encoding = "utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """`rows`: of a table, else steps; `sha256` of the file, in hex."""

    cases: int
    rows: int
    sha256: str


def export(workflow: Workflow, wish: Wish, reader: Actor, path: Path) -> Made:
    """Write the file, whole or not at all, and keep who took it. Raises `Refused`, OSError."""
    with written(path) as beside:
        wording = Wording(workflow.library, workflow.directory(), wish.language, wish.zone)
        cases, count = _FORMS[wish.form](workflow, wish, reader, wording, beside)
        made = Made(cases=cases, rows=count, sha256=digest(beside))
        detail = {
            "what": wish.what if wish.form in ("csv", "xlsx") else "steps", "selection": wish.selection.plain(),
            "personal": wish.personal, "language": wish.language, "cases": cases, "rows": count,
            "sha256": made.sha256, **({"encoding": wish.encoding} if wish.form == "csv" else {}),
        }  # fmt: skip
        workflow.note_read(f"export.{wish.form}", reader, detail=detail)
    return made


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """A place beside `path` to write to; it becomes `path` when all went well, and is removed otherwise."""
    beside = path.with_name(f".{path.name}.{token_hex(4)}")
    try:
        yield beside
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def customer_rows(workflow: Workflow, reader: Actor, selection: Selection) -> Iterator[CustomerRow]:
    """The customers the reader may see, page after page."""
    after: str | None = None
    while True:
        page = workflow.customers(reader, filters=selection.filters, after=after, limit=200)
        yield from page.rows
        after = page.next
        if after is None:
            return


def _xes(workflow: Workflow, wish: Wish, reader: Actor, wording: Wording, path: Path) -> tuple[int, int]:
    with (
        workflow.courses(reader, wish.selection, personal=wish.personal) as (_, courses),
        path.open("x", encoding="utf-8", newline="") as out,
    ):
        return xes.write(out, courses, wording)


def _ocel(workflow: Workflow, wish: Wish, reader: Actor, wording: Wording, path: Path) -> tuple[int, int]:
    with (
        workflow.courses(reader, wish.selection, personal=wish.personal) as (among, courses),
        path.open("x", encoding="utf-8", newline="") as out,
    ):
        return ocel.write(out, courses, wording, among=among)


def _csv(workflow: Workflow, wish: Wish, reader: Actor, wording: Wording, path: Path) -> tuple[int, int]:
    def write(headings: list[table.Heading], cells: Iterator[Sequence[table.Cell]]) -> int:
        with path.open("x", encoding=wish.encoding, newline="") as out:
            return table.write_csv(out, headings, cells, mark=wish.encoding == "utf-8")

    return _table(workflow, wish, reader, wording, write)


def _xlsx(workflow: Workflow, wish: Wish, reader: Actor, wording: Wording, path: Path) -> tuple[int, int]:
    title = wording.word(f"sheet_{wish.what}")
    person = wording.directory.person(reader.person)
    facts = wish.selection.plain()
    about = [
        wording.word(
            "made",
            at=f"{workflow.clock().astimezone(wish.zone):%Y-%m-%d %H:%M}",
            who=wording.name(person) or "baton",
        ),
        wording.word("zone", zone=str(wish.zone)),
        wording.word("personal" if wish.personal else "masked"),
        wording.word("selected", selection=dumps(facts) if facts else "*"),
    ]

    def write(headings: list[table.Heading], cells: Iterator[Sequence[table.Cell]]) -> int:
        return table.write_xlsx(path, title, headings, cells, about=(wording.word("about"), about))

    return _table(workflow, wish, reader, wording, write)


def _table(
    workflow: Workflow,
    wish: Wish,
    reader: Actor,
    wording: Wording,
    write: Callable[[list[table.Heading], Iterator[Sequence[table.Cell]]], int],
) -> tuple[int, int]:
    if wish.what == "customers":
        found = customer_rows(workflow, reader, wish.selection)
        return 0, write(rows.headings(rows.CUSTOMER, wording), rows.customers(found, wording))
    if wish.what == "records":
        found = customer_rows(workflow, reader, wish.selection)
        return 0, write(records.headings(wish.language), records.rows(workflow, found, reader, wish.language))
    with workflow.courses(reader, wish.selection, personal=wish.personal) as (among, courses):
        if wish.what == "cases":
            headings, fields = rows.case_headings(wording, wish.selection.filters.definition)
            return len(among), write(headings, rows.cases(courses, wording, fields))
        return len(among), write(rows.headings(rows.STEP, wording), rows.steps(courses, wording))


_FORMS: dict[Form, Callable[[Workflow, Wish, Actor, Wording, Path], tuple[int, int]]] = {
    "xes": _xes,
    "ocel": _ocel,
    "csv": _csv,
    "xlsx": _xlsx,
}
