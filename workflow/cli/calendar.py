"""`baton calendar`: calendars in versions, brought in and given to units."""

from __future__ import annotations

from pathlib import Path

import click

from workflow import SYSTEM
from workflow.cli.desk import Desk
from workflow.core.calendar import CalendarFault
from workflow.core.errors import CalendarUnknown, UnitNotFound
from workflow.definitions.calendar_imports import imported


@click.group()
def calendar() -> None:
    """Working calendars: look at them, bring in days off, give a unit its own."""


@calendar.command(name="list")
@click.pass_obj
def list_(desk: Desk) -> None:
    """The calendars as they are now."""
    language = desk.settings.display.language
    for name, one in sorted(desk.workflow(looks_only=True).calendars().items()):
        known = "" if one.known_through is None else f"  {one.known_through.year}"
        click.echo(f"{name}  {one.version}  {one.title[language]}  {one.zone}{known}")


@calendar.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--calendar", "name", required=True, metavar="NAME", help="Whose next version it becomes.")
@click.option("--known-through", type=int, metavar="YEAR", help="The last year an iCalendar file announces.")
@click.option("--as-new", metavar="NAME", help="Leave that calendar as it is and make a new one of this name.")
@click.pass_obj
def import_(desk: Desk, file: Path, name: str, known_through: int | None, as_new: str | None) -> None:
    """Bring in days off and working days: an iCalendar file, or the JSON of holiday-cn.

    It holds from now on; whatever is open and changes by it is computed again, on record.
    """
    door = desk.workflow()
    present = door.calendars().get(name)
    if present is None:
        raise CalendarUnknown(calendar=name)
    fresh = imported(present, file.read_bytes(), known_through=known_through)
    if as_new:
        try:
            fresh = fresh.renamed(as_new)
        except CalendarFault as fault:
            raise click.BadParameter(str(fault), param_hint="--as-new") from fault
    kept = door.bring_calendar(fresh, actor=SYSTEM)
    click.echo(f"{kept.name}  {kept.version}")


@calendar.command(name="give")
@click.argument("unit")
@click.argument("name", required=False)
@click.pass_obj
def give(desk: Desk, unit: str, name: str | None) -> None:
    """Let the unit with the code UNIT work by the calendar NAME; without NAME by that of the unit above."""
    door = desk.workflow()
    found = next((one for one in door.directory().units.values() if one.code == unit), None)
    if found is None:
        raise UnitNotFound(unit=unit)
    door.set_calendar(found.id, name, actor=SYSTEM)
