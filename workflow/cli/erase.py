"""`baton erase`: personal data that has to go, with the proof of everything left whole."""

from __future__ import annotations

import click

from workflow import SYSTEM
from workflow.cli.desk import Desk
from workflow.cli.trouble import Trouble
from workflow.service.organisation import BOOK
from workflow.storage import proof


@click.command()
@click.argument("case", required=False)
@click.option("--person", metavar="LOGIN", help="A person of the house: e-mail, phone, and what the record holds.")
@click.option("--field", "fields", multiple=True, help="Only this field; may be given several times. Default: all.")
@click.option("--reason", required=True, help="Why. It stays in the history.")
@click.pass_obj
def erase(desk: Desk, case: str | None, *, person: str | None, fields: tuple[str, ...], reason: str) -> None:
    """Erase the personal values of CASE (a case's or customer's number or id), or of a person of the house.

    Without --field its attachments go with them. They are gone from the database and its file; the histories keep their
    salted commitments and hashes, and every chain still verifies. Backups made before still hold them.
    """
    if (case is None) == (person is None) or (fields and case is None):
        raise click.UsageError("Name a case, or a person with --person.")
    workflow = desk.workflow()
    if person is not None:
        known = {p.login: p.id for p in workflow.directory().persons.values()}
        if person.lower() not in known:
            raise Trouble(f"There is no person {person}.")
        count = workflow.erase_person(known[person.lower()], actor=SYSTEM, reason=reason)
    else:
        with workflow.database.reading() as connection:
            found = proof.find(connection, case or "")
        if found is None or found == BOOK:
            raise Trouble(f"There is no case {case}.")
        count = workflow.erase(found, actor=SYSTEM, reason=reason, fields=fields or None)
    settled = workflow.settle()
    click.echo(f"Erased: {count:,} (values and attachments).")
    if not settled:
        raise Trouble("Others are using the database, so its file still holds them; stop Baton and erase again.")
