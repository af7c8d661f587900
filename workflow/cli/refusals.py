"""`baton refusals`: who tried what and was refused."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import click

from workflow import SYSTEM
from workflow.audit.refused import KINDS, Question, RefusalDesk
from workflow.cli.desk import Desk
from workflow.cli.trouble import Trouble
from workflow.messages import attempt, told

DAY = click.DateTime(["%Y-%m-%d"])
LANGUAGE = "en"


@click.command()
@click.option("--person", metavar="LOGIN", help="Who tried.")
@click.option("--kind", type=click.Choice(list(KINDS)), help="Why it was refused.")
@click.option("--lifecycle", metavar="NAME", help="Of cases of this lifecycle.")
@click.option("--action", metavar="TRIGGER", help="What was tried; 'ends': whatever would have ended the case.")
@click.option("--case", "number", metavar="NUMBER", help="Of this case.")
@click.option("--since", type=DAY, help="From this day.")
@click.option("--until", type=DAY, help="Up to the end of this day.")
@click.option("--text", help="A word in it.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON, one a line.")
@click.pass_obj
def refusals(
    desk: Desk,
    *,
    person: str | None,
    kind: str | None,
    lifecycle: str | None,
    action: str | None,
    number: str | None,
    since: datetime | None,
    until: datetime | None,
    text: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List what was refused, and failed sign-ins, the last first."""
    door, zone = desk.workflow(looks_only=True), desk.settings.display.zone
    logins = {one.login: one.id for one in door.directory().persons.values()}
    if person is not None and person not in logins:
        raise Trouble(f"There is nobody called {person!r}.")
    question = Question(
        person=None if person is None else logins[person],
        kind=kind,
        definition=lifecycle,
        action=action,
        number=number,
        since=None if since is None else since.replace(tzinfo=zone),
        until=None if until is None else (until + timedelta(days=1)).replace(tzinfo=zone),
        text=text,
    )
    for row in RefusalDesk(door).search(SYSTEM, question, limit=limit).rows:
        who = row.actor.name[LANGUAGE] if row.actor else "-"
        if as_json:
            said = {"at": row.at.isoformat(), "who": who, "case": row.number, "attempt": row.attempt, "code": row.code}
            click.echo(json.dumps({**said, "facts": dict(row.facts)}, ensure_ascii=False))
            continue
        tried, why = attempt(row.attempt, LANGUAGE), told(row.code, row.facts, LANGUAGE)
        click.echo(f"{row.at.astimezone(zone):%Y-%m-%d %H:%M}  {who:<16} {row.number or '-':<10} {tried}: {why}")
