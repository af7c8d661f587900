"""What people take along: lists as tables, histories for process mining, the file of a case. Every one is recorded.

A file is written whole before its first byte is sent, so that nobody gets half of one, and nobody slow holds the
database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, render_template, request

from web import cases, uploads
from web.context import directory, reader, workflow
from web.filters import LONGEST, MARKS, midnight, whole
from web.language import current, now, zone
from workflow.core.case import is_id
from workflow.service.courses import Selection
from workflow.service.views.lists import Filters
from workflow.settings import Seal

if TYPE_CHECKING:
    from workflow.audit.exports.export import Form, What

bp = Blueprint("exports", __name__, url_prefix="/exports")

BLOCK = 256 * 1024
TABLES = ("xlsx", "csv", "csv_gb18030")
LOGS = ("xes", "ocel", *TABLES)
"""What is asked for; a CSV in one of two encodings."""


@bp.get("/")
def index() -> str:
    units = sorted(directory().units.values(), key=lambda one: one.code)
    return render_template("audit/exports.html", lifecycles=cases.lifecycles(), units=units, forms=LOGS)


@bp.post("/log")
def log() -> Response:
    """Whole histories."""
    return table("steps", LOGS)


@bp.post("/cases")
def case_list() -> Response:
    return table("cases", TABLES)


@bp.post("/customers")
def customer_list() -> Response:
    """As they are listed, or in the columns they are brought in by."""
    return table("records" if request.form.get("columns") == "template" else "customers", TABLES)


@bp.post("/cases/<int:case>")
def case_file(case: int) -> Response:
    """The file of one case, with the house's signature."""
    from workflow.audit.exports.casefile import export_case
    from workflow.audit.exports.sealed import seal_of, sign_by

    door = workflow()
    number = door.case(case, reader()).row.number
    settings = cast(Seal, current_app.extensions["baton_seal"])
    seal, sign = seal_of(door.database, case), sign_by(door.database, settings)
    personal = request.form.get("personal") == "1"

    def write(path: Path) -> None:
        export_case(door, case, reader(), path, zone=zone(), seal=seal, sign=sign, personal=personal)

    return sent(f"{number}.zip", write)


def table(what: What, forms: tuple[str, ...]) -> Response:
    from workflow.audit.exports.export import ENDINGS, Wish, export

    asked = request.form.get("form", "")
    named, _, encoding = (asked if asked in forms else forms[0]).partition("_")
    form = cast("Form", named)
    wish = Wish(
        form=form,
        selection=selection(),
        language=current(),
        zone=zone(),
        what=what,
        personal=request.form.get("personal") == "1",
        encoding="gb18030" if encoding else "utf-8",
    )
    name = f"{what}-{now().astimezone(zone()):%Y%m%d-%H%M}.{ENDINGS[form]}"
    return sent(name, lambda path: export(workflow(), wish, reader(), path))


def sent(name: str, write: Callable[[Path], object]) -> Response:
    """The file that `write` makes, a block at a time; it has no name any more when the first one goes out."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        write(path)
        size = path.stat().st_size
        going = blocks(path)
        next(going)
    answer = uploads.download(name, b"")
    answer.response = going
    answer.content_length = size
    return answer


def blocks(path: Path) -> Iterator[bytes]:
    """An empty one once the file is open, then its content; it is closed with the last, or when nobody wants more."""
    with path.open("rb") as file:
        yield b""
        while block := file.read(BLOCK):
            yield block


def selection() -> Selection:
    """What the form narrows to; what makes no sense there narrows nothing."""
    numbers = request.form.get("numbers", "").replace(",", " ").split()
    return Selection(
        filters=Filters(
            definition=field("definition"),
            state=field("state"),
            unit=number("unit"),
            tier=field("tier"),
            customer=number("customer"),
            overdue=request.form.get("overdue") == "1",
            closed=MARKS.get(request.form.get("closed", "")),
            text=field("q"),
        ),
        since=midnight(request.form.get("since", "")),
        until=midnight(request.form.get("until", ""), after=1),
        numbers=tuple(one[:LONGEST] for one in numbers[:LONGEST]),
    )


def field(name: str) -> str | None:
    return request.form.get(name, "").replace("\0", "").strip()[:LONGEST] or None


def number(name: str) -> int | None:
    found = whole(request.form.get(name, ""))
    return found if is_id(found) else None
