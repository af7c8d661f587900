"""`baton import`: bring in what another system knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from workflow.cli.desk import Desk
from workflow.cli.progress import Progress
from workflow.cli.trouble import Trouble
from workflow.core.step import SYSTEM

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
REPORT = click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the rows that were not taken are listed, with their reasons. Default: FILE.report.csv, here.",
)

MAPPING = click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="The YAML file that says what the columns mean.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")


@click.group(name="import")
def import_() -> None:
    """Bring in cases and customers of an older system. Interrupted, it goes on where it stopped."""


@import_.command()
@FILE
@MAPPING
@REPORT
@JSON
@click.pass_obj
def history(desk: Desk, *, file: Path, mapping: Path, report: Path | None, as_json: bool) -> None:
    """Bring in the cases of FILE (CSV, gzipped or not) with their real moments.

    Rows become commands at the time they tell, in the order of time, while the clock of every case runs.
    Every row is accounted for: imported, merged, or listed in the report with its number and the reason.
    """
    # Imported here, like its neighbour below: no other command brings anything in.
    from workflow.intake.history import import_history
    from workflow.intake.mapping import load_mapping

    workflow = desk.workflow()
    rules = load_mapping(mapping, workflow.library)
    listed = report or Path(f"{file.name}.report.csv")
    with Progress() as progress:
        done = import_history(workflow, file, rules, report=listed, progress=shown(progress))
    tell(done, listed, as_json=as_json)


@import_.command()
@FILE
@MAPPING
@click.option(
    "--divisions",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with provinces.csv and cities.csv (code, name), where the mapping looks divisions up by name.",
)
@REPORT
@JSON
@click.pass_obj
def customers(
    desk: Desk, *, file: Path, mapping: Path, divisions: Path | None, report: Path | None, as_json: bool
) -> None:
    """Register the customers of FILE (CSV, gzipped or not), each with a number by its division.

    A customer that is there already, by number, credit code or name within its division, is listed in the report.
    """
    from workflow.intake.customer_rules import load_customer_rules
    from workflow.intake.customers import import_customers
    from workflow.intake.divisions import Divisions

    workflow = desk.workflow()
    rules = load_customer_rules(mapping)
    places = None if divisions is None else Divisions.read(divisions)
    listed = report or Path(f"{file.name}.report.csv")
    with Progress() as progress:
        done = import_customers(workflow, file, rules, report=listed, divisions=places, progress=shown(progress))
    tell(done, listed, as_json=as_json)


def shown(progress: Progress) -> Callable[[Any], None]:
    """The intake tells of rows done and how long it will still take."""

    def told(now: Any) -> None:
        left = "" if now.left is None else f" ({now.rate:,.0f} a second, {timedelta(seconds=round(now.left))} to go)"
        progress("Rows:", now.done, now.total, left)

    return told


def tell(done: Any, listed: Path, *, as_json: bool) -> None:
    """What became of the rows: each is imported, merged, rejected, or was done before."""
    figures = asdict(done)
    if as_json:
        click.echo(json.dumps({**figures, "report": str(listed)}, ensure_ascii=False))
        return
    for name, value in figures.items():
        click.echo(f"{name:>10}  {value:,.1f}" if isinstance(value, float) else f"{name:>10}  {value:,}")
    click.echo(f"Rows that were merged, rejected or need a look are listed in {listed}.")


@import_.command()
@FILE
@click.option("--check", is_flag=True, help="Only say what is wrong with which cell; nothing is kept.")
@click.option(
    "--marked",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the rows with faults here (xlsx), the reason beside each cell.",
)
@JSON
@click.pass_obj
def revenue(desk: Desk, *, file: Path, check: bool, marked: Path | None, as_json: bool) -> None:
    """Bring in the revenue of FILE (Excel or CSV): a row for each customer, month and product.

    Rows with faults are named and left out. It can be taken back whole: `baton import take-back`.
    """
    from workflow.intake import revenue as figures
    from workflow.intake import sheet

    workflow = desk.workflow()
    content = file.read_bytes()
    try:
        found = figures.check(workflow, content, actor=SYSTEM, at=workflow.clock())
    except sheet.SheetUnfit as unfit:
        raise Trouble(f"{file}: {UNFIT[unfit.why].format(columns=', '.join(unfit.columns))}") from None
    if marked is not None:
        sheet.marked(marked, found.sheet, found.faults, language="en")
    for fault in found.faults:
        column = sheet.title("en", fault.column or "whole_row")
        click.echo(f"row {fault.row}, {column}: {fault.sentence('en')}", err=True)
    told: dict[str, Any] = {"rows": found.sheet.count, "faults": len(found.faults), "upload": None}
    if not check:
        told["upload"] = figures.keep(workflow, file.name, content, actor=SYSTEM)
        figures.apply(workflow, told["upload"], actor=SYSTEM)
    if as_json:
        click.echo(json.dumps(told))
        return
    click.echo(f"{told['rows']:,} rows read, {told['faults']:,} faults.")
    click.echo("Nothing was kept." if check else f"Kept as import {told['upload']}.")


@import_.command(name="take-back")
@click.argument("upload", type=int)
@click.pass_obj
def take_back(desk: Desk, *, upload: int) -> None:
    """Take a whole imported file back: each figure becomes what it would be without it."""
    workflow = desk.workflow()
    while workflow.take_back(upload, actor=SYSTEM):
        pass
    click.echo(f"Import {upload} was taken back.")


UNFIT = {
    "unreadable": "this cannot be read as a table.",
    "columns": "these columns are missing: {columns}.",
    "empty": "there are no rows.",
    "long": "there are too many rows.",
}
