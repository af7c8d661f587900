"""`baton import`: the tables that the pages take, too. Kept as they came, applied in portions, taken back whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.trouble import Trouble
from workflow.core.step import SYSTEM, Actor

if TYPE_CHECKING:
    from workflow import Workflow
    from workflow.intake.kinds import Kind

UNFIT = {
    "unreadable": "this cannot be read as a table.",
    "columns": "these columns are missing: {columns}.",
    "owners": "these columns cannot be brought in: {columns}.",
    "empty": "there are no rows.",
    "long": "there are too many rows.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a file. `mode` "": the kind has none. `marked`: where the rows with faults are written to."""

    file: Path
    mode: str
    check: bool
    marked: Path | None
    all_rows: bool
    as_json: bool


def bring(workflow: Workflow, kind: Kind, asked: Asked, actor: Actor) -> None:
    """Check a file and say what is wrong; then keep it and apply it. Raises `Trouble`, `Refused`."""
    from workflow.intake import sheet

    content = asked.file.read_bytes()
    try:
        found = kind.look(workflow, content, asked.mode, actor)
    except sheet.SheetUnfit as unfit:
        raise Trouble(f"{asked.file}: {UNFIT[unfit.why].format(columns=', '.join(unfit.columns))}") from None
    if asked.marked is not None:
        sheet.marked(
            asked.marked, found.sheet, found.faults, language="en", name=kind.page, as_sent=kind.as_sent,
            whole=asked.all_rows,
        )  # fmt: skip
    for fault in found.faults:
        column = sheet.title("en", fault.column or "whole_row")
        click.echo(f"row {fault.row}, {column}: {fault.sentence('en')}", err=True)
    told: dict[str, Any] = {"rows": found.sheet.count, "faults": len(found.faults), **found.does, "upload": None}
    if not asked.check:
        told["upload"] = kind.keep(workflow, asked.file.name, content, actor, asked.mode)
        told["left"] = apply(workflow, told["upload"], kind, actor)
    if asked.as_json:
        click.echo(json.dumps(told))
        return
    does = "".join(f", {count:,} {name}" for name, count in found.does.items())
    click.echo(f"{told['rows']:,} rows read{does}, {told['faults']:,} faults.")
    click.echo("Nothing was kept." if asked.check else f"Kept as import {told['upload']}.")


def apply(workflow: Workflow, upload: int, kind: Kind, actor: Actor) -> int:
    """All portions that are not yet; gives how many rows were left out, and names them."""
    before = len(workflow.upload(upload, actor).upload.report.get("left", ()))
    kind.apply(workflow, upload, actor, None)
    row = workflow.upload(upload, actor).upload
    left = len(row.report.get("left", ()))
    if left > before:
        for fault in kind.found(workflow, row, actor)[1][before - left :]:
            click.echo(f"row {fault.row}: {fault.sentence('en')}", err=True)
    return left


def whose(workflow: Workflow, upload: int) -> tuple[Kind, Actor]:
    """The kind of a file that is kept, and who brought it, for whom it is gone on with. Raises `Refused`."""
    from workflow.intake.kinds import KINDS

    one = workflow.upload(upload, SYSTEM).upload
    return KINDS[one.kind], SYSTEM if one.person is None else Actor(one.person)
