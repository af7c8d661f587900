"""`baton init`: an empty Baton with one administrator."""

from __future__ import annotations

from pathlib import Path

import click

from workflow import SYSTEM
from workflow.assembly import open_accounts
from workflow.cli.desk import Desk
from workflow.cli.passwords import asked
from workflow.cli.trouble import Trouble
from workflow.config import make_secret_key
from workflow.core.directory import Directory
from workflow.service.door import Workflow
from workflow.storage import schema

ADMINISTRATOR = "administrator"


@click.command()
@click.option("--login", default="admin", show_default=True, help="What the first administrator signs in as.")
@click.option("--name-zh", default="系统管理员", show_default=True, help="The administrator's name in Chinese.")
@click.option("--name-en", default="Administrator", show_default=True, help="The same in English.")
@click.option("--unit-code", default="centre", show_default=True, help="The code of the topmost unit.")
@click.option("--unit-zh", default="省大客户中心", show_default=True, help="The topmost unit's name in Chinese.")
@click.option("--unit-en", default="Province centre", show_default=True, help="The same in English.")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the administrator's password on its first line. Asked for without it.",
)
@click.pass_obj
def init(
    desk: Desk,
    *,
    login: str,
    name_zh: str,
    name_en: str,
    unit_code: str,
    unit_zh: str,
    unit_en: str,
    password_file: Path | None,
) -> None:
    """Make the database, the key that signs cookies, and the first administrator.

    Interrupted, it may be run again; once there is an administrator it refuses.
    """
    desk.make_folder()
    schema.upgrade(desk.database())
    workflow = desk.workflow(check_schema=False)
    workflow.found()
    directory = workflow.directory()
    if there := administrators(directory, workflow):
        raise Trouble(
            f"There is an administrator already: {', '.join(there)}. Sign in, or use `baton person`; for a "
            "forgotten password: baton person passwd LOGIN."
        )
    password = asked(password_file, (login, name_zh, name_en, unit_zh, unit_en))
    make_secret_key(desk.settings)
    unit = first_unit(workflow, directory, code=unit_code, name_zh=unit_zh, name_en=unit_en)
    person = next((p.id for p in directory.persons.values() if p.login == login.lower()), None)
    if person is None:
        person = workflow.add_person(login, name_zh=name_zh, name_en=name_en, actor=SYSTEM)
    accounts = open_accounts(workflow.database, desk.settings)
    accounts.set_password(person, password, at=workflow.clock(), must_change=False)
    # Last: an administrator is what a second run takes for a finished first one.
    workflow.grant(person, unit, ADMINISTRATOR, actor=SYSTEM)
    click.echo(f"Ready. Start it with `baton serve`, and sign in as {login.lower()}.")


def administrators(directory: Directory, workflow: Workflow) -> list[str]:
    """The logins of those who administer now."""
    at = workflow.clock()
    return [p.login for p in directory.persons.values() if p.active and ADMINISTRATOR in directory.role_names(p.id, at)]


def first_unit(workflow: Workflow, directory: Directory, *, code: str, name_zh: str, name_en: str) -> int:
    """The topmost unit, made where there is none yet."""
    top = [unit.id for unit in directory.units.values() if unit.parent is None]
    if top:
        return min(top)
    return workflow.add_unit(code, name_zh=name_zh, name_en=name_en, kind="province", parent=None, actor=SYSTEM)
