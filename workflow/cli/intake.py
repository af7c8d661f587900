"""`baton import`: bring in what another system knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from workflow.cli import sheets
from workflow.cli.desk import Desk
from workflow.cli.progress import Progress

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
        done = import_history(workflow, file, rules, report=listed, progress=_shown(progress))
    tell(done, listed, as_json=as_json)


AS = click.option(
    "--as", "login", metavar="LOGIN", help="Who brings it in: units and roles decide what may be changed."
)
CHECK = click.option("--check", is_flag=True, help="Only say what is wrong with which cell; nothing is kept.")
MARKED = click.option(
    "--marked",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the rows with faults here, the reason beside each cell.",
)
ALL_ROWS = click.option("--all-rows", is_flag=True, help="With --marked: the good rows too.")


@import_.command()
@FILE
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="For a list of another system: the YAML file that says what the columns mean.",
)
@click.option(
    "--divisions",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --mapping: a folder with provinces.csv and cities.csv (code, name), to look divisions up by name.",
)
@REPORT
@AS
@click.option(
    "--mode",
    type=click.Choice(["both", "add", "update"]),
    default="both",
    show_default=True,
    help="Of a template: put new customers on file, change those there are, or both.",
)
@CHECK
@MARKED
@ALL_ROWS
@JSON
@click.pass_obj
def customers(desk: Desk, /, file: Path, *, as_json: bool, **given: Any) -> None:
    """Bring in the customers of FILE.

    A filled-in template (`baton import template customers`; Excel or CSV) is checked cell by cell and can be taken
    back whole: `baton import take-back`. With --mapping, FILE (CSV, gzipped or not) is another system's list, each
    customer is registered with a number by its division, and those there are already are listed in the report.
    """
    if given["mapping"] is None:
        _template_of_customers(desk, file, given, as_json=as_json)
    else:
        _list_of_customers(desk, file, given, as_json=as_json)


def _template_of_customers(desk: Desk, file: Path, given: dict[str, Any], *, as_json: bool) -> None:
    from workflow.cli.export import reader_of
    from workflow.intake.kinds import KINDS

    if given["divisions"] is not None or given["report"] is not None:
        raise click.UsageError("--divisions and --report go with --mapping.")
    if given["login"] is None:
        raise click.UsageError("Without --mapping it needs --as LOGIN: new customers belong to that person's unit.")
    workflow = desk.workflow()
    actor = reader_of(workflow, given["login"], personal=False)
    asked = sheets.Asked(file, given["mode"], given["check"], given["marked"], given["all_rows"], as_json)
    sheets.bring(workflow, KINDS["customers"], asked, actor)


def _list_of_customers(desk: Desk, file: Path, given: dict[str, Any], *, as_json: bool) -> None:
    from workflow.intake.customer_rules import load_customer_rules
    from workflow.intake.customers import import_customers
    from workflow.intake.divisions import Divisions

    if given["login"] or given["check"] or given["marked"] is not None or given["mode"] != "both":
        raise click.UsageError("--as, --check, --marked and --mode go with a template, without --mapping.")
    workflow = desk.workflow()
    rules = load_customer_rules(given["mapping"])
    places = None if given["divisions"] is None else Divisions.read(given["divisions"])
    listed = given["report"] or Path(f"{file.name}.report.csv")
    with Progress() as progress:
        done = import_customers(workflow, file, rules, report=listed, divisions=places, progress=_shown(progress))
    tell(done, listed, as_json=as_json)


def _shown(progress: Progress) -> Callable[[Any], None]:
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
@AS
@CHECK
@MARKED
@ALL_ROWS
@JSON
@click.pass_obj
def revenue(
    desk: Desk, *, file: Path, login: str | None, check: bool, marked: Path | None, all_rows: bool, as_json: bool
) -> None:
    """Bring in the revenue of FILE (Excel or CSV): a row for each customer, month and product.

    Rows with faults are named and left out. It can be taken back whole: `baton import take-back`.
    """
    from workflow.cli.export import reader_of
    from workflow.intake.kinds import KINDS

    workflow = desk.workflow()
    actor = reader_of(workflow, login, personal=False)
    sheets.bring(workflow, KINDS["revenue"], sheets.Asked(file, "", check, marked, all_rows, as_json), actor)


@import_.command()
@click.argument("kind", type=click.Choice(["customers", "revenue"]))
@click.option("--language", type=click.Choice(["zh", "en"]), help="Of the titles. Default: the settings'.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file.")
@click.pass_obj
def template(desk: Desk, *, kind: str, language: str | None, output: Path) -> None:
    """Write an empty table to fill in (xlsx), with a page that says what goes into each column."""
    from workflow.intake.kinds import KINDS

    KINDS[kind].template(desk.workflow(looks_only=True), output, language or desk.settings.display.language)


@import_.command(name="go-on")
@click.argument("upload", type=int)
@click.pass_obj
def go_on(desk: Desk, *, upload: int) -> None:
    """Apply what is left of an imported file that was interrupted; done twice, it does nothing."""
    workflow = desk.workflow()
    kind, actor = sheets.whose(workflow, upload)
    left = sheets.apply(workflow, upload, kind, actor)
    click.echo(f"Import {upload} is applied; {left:,} rows were left out.")


@import_.command(name="take-back")
@click.argument("upload", type=int)
@click.pass_obj
def take_back(desk: Desk, *, upload: int) -> None:
    """Take a whole imported file back: figures and records become what they would be without it."""
    workflow = desk.workflow()
    kind, actor = sheets.whose(workflow, upload)
    while kind.undo(workflow, upload, actor):
        pass
    stands = workflow.upload(upload, actor).upload.report.get("stands", ())
    for _, number, _ in stands:
        click.echo(f"{number} was changed since, and stands.", err=True)
    click.echo(f"Import {upload} was taken back.")
