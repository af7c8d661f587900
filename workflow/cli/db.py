"""`baton db`: the schema of the database."""

from __future__ import annotations

import json

import click

from workflow.cli.desk import Desk
from workflow.storage import schema
from workflow.storage.errors import DatabaseRefused


@click.group()
def db() -> None:
    """Look at the database's schema, and bring it up to date."""


@db.command()
@click.pass_obj
def upgrade(desk: Desk) -> None:
    """Bring the schema up to date, making it where there is none.

    Stop every Baton on this database first, and keep a copy of the database: there is no way back.
    """
    desk.make_folder()
    done = schema.upgrade(desk.database())
    click.echo(f"The schema is now {schema.wanted()}." if done else f"The schema is {schema.wanted()} already.")


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.pass_obj
def check(desk: Desk, as_json: bool) -> None:
    """Say whether this Baton can work with the database; the exit code is 1 if not."""
    database = desk.database()
    against: DatabaseRefused | None = None
    try:
        schema.check(database)
    except DatabaseRefused as refused:
        against = refused
    if as_json:
        shown = {
            "database": database.url.render_as_string(hide_password=True),
            "dialect": database.dialect,
            "wanted": schema.wanted(),
            "fit": against is None,
            "code": against.code if against else None,
            "message": str(against) if against else None,
        }
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    elif against is None:
        click.echo(f"The database has schema {schema.wanted()}, which is what this Baton needs.")
    else:
        raise against
    if against is not None:
        click.get_current_context().exit(1)
