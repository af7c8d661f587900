"""`baton seal` and `baton checkpoint`: the log over all histories, and what is signed of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import click

from workflow.audit.log.copies import Copies
from workflow.audit.log.proofs import Proofs, Signed
from workflow.audit.log.sealer import Sealer
from workflow.cli.desk import Desk
from workflow.cli.trouble import Trouble
from workflow.messages.damages import outcome
from workflow.service.base import utc_now
from workflow.storage import schema
from workflow.storage.database import Database


def opened(desk: Desk) -> Database:
    """The database, with the schema this Baton needs."""
    database = desk.database()
    schema.check(database)
    return database


@click.command()
@click.option("--new-epoch", is_flag=True, help="The database was restored from a backup: begin the log's next epoch.")
@click.option(
    "--after",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --new-epoch: the last checkpoint there was, where a later one was kept outside than the key's own.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@click.pass_obj
def seal(desk: Desk, *, new_epoch: bool, after: Path | None, as_json: bool) -> None:
    """Put every new step into the log and sign a checkpoint now.

    `baton serve` does this by itself, every few minutes. After a backup was restored nothing is signed until
    --new-epoch says so: the log then goes on under another name, and commits to the last checkpoint before.
    """
    if after is not None and not new_epoch:
        raise click.UsageError("--after goes with --new-epoch.")
    database = opened(desk)
    sealer = Sealer(database, desk.settings.seal, clock=utc_now)
    if new_epoch:
        number: int | None = sealer.begin_epoch(after.read_text(encoding="utf-8") if after else "")
        added = 0
    else:
        done = sealer.sign()
        number, added = done.signed, done.added
    Copies(database, desk.settings, clock=utc_now).run()
    size = Proofs(database, clock=utc_now).standing().size
    if as_json:
        click.echo(json.dumps({"added": added, "size": size, "checkpoint": number}))
        return
    signed = f"checkpoint {number} is signed" if number is not None else "the last checkpoint says it all"
    click.echo(f"{added:,} steps were sealed, {size:,} are in the log; {signed}.")


@click.group()
def checkpoint() -> None:
    """Look at what was signed of the log, and compare it with what was kept outside."""


@checkpoint.command(name="list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON, one a line.")
@click.pass_obj
def list_(desk: Desk, *, limit: int, as_json: bool) -> None:
    """List the checkpoints, the newest first."""
    for one in Proofs(opened(desk), clock=utc_now).checkpoints(limit=limit):
        if as_json:
            click.echo(plain(one))
        else:
            click.echo(f"{one.no:6}  {one.at:%Y-%m-%d %H:%M:%S} UTC  {one.size:12,} steps  {one.root}  {one.origin}")


@checkpoint.command()
@click.argument("number", type=int, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def show(desk: Desk, number: int | None, *, as_json: bool) -> None:
    """Print checkpoint NUMBER, or the last one, as it was signed: keep it where nobody of this house can change it."""
    one = Proofs(opened(desk), clock=utc_now).checkpoint(number)
    click.echo(plain(one) if as_json else one.note, nl=as_json)


@checkpoint.command()
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def check(desk: Desk, file: TextIO, *, as_json: bool) -> None:
    """Compare a checkpoint that was kept outside, in FILE or - for the input, with the log; the result is recorded.

    This is quick; `baton verify --outside FILE` works out every hash again. The exit code is 1 if it does not hold.
    """
    found = Proofs(opened(desk), clock=utc_now).confirm(file.read(), by=None)
    if as_json:
        told = asdict(found) | {"holds": found.holds, "made": found.made.isoformat() if found.made else None}
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo(f"{found.origin}, {found.size:,} of {found.now:,} steps: {outcome(found.outcome, 'en')}.")
    if not found.holds:
        click.get_current_context().exit(1)


@checkpoint.command()
@click.pass_obj
def rotate(desk: Desk) -> None:
    """Let another key sign from now on; the checkpoint that says so is signed by both. Keep a copy of the new key."""
    number = Sealer(opened(desk), desk.settings.seal, clock=utc_now).rotate()
    click.echo(f"Checkpoint {number} is signed by both keys; the new one is in {desk.settings.seal.key}.")


@checkpoint.command()
@click.pass_obj
def key(desk: Desk) -> None:
    """Print the public key, as C2SP writes it: keep it with the checkpoints."""
    found = Proofs(opened(desk), clock=utc_now).standing().key
    if not found:
        raise Trouble("Nothing was signed yet; `baton seal` does it.")
    click.echo(found)


def plain(one: Signed) -> str:
    return json.dumps(asdict(one) | {"at": one.at.isoformat()}, ensure_ascii=False)
