"""`baton proof` and `baton verify`: that a step is in the log, that the log only grew, and that all of it holds."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from workflow.audit.log.damage import Damage, Report
from workflow.audit.log.proofs import Proofs
from workflow.audit.log.verify import verify as verified
from workflow.cli.desk import Desk
from workflow.cli.progress import Progress
from workflow.cli.seal import opened
from workflow.cli.trouble import Trouble
from workflow.messages.damages import damage, outcome
from workflow.service.base import utc_now
from workflow.storage import proof as stored


@click.command()
@click.argument("case", required=False)
@click.argument("seq", type=int, required=False)
@click.option("--from", "first", type=int, metavar="NUMBER", help="A checkpoint: prove that the log only grew since.")
@click.option("--to", "second", type=int, metavar="NUMBER", help="Until this one. Default: the last.")
@click.option("--json", "as_json", is_flag=True, help="Print the proof as JSON.")
@click.pass_obj
def proof(
    desk: Desk, case: str | None, seq: int | None, *, first: int | None, second: int | None, as_json: bool
) -> None:
    """Prove that step SEQ of CASE (its number or id) is in the log, or that the log only grew between two checkpoints.

    The proof is what RFC 9162 describes; docs/proof.md says how to follow it without Baton.
    """
    if (case is None or seq is None) == (first is None):
        raise click.UsageError("Name a case and a step, or a checkpoint with --from.")
    database = opened(desk)
    proofs = Proofs(database, clock=utc_now)
    if first is not None:
        grown = proofs.consistency(first, second)
        told: dict[str, Any] = asdict(grown)
        lines = [
            f"The log of {grown.second.size:,} steps (checkpoint {grown.second.no}) begins with that of "
            f"{grown.first.size:,} (checkpoint {grown.first.no}). Proof:",
            *grown.proof,
        ]
        for one, at in ((told["first"], grown.first.at), (told["second"], grown.second.at)):
            one["at"] = at.isoformat()
    else:
        assert case is not None  # noqa: S101 - asked above
        assert seq is not None  # noqa: S101
        with database.reading() as connection:
            found = stored.find(connection, case)
        if found is None:
            raise Trouble(f"There is no case {case}.")
        shown = proofs.inclusion(found, seq, no=second)
        told = asdict(shown)
        told["checkpoint"]["at"] = shown.checkpoint.at.isoformat()
        lines = [
            f"Step {seq} of {shown.number} is leaf {shown.position:,} of {shown.checkpoint.size:,} "
            f"in checkpoint {shown.checkpoint.no}.",
            f"step {shown.step}",
            f"leaf {shown.leaf}",
            "Proof:",
            *shown.proof,
            "",
            shown.checkpoint.note.rstrip("\n"),
        ]
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(lines))


@click.command()
@click.option(
    "--outside",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept outside; may be given several times.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_obj
def verify(desk: Desk, *, outside: tuple[Path, ...], as_json: bool) -> None:
    """Verify every history, every leaf of the log and every checkpoint, and say what cannot be known.

    Whoever has the key and the database can write both anew: only a checkpoint from outside shows that. The exit
    code is 1 if anything is damaged.
    """
    database = opened(desk)
    texts = [file.read_text(encoding="utf-8") for file in outside]
    with Progress() as progress:
        key = desk.settings.seal.key

        def told(stage: str, done: int) -> None:
            if stage == "steps":
                progress("Steps verified:", done)

        report = verified(database, outside=texts, key=key, progress=told)
    if as_json:
        click.echo(report.text())
    else:
        for line in said(report):
            click.echo(line)
    if not report.holds:
        click.get_current_context().exit(1)


def said(report: Report) -> list[str]:
    """The report in sentences."""
    lines = [
        f"Checked in {report.seconds:.1f} s. Histories: {report.cases:,}; steps: {report.steps:,}; "
        f"leaves of the log: {report.leaves:,}; checkpoints: {report.checkpoints:,}; "
        f"personal values: {report.secrets:,}; attachments: {report.files:,}.",
    ]
    lines += [
        f"From outside: {one.origin}, {one.size:,} steps: {outcome(one.outcome, 'en')}." for one in report.outside
    ]
    lines += [f"  {sentence_of(one)}" for one in report.damages]
    if report.more:
        lines.append(f"  and {report.more:,} more.")
    found = len(report.damages) + report.more
    lines.append("Nothing is damaged." if report.holds else f"{found:,} damage{'s' * (found != 1)}.")
    if report.leaves > report.signed:
        lines.append(f"No checkpoint covers the last {report.leaves - report.signed:,} sealed steps yet.")
    if report.waiting:
        lines.append(f"{report.waiting:,} steps are not sealed yet.")
    if not report.own:
        lines.append("The key's file is not at hand: whether this log is the one that it signed was not compared.")
    if report.beyond:
        since = "after the last checkpoint given" if report.outside else "at all: give a checkpoint with --outside"
        lines.append(
            f"What cannot be known: whether somebody with the key changed any of the {report.beyond:,} steps {since}."
        )
    return lines


def sentence_of(one: Damage) -> str:
    where = one.number or (f"case {one.case}" if one.case is not None else "")
    told = damage(one.kind, {**one.facts, "seq": one.seq}, "en")
    return f"{where}: {told}." if where else f"{told[0].upper()}{told[1:]}."
