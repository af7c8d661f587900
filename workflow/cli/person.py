"""`baton person`: people and their passwords, where the pages cannot be reached."""

from __future__ import annotations

import json
from pathlib import Path

import click

from workflow import SYSTEM
from workflow.assembly import open_accounts
from workflow.cli.desk import Desk
from workflow.cli.passwords import asked
from workflow.cli.trouble import Trouble
from workflow.core.directory import BUSINESS_ROLES, Directory, Person
from workflow.people.passwords import initial_password

PASSWORD_FILE = click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the password on its first line.",
)


@click.group()
def person() -> None:
    """Add people, and give them new passwords."""


@person.command()
@click.argument("login")
@click.option("--name-zh", required=True, help="The name in Chinese.")
@click.option("--name-en", help="The name in English. Default: the Chinese one.")
@click.option("--email", help="Where messages go.")
@click.option("--phone", help="A telephone number.")
@click.option("--language", type=click.Choice(["zh", "en"]), help="The language of the person's pages.")
@click.option("--unit", "code", help="The code of the unit the roles are held in.")
@click.option("--role", "roles", multiple=True, type=click.Choice(BUSINESS_ROLES), help="A role; may be repeated.")
@PASSWORD_FILE
@click.option("--json", "as_json", is_flag=True, help="Print the id and the login as JSON.")
@click.pass_obj
def add(
    desk: Desk,
    *,
    login: str,
    name_zh: str,
    name_en: str | None,
    email: str | None,
    phone: str | None,
    language: str | None,
    code: str | None,
    roles: tuple[str, ...],
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Add a person who signs in as LOGIN.

    Without --password-file a first password is made up and printed; it has to be changed at the first sign-in.

    \b
      baton person add limei --name-zh 李梅 --unit city-1 --role account_manager
    """
    if bool(roles) != bool(code):
        raise click.UsageError("--role and --unit go together: a role is held in a unit.")
    workflow = desk.workflow(looks_only=True)
    unit = None if code is None else unit_of(workflow.directory(), code)
    names = (login, name_zh, name_en or "")
    password = initial_password() if password_file is None else asked(password_file, names)
    added = workflow.add_person(
        login,
        name_zh=name_zh,
        name_en=name_en or name_zh,
        email=email,
        phone=phone,
        language=language,
        actor=SYSTEM,
    )
    for role in roles if unit is not None else ():
        workflow.grant(added, unit or 0, role, actor=SYSTEM)
    accounts = open_accounts(workflow.database, desk.settings)
    accounts.set_password(added, password, at=workflow.clock(), must_change=True)
    shown = password if password_file is None else None
    if as_json:
        click.echo(json.dumps({"id": added, "login": login.lower(), "password": shown}, ensure_ascii=False))
    else:
        click.echo(f"Added {login.lower()}, number {added}.")
        tell(shown)


@person.command()
@click.argument("login")
@PASSWORD_FILE
@click.pass_obj
def passwd(desk: Desk, login: str, password_file: Path | None) -> None:
    """Give the person with LOGIN a new password, and end their sessions.

    Without --password-file one is made up and printed. It has to be changed at the next sign-in.
    """
    workflow = desk.workflow(looks_only=True)
    found = person_of(workflow.directory(), login)
    names = (found.login, found.name.zh, found.name.en)
    password = initial_password() if password_file is None else asked(password_file, names)
    open_accounts(workflow.database, desk.settings).set_password(found.id, password, at=workflow.clock())
    click.echo(f"{found.login} has a new password; earlier sessions have ended.")
    tell(password if password_file is None else None)


def tell(password: str | None) -> None:
    if password is not None:
        click.echo(f"First password: {password}")
        click.echo("It is shown only here, and has to be changed at the first sign-in.")


def person_of(directory: Directory, login: str) -> Person:
    """Raises `Trouble`."""
    found = next((p for p in directory.persons.values() if p.login == login.lower()), None)
    if found is None:
        raise Trouble(f"There is nobody with the login {login}.")
    return found


def unit_of(directory: Directory, code: str) -> int:
    """The id of the unit with a code. Raises `Trouble`, which names the codes there are."""
    found = next((unit.id for unit in directory.units.values() if unit.code == code), None)
    if found is None:
        known = ", ".join(sorted(unit.code for unit in directory.units.values())) or "none yet"
        raise Trouble(f"There is no unit with the code {code}; there are: {known}.")
    return found
