"""`baton simulate`: a province over two years, and whether everything promised held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import click

from workflow.assembly import assemble, is_empty
from workflow.audit.rounds import at_once
from workflow.audit.verdict import Verdict
from workflow.cli.desk import Desk
from workflow.cli.progress import Progress
from workflow.cli.trouble import Trouble
from workflow.config import make_secret_key
from workflow.invariants import Finding, Judgement, judged, rules
from workflow.messages.catalogue import LANGUAGES
from workflow.service.base import utc_now
from workflow.settings import Settings


@click.command()
@click.option("--scale", type=click.FloatRange(0.005, 4), default=1.0, show_default=True,
              help="1: 3 city centres, 20 counties, 400 managers, 5,000 customers.")  # fmt: skip
@click.option("--years", type=click.FloatRange(0.1, 10), default=2.0, show_default=True, help="How long it goes on.")
@click.option("--seed", type=int, default=2026, show_default=True, help="The same seed gives the same history.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="The day at whose beginning (UTC) it ends. Default: today."
)
@click.option("--database", metavar="URL", help="An empty database for it. Default: the settings'.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the check's table. Default: the settings'.")
@click.option("--check", is_flag=True, help="Simulate nothing; only check what the database holds.")
@click.pass_obj
def simulate(
    desk: Desk,
    *,
    scale: float,
    years: float,
    seed: int,
    until: datetime | None,
    database: str | None,
    language: str | None,
    check: bool,
) -> None:
    """Simulate a province over years, then check that every promise was kept.

    The history is made by the product itself under a simulated clock: arrivals, lengths and behaviour are drawn from
    what was measured on public logs of such work. Managers leave, tiers move, complaints are reopened, and for some
    days no scheduler is alive. It takes minutes to an hour, by the scale; whoever is interrupted begins again, in an
    empty database.

    The check reads the tables by queries of its own, apart from the rules that wrote them, plays every history again,
    and prints for each rule what was looked at and what does not hold. The exit code is 1 if anything does not.
    """
    settings = desk.settings
    if database is not None:
        settings = replace(settings, database=replace(settings.database, url=database))
    if check:
        if is_empty(settings):
            raise Trouble("There is nothing to check: the database is empty.")
    else:
        _run(desk, settings, scale=scale, years=years, seed=seed, until=until)
    with Progress() as progress:
        found, replayed = _checked(settings, progress)
    for line in _table(found, replayed, language or settings.display.language):
        click.echo(line)
    if not found.holds or replayed.count:
        click.get_current_context().exit(1)


def _run(desk: Desk, settings: Settings, *, scale: float, years: float, seed: int, until: datetime | None) -> None:
    # Imported here: nothing else needs it, and it brings much along.
    from workflow.intake.simulate import PASSWORD, Wish
    from workflow.intake.simulate import simulate as play

    if not is_empty(settings):
        raise Trouble("The database holds an organisation already; name another one for a simulation.")
    desk.make_folder()
    make_secret_key(settings)
    day = until.replace(tzinfo=UTC) if until else utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    with Progress() as progress:
        people = play(settings, Wish(scale=scale, years=years, seed=seed, until=day), progress=progress)
    click.echo(f"Simulated. To sign in, with the password {PASSWORD}:")
    for role, login in people.items():
        click.echo(f"  {role:<22} {login}")


def _checked(settings: Settings, progress: Progress) -> tuple[Judgement, Finding]:
    """What the tables say, and whether every history plays again by the rules."""
    workflow = assemble(settings, keep_definitions=False)
    replayed = Finding("replay")

    def each(verdict: Verdict) -> None:
        replayed.look(verdict.holds, f"case {verdict.case}: is not reproduced")

    try:
        with workflow.database.reading() as connection:
            found = judged(connection, told=progress)
        at_once(workflow.database, workflow.library, now=workflow.clock, each=each, told=progress)
    finally:
        workflow.database.dispose()
    return found, replayed


def _table(found: Judgement, replayed: Finding, language: str) -> Iterator[str]:
    titles, heads = rules()["titles"], rules()["heads"]
    yield f"{heads['looked'][language]:>12}  {heads['exceptions'][language]:>10}  {heads['rule'][language]}"
    for finding in (*found.findings, replayed):
        yield f"{finding.looked:>12,}  {finding.count:>10,}  {titles[finding.rule][language]}"
        for exception in finding.exceptions:
            yield f"{'':>26}! {exception}"
    used = sum(count > 0 for count in found.used.values())
    yield heads["used"][language].format(
        used=used, lifecycles=len(found.used), taken=len(found.taken), moves=len(found.are)
    )
    for definition, trigger, before, after in sorted(found.are - found.taken):
        reason = rules()["untaken"].get(f"{definition}.{trigger}", {}).get(language, "")
        yield f"  {definition}: {trigger}, {before} → {after or before}  {reason}".rstrip()
