"""`baton demo`: an invented organisation to look at."""

from __future__ import annotations

import click

from workflow.assembly import is_empty
from workflow.cli.desk import Desk
from workflow.cli.progress import Progress
from workflow.cli.trouble import Trouble
from workflow.config import make_secret_key


@click.command()
@click.option("--if-empty", is_flag=True, help="Do nothing where there is an organisation already.")
@click.option("--small", is_flag=True, help="A tenth of the cases, for a first look sooner.")
@click.pass_obj
def demo(desk: Desk, *, if_empty: bool, small: bool) -> None:
    """Make a demonstration: invented units, people, customers, and months of cases.

    The history is made by running Baton under a simulated clock, so that everything in it really happened,
    deadlines missed included. It goes into the database of the settings, which must be empty.
    """
    desk.make_folder()
    if not is_empty(desk.settings):
        if if_empty:
            return
        raise Trouble("The database holds an organisation already; name another one for a demonstration.")
    make_secret_key(desk.settings)
    # Imported here: nothing else needs it, and it brings much along.
    from workflow.intake.demo import build

    with Progress() as progress:
        build(desk.settings, progress=progress, size=0.1 if small else 1.0)
    click.echo(
        "The demonstration is ready." if if_empty else "The demonstration is ready. Start it with `baton serve`."
    )
