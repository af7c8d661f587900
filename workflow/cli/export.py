"""`baton export`: histories for other programs, tables for people, and the file of one case."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

import click

from workflow import SYSTEM, Actor, Workflow
from workflow.cli.case import id_of
from workflow.cli.desk import Desk
from workflow.cli.trouble import Trouble
from workflow.customers.record import STAGES, TIERS
from workflow.service.courses import Selection
from workflow.service.views.lists import Filters

if TYPE_CHECKING:
    from workflow.audit.exports.export import Made

DAY = "%Y-%m-%d"


@click.group()
def export() -> None:
    """Write histories in forms that other programs read. Every export is recorded."""


def chosen(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which cases are chosen."""
    options = (
        click.option("--lifecycle", metavar="NAME", help="Cases of this lifecycle."),
        click.option("--state", metavar="NAME", help="Cases in this state."),
        click.option("--unit", metavar="CODE", help="Cases of this unit and those below."),
        click.option("--customer", metavar="NUMBER", help="Cases about this customer."),
        click.option("--since", metavar="DAY", type=click.DateTime([DAY]), help="Cases opened on this day or later."),
        click.option("--until", metavar="DAY", type=click.DateTime([DAY]), help="Cases opened on this day or earlier."),
        click.option("--open/--closed", "is_open", default=None, help="Only open cases, or only closed ones."),
        click.option("--case", "numbers", metavar="NUMBER", multiple=True, help="This case; may be given many times."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def taken(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say who takes what, and where to."""
    options = (
        click.option("--language", type=click.Choice(["zh", "en"]), help="Of titles. Default: the settings'."),
        click.option("--as", "login", metavar="LOGIN", help="Export what this person may see. Default: everything."),
        click.option("--personal", is_flag=True, help="With personal values, where the person of --as may see them."),
        click.option(
            "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: standard output."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@export.command()
@chosen
@taken
@click.pass_obj
def xes(desk: Desk, /, **given: Any) -> None:
    """Histories as IEEE XES, for process mining: a trace is a case, an event a step."""
    run(desk, "xes", given)


@export.command()
@chosen
@taken
@click.pass_obj
def ocel(desk: Desk, /, **given: Any) -> None:
    """Histories as OCEL 2.0 (JSON): steps with the customers, cases, tasks, people and units they are about."""
    run(desk, "ocel", given)


WHAT = click.option(
    "--what",
    type=click.Choice(["steps", "cases", "customers"]),
    default="steps",
    show_default=True,
    help="A row is one.",
)


ENCODING = click.option(
    "--encoding",
    type=click.Choice(["utf-8", "gb18030"]),
    default="utf-8",
    show_default=True,
    help="Of a CSV; UTF-8 has a byte order mark.",
)


@export.command()
@WHAT
@ENCODING
@chosen
@taken
@click.pass_obj
def csv(desk: Desk, /, **given: Any) -> None:
    """A table as CSV; nothing in it is taken for a formula."""
    run(desk, "csv", given)


@export.command()
@WHAT
@chosen
@taken
@click.pass_obj
def xlsx(desk: Desk, /, **given: Any) -> None:
    """A table as an Excel workbook, with real dates and numbers."""
    run(desk, "xlsx", given)


@export.command()
@click.option("--form", type=click.Choice(["xlsx", "csv"]), default="xlsx", show_default=True, help="Excel or CSV.")
@ENCODING
@click.option("--unit", metavar="CODE", help="Customers of this unit and those below.")
@click.option("--tier", type=click.Choice(TIERS), help="Customers of this tier.")
@click.option("--stage", type=click.Choice(STAGES), help="Customers in this stage.")
@click.option("--text", metavar="TEXT", help="A part of the name, the number or the credit code.")
@click.option("--language", type=click.Choice(["zh", "en"]), help="Of titles and choices. Default: the settings'.")
@click.option("--as", "login", metavar="LOGIN", help="Export what this person may see. Default: everything.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: standard output.")
@click.pass_obj
def customers(desk: Desk, /, **given: Any) -> None:
    """Customers' records in the columns of the import: changed in the table, they can be brought in again.

    `baton import customers FILE --as LOGIN --mode update` changes what was changed there, and nothing else.
    """
    from workflow.audit.exports.export import Wish, export

    workflow = desk.workflow(looks_only=True)
    reader = reader_of(workflow, given["login"], personal=False)
    unit = None if given["unit"] is None else unit_of(workflow, given["unit"])
    narrowed = Filters(unit=unit, tier=given["tier"], state=given["stage"], text=given["text"])
    wish = Wish(
        form=given["form"],
        selection=Selection(filters=narrowed),
        language=given["language"] or desk.settings.display.language,
        zone=desk.settings.display.zone,
        what="records",
        encoding=given["encoding"],
    )
    made = delivered(given["output"], lambda path: export(workflow, wish, reader, path))
    click.echo(f"{made.rows:,} customers; SHA-256 {made.sha256}", err=True)


@export.command()
@click.argument("named", metavar="CASE")
@click.option("--as", "login", metavar="LOGIN", help="Export what this person may see.")
@click.option(
    "--personal", is_flag=True, help="With personal values and attachments, where the person of --as may see them."
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: standard output.")
@click.pass_obj
def case(desk: Desk, /, named: str, login: str | None, *, personal: bool, output: Path | None) -> None:
    """The file of CASE: its whole history with proofs, for somebody outside who checks it without us.

    Steps that no checkpoint covers yet are marked as such; `baton seal` signs one. tools/verify_case_file.py checks it.
    """
    from workflow.audit.exports.casefile import export_case
    from workflow.audit.exports.sealed import seal_of, sign_by

    workflow = desk.workflow(looks_only=True)
    reader = reader_of(workflow, login, personal=personal)
    found = id_of(workflow, named)
    seal, sign = seal_of(workflow.database, found), sign_by(workflow.database, desk.settings.seal)
    zone = desk.settings.display.zone

    def write(path: Path) -> Made:
        return export_case(workflow, found, reader, path, zone=zone, seal=seal, sign=sign, personal=personal)

    made = delivered(output, write)
    sealed = 0 if seal is None else len(seal.proofs)
    unsigned = "" if sign is not None else "; NOT SIGNED: the log has no key yet"
    click.echo(f"{made.rows:,} steps, {sealed:,} of them sealed; SHA-256 {made.sha256}{unsigned}", err=True)


@export.command()
@click.option("--from", "since", metavar="DAY", type=click.DateTime([DAY]), required=True, help="The first day.")
@click.option("--to", "until", metavar="DAY", type=click.DateTime([DAY]), required=True, help="The last day.")
@click.option("--unit", metavar="CODE", help="Of this unit and those below. Default: of everything.")
@click.option("--form", type=click.Choice(["pdf", "xlsx"]), default="pdf", show_default=True, help="PDF or Excel.")
@click.option("--language", type=click.Choice(["zh", "en"]), help="Default: the settings'.")
@click.option("--as", "login", metavar="LOGIN", help="What this auditor may see. Default: everything.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: standard output.")
@click.pass_obj
def report(desk: Desk, /, **given: Any) -> None:
    """The auditor's report of a period: what was checked, found, refused, read, late and changed."""
    from workflow.audit.report.desk import ReportDesk
    from workflow.audit.report.paper import Period

    workflow = desk.workflow(looks_only=True)
    reader = reader_of(workflow, given["login"], personal=False)
    unit = None if given["unit"] is None else unit_of(workflow, given["unit"])
    period = Period(since=given["since"].date(), until=given["until"].date(), unit=unit)
    language = given["language"] or desk.settings.display.language
    zone, form = desk.settings.display.zone, given["form"]
    written = ReportDesk(workflow, home=desk.settings.server.public_url).write
    made = delivered(
        given["output"], lambda path: written(period, reader, path, form=form, language=language, zone=zone)
    )
    click.echo(f"{made.rows:,} rows; SHA-256 {made.sha256}", err=True)


def run(desk: Desk, form: str, given: dict[str, Any]) -> None:
    # Imported here: it brings the writers of workbooks along.
    from workflow.audit.exports.export import Form, Wish, export

    workflow = desk.workflow(looks_only=True)
    reader = reader_of(workflow, given["login"], personal=given["personal"])
    wish = Wish(
        form=cast(Form, form),
        selection=selection(workflow, desk, given),
        language=given["language"] or desk.settings.display.language,
        zone=desk.settings.display.zone,
        what=given.get("what", "steps"),
        personal=given["personal"],
        encoding=given.get("encoding", "utf-8"),
    )
    made = delivered(given["output"], lambda path: export(workflow, wish, reader, path))
    click.echo(f"{made.cases:,} cases, {made.rows:,} rows; SHA-256 {made.sha256}", err=True)


def delivered(output: Path | None, write: Callable[[Path], Made]) -> Made:
    """What `write` made at the path, or beside and then on standard output: never half of it. Raises `Trouble`."""
    if output is not None:
        try:
            return write(output)
        except OSError as error:
            raise Trouble(f"{output} cannot be written: {error.strerror}.") from error
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        made = write(path)
        with path.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
    return made


def reader_of(workflow: Workflow, login: str | None, *, personal: bool) -> Actor:
    """Who exports. Raises `Trouble`."""
    if login is None:
        if personal:
            raise click.UsageError("--personal needs --as LOGIN: somebody to whom the values may be shown.")
        return SYSTEM
    found = next((one for one in workflow.directory().persons.values() if one.login == login and one.active), None)
    if found is None:
        raise Trouble(f"There is no active person {login}.")
    return Actor(found.id)


def selection(workflow: Workflow, desk: Desk, given: dict[str, Any]) -> Selection:
    """Raises `Trouble` for what does not exist: an empty export looks like an answer."""
    lifecycle, unit, customer = given["lifecycle"], given["unit"], given["customer"]
    if lifecycle is not None and lifecycle not in workflow.library.latest:
        raise Trouble(f"There is no lifecycle {lifecycle}; there are: {', '.join(sorted(workflow.library.latest))}.")
    for number in given["numbers"]:
        id_of(workflow, number)

    def midnight(day: datetime | None, *, after: int = 0) -> datetime | None:
        return None if day is None else (day + timedelta(days=after)).replace(tzinfo=desk.settings.display.zone)

    return Selection(
        filters=Filters(
            definition=lifecycle,
            state=given["state"],
            unit=None if unit is None else unit_of(workflow, unit),
            customer=None if customer is None else customer_of(workflow, customer),
            closed=None if given["is_open"] is None else not given["is_open"],
        ),
        since=midnight(given["since"]),
        until=midnight(given["until"], after=1),
        numbers=tuple(given["numbers"]),
    )


def unit_of(workflow: Workflow, code: str) -> int:
    found = next((one.id for one in workflow.directory().units.values() if one.code == code), None)
    if found is None:
        raise Trouble(f"There is no unit {code}.")
    return found


def customer_of(workflow: Workflow, number: str) -> int:
    page = workflow.customers(SYSTEM, filters=Filters(text=number), limit=200)
    found = next((one.id for one in page.rows if one.number == number), None)
    if found is None:
        raise Trouble(f"There is no customer {number}.")
    return found
