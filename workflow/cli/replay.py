"""`baton replay`: does the history hold, and does it give the case?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

import click

from workflow.cli.desk import Desk
from workflow.cli.progress import Progress
from workflow.cli.trouble import Trouble
from workflow.service.verification import Verdict, verify
from workflow.storage import proof, schema
from workflow.storage.database import Database


@click.command()
@click.argument("case", required=False)
@click.option("--all", "everything", is_flag=True, help="Every case, and every record of a customer.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON, one a line.")
@click.pass_obj
def replay(desk: Desk, case: str | None, *, everything: bool, as_json: bool) -> None:
    """Verify the history of CASE (its number or id) and play it again.

    The hash of every step is checked over what is stored, byte by byte; then the history is folded again from
    its first step and compared with the case as it stands. The exit code is 1 if anything differs.
    """
    if (case is None) == (not everything):
        raise click.UsageError("Name a case, or say --all.")
    database = desk.database()
    schema.check(database)
    verdicts = all_of(database) if case is None else iter([one_of(database, case)])
    steps = count = bad = 0
    for verdict in verdicts:
        count, steps, bad = count + 1, steps + verdict.steps, bad + (not verdict.holds)
        if as_json:
            click.echo(json.dumps({**asdict(verdict), "holds": verdict.holds}, ensure_ascii=False))
        elif case is not None or not verdict.holds:
            click.echo(said(verdict))
    if everything and not as_json:
        click.echo(f"{count:,} histories, {steps:,} steps: {f'{bad:,} do not hold' if bad else 'all hold'}.")
    if bad:
        click.get_current_context().exit(1)


def one_of(database: Database, named: str) -> Verdict:
    """Raises `Trouble`."""
    with database.reading() as connection:
        found = proof.find(connection, named)
    if found is None:
        raise Trouble(f"There is no case {named}.")
    return verify(database, found)


def all_of(database: Database) -> Iterator[Verdict]:
    """Every case in turn, in many short readings: cases that change in between are seen as they are then."""
    last = done = 0
    with Progress() as progress:
        while True:
            with database.reading() as connection:
                portion = proof.ids(connection, after=last)
            for case in portion:
                yield verify(database, case)
            if not portion:
                return
            last, done = portion[-1], done + len(portion)
            progress("Histories verified:", done)


def said(verdict: Verdict) -> str:
    """`CP000041: 41 steps, chain intact, the history gives the case as stored`"""
    chain = "chain intact" if verdict.broken is None else f"the chain breaks at step {verdict.broken}"
    if verdict.stuck is not None:
        fold = f"the history cannot be played beyond step {verdict.stuck}"
    elif verdict.differs:
        fold = f"the history gives another case than the one stored: {', '.join(verdict.differs)}"
    else:
        fold = "the history gives the case as stored"
    return f"{verdict.number}: {verdict.steps} step{'s' * (verdict.steps != 1)}, {chain}, {fold}."
