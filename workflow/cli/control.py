"""`baton control`: what must never be found in any history, and where it is."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import click

from workflow import SYSTEM, Workflow
from workflow.audit.controls.desk import ControlDesk
from workflow.audit.controls.runs import at_once
from workflow.cli.desk import Desk
from workflow.cli.progress import Progress

DAY = click.DateTime(["%Y-%m-%d"])
SHOWN = 200
"""Exceptions of a control that are printed."""


@click.group()
def control() -> None:
    """Look for exceptions in all histories, by the files in definitions/controls."""


@control.command("list")
@click.option("--language", type=click.Choice(["zh", "en"]), default="en", show_default=True)
@click.pass_obj
def list_(desk: Desk, *, language: str) -> None:
    """The controls, with what the last night found."""
    for one in ControlDesk(desk.workflow(looks_only=True)).all():
        found = f"{one.last.exceptions:>6,} of {one.last.looked:,}" if one.last else "not run yet"
        click.echo(f"{one.control.name:<34} {found:<18} {one.control.title[language]}")


@control.command()
@click.argument("names", nargs=-1, metavar="[CONTROL]...")
@click.option("--since", type=DAY, help="From this day.")
@click.option("--until", type=DAY, help="Up to the end of this day.")
@click.option("--json", "as_json", is_flag=True, help="Print the exceptions as JSON, one a line.")
@click.pass_obj
def run(desk: Desk, names: tuple[str, ...], *, since: datetime | None, until: datetime | None, as_json: bool) -> None:
    """Run controls now, all of them unless named, and keep what was found. Exit code 1: there are exceptions."""
    door = desk.workflow(looks_only=True)
    beside, zone = ControlDesk(door), desk.settings.display.zone
    chosen = [beside.control(name) for name in names] or list(door.library.controls)
    begin = None if since is None else since.replace(tzinfo=zone)
    end = None if until is None else (until + timedelta(days=1)).replace(tzinfo=zone)
    with Progress() as progress:
        made = at_once(
            door.database, door.library, chosen, now=door.clock, zone=zone, since=begin, until=end, told=progress
        )
    found = False
    for one in chosen:
        result = beside.run(one.name, made[one.name])
        found = found or bool(result.exceptions)
        if not as_json:
            click.echo(f"{one.title['en']}: {result.exceptions:,} exceptions among {result.looked:,}")
        _tell(door, made[one.name], one.name, desk, as_json=as_json)
    if found:
        click.get_current_context().exit(1)


def _tell(door: Workflow, run: int, name: str, desk: Desk, *, as_json: bool) -> None:
    for row in ControlDesk(door).exceptions(run, SYSTEM, limit=SHOWN).rows:
        if as_json:
            told = {"control": name, "number": row.number, "seq": row.seq, "at": row.at.isoformat(), **row.detail}
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            click.echo(f"  {row.at.astimezone(desk.settings.display.zone):%Y-%m-%d %H:%M}  {row.number} step {row.seq}")
