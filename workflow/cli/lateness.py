"""`baton lateness`: how late what happens by itself was."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import click

from workflow.cli.desk import Desk
from workflow.core.lateness import Spread
from workflow.core.step import SYSTEM
from workflow.messages import lateness as wording
from workflow.messages.catalogue import LANGUAGES
from workflow.service.punctuality import LONGEST, LatenessRow, LatenessView


@click.command()
@click.option("--days", type=click.IntRange(1, LONGEST), default=7, show_default=True, help="Today and those before.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Default: the settings'.")
@click.option("--json", "as_json", is_flag=True, help="Print it all as JSON: every day, stage, cause and kind.")
@click.pass_obj
def lateness(desk: Desk, *, days: int, language: str | None, as_json: bool) -> None:
    """Say how late what happens by itself was: from due to begun, to kept, and to sent.

    What was due while no scheduler was alive is told apart, and so is what had failed before and what its recipient
    wants later. Half of all were no later than p50, 99 of 100 no later than p99.
    """
    settings = desk.settings
    found = desk.workflow(looks_only=True).lateness(SYSTEM, days=days, zone=settings.display.zone)
    if as_json:
        click.echo(json.dumps(_document(found), ensure_ascii=False, indent=2))
        return
    chosen = language or settings.display.language
    if not found.total:
        click.echo(wording.word("none", chosen))
        return
    for line in _table(found.total, chosen):
        click.echo(line)
    click.echo()
    for day in found.days:
        for row in day.rows:
            if (row.stage, row.kind, row.cause) == ("committed", "", "busy"):
                spread = row.spread
                told = [wording.length(one, "en") for one in (spread.p50, spread.p99, spread.longest)]
                click.echo(f"{day.day}  {spread.count:>9,}  p50 {told[0]}  p99 {told[1]}  max {told[2]}")


def _table(rows: Iterable[LatenessRow], language: str) -> Iterable[str]:
    yield f"{'count':>9} {'p50':>10} {'p95':>10} {'p99':>10} {'max':>10}"
    for row in rows:
        said = " · ".join(wording.told(row.stage, row.kind, row.cause, language))
        spread = row.spread
        spans = (spread.p50, spread.p95, spread.p99, spread.longest)
        figures = " ".join(f"{wording.length(span, 'en'):>10}" for span in spans)
        yield f"{spread.count:>9,} {figures}  {said}"


def _document(found: LatenessView) -> dict[str, Any]:
    return {
        "days": [{"day": day.day.isoformat(), "rows": [_row(row) for row in day.rows]} for day in found.days],
        "total": [_row(row) for row in found.total],
        "distribution": {
            stage: [{"at_most_seconds": upper.total_seconds(), "count": count} for upper, count in steps]
            for stage, steps in found.distribution.items()
        },
    }


def _row(row: LatenessRow) -> dict[str, Any]:
    return {"stage": row.stage, "kind": row.kind or "all", "cause": row.cause, **_figures(row.spread)}


def _figures(spread: Spread) -> dict[str, Any]:
    """Seconds."""
    named = {"p50": spread.p50, "p95": spread.p95, "p99": spread.p99, "max": spread.longest}
    return {"count": spread.count, **{name: span.total_seconds() for name, span in named.items()}}
