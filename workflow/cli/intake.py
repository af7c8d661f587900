"""`baton import`: bring in what another system knows."""

from __future__ import annotations

from pathlib import Path

import click

from workflow.cli.desk import Desk
from workflow.cli.progress import Progress

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
REPORT = click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the rows that were not taken are listed, with their reasons. Default: FILE.report.csv, here.",
)


@click.group(name="import")
def import_() -> None:
    """Bring in cases and customers of an older system. Interrupted, it goes on where it stopped."""


@import_.command()
@FILE
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="The YAML file that says what the columns mean.",
)
@REPORT
@click.pass_obj
def history(desk: Desk, file: Path, mapping: Path, report: Path | None) -> None:
    """Bring in the cases of FILE (CSV, gzipped or not) with their real moments.

    Rows become commands at the time they tell, in the order of time, while the clock of every case runs.
    Every row is accounted for: imported, merged, or listed in the report with its number and the reason.
    """
    from workflow.intake.history import import_history

    workflow = desk.workflow()
    listed = report or Path(f"{file.name}.report.csv")
    with Progress() as progress:
        done = import_history(workflow, file, mapping=mapping, report=listed, progress=progress)
    click.echo(str(done))
    click.echo(f"Rows that were not taken are listed in {listed}.")


@import_.command()
@FILE
@REPORT
@click.pass_obj
def customers(desk: Desk, file: Path, report: Path | None) -> None:
    """Register the customers of FILE (CSV), each with a number by its division.

    A customer that is there already, by number, credit code or name within its division, is listed in the report.
    """
    from workflow.intake.customers import import_customers

    workflow = desk.workflow()
    listed = report or Path(f"{file.name}.report.csv")
    with Progress() as progress:
        done = import_customers(workflow, file, report=listed, progress=progress)
    click.echo(str(done))
    click.echo(f"Rows that were not taken are listed in {listed}.")
