"""Runs the simulation: a province of a size, over years, into an empty database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from workflow.assembly import assemble, open_accounts
from workflow.customers.scheme import scheme_of
from workflow.customers.tiers import RevenueScheme, ScoreScheme
from workflow.intake.demo.build import PASSWORD, Progress, made_whole, prepare
from workflow.intake.demo.companies import register
from workflow.intake.demo.goals import Goals
from workflow.intake.demo.income import Income
from workflow.intake.demo.newcomers import Newcomers
from workflow.intake.demo.people import Cast, gather
from workflow.intake.demo.stage import Stage
from workflow.intake.simulate.actors import Actors, Outage
from workflow.intake.simulate.leaving import Leaving
from workflow.intake.simulate.province import staffed
from workflow.intake.simulate.tables import table
from workflow.intake.simulate.years import Years
from workflow.service.door import Workflow
from workflow.settings import Settings

YEAR = 365
EVERY = 500
"""Commands in one transaction: with more of them, looking through what is gathered takes longer than writing it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be simulated. `scale` 1.0: the whole province; `until`: where the history ends.

    The same wish gives the same history.
    """

    scale: float
    years: float
    seed: int
    until: datetime

    @property
    def begin(self) -> datetime:
        """The moment it begins at, in the first hours of a day."""
        first = self.until - timedelta(days=round(self.years * YEAR))
        return first.replace(hour=0, minute=30, second=0, microsecond=0)


def simulate(settings: Settings, wish: Wish, *, progress: Progress) -> dict[str, str]:
    """Simulate into the empty database of the settings; whoever is interrupted begins again.

    Gives somebody to sign in as for each role, with the demonstration's password. Raises `NotEmpty`,
    `StorageError`, `DefinitionErrors`.
    """
    people: dict[str, str] = {}
    made_whole(settings, lambda apart: people.update(_run(apart, wish, progress=progress)))
    return people


def _run(settings: Settings, wish: Wish, *, progress: Progress) -> dict[str, str]:
    progress("Preparing the database", 0, 0)
    prepare(settings)
    workflow = assemble(settings, check_schema=False, clock=lambda: wish.until)
    try:
        cast = play(workflow, wish, scheme=scheme_of(settings.tiers), progress=progress)
        people = first_of_each(cast)
        _let_in(workflow, settings, cast, people, at=wish.until)
        return people
    finally:
        workflow.database.dispose()


def play(workflow: Workflow, wish: Wish, *, scheme: ScoreScheme | RevenueScheme, progress: Progress) -> Cast:
    """Play the whole history through the door of a database that has no cases yet."""
    rng = Random(wish.seed)
    days = (wish.until - wish.begin).days
    staff = staffed(wish.scale, rng, days=days)
    with Stage(workflow, every=EVERY) as stage:
        progress("Gathering the people", 0, 0)
        cast = gather(stage, at=wish.begin, end=wish.until, staff=staff)
        count = round(table("province")["sizes"]["customers"] * wish.scale)
        progress("Registering the customers", 0, count)
        companies = register(stage, cast, rng, count=count, at=wish.begin, staff=staff)
        known, places = [company.name for company in companies], staff.get("places", {})
        newcomers = Newcomers(stage, cast, Random(f"newcomers {wish.seed}"), known=known, places=places)
        actors = Actors(stage, cast, rng, now=wish.until, newcomers=newcomers, outages=_outages(wish))
        actors.companies = {company.id: company for company in companies}
        Years(actors, companies, rng, begin=wish.begin).write()
        income = Income(actors, companies, rng, begin=wish.begin, scheme=scheme)
        income.write()
        Goals(actors, companies, rng, begin=wish.begin, income=income).write()
        Leaving(actors, rng, begin=wish.begin).write()
        actors.run(lambda at: progress("Playing their days", (at - wish.begin).days, days))
        progress("Playing their days", days, days)
    return cast


def first_of_each(cast: Cast) -> dict[str, str]:
    """Somebody to sign in as, by role."""
    found: dict[str, str] = {}
    for person in cast.people.values():
        if person.id not in cast.gone:
            found.setdefault(person.units[0][1], person.login)
    return found


def _outages(wish: Wish) -> list[Outage]:
    whole = wish.until - wish.begin
    rows: list[Any] = table("province")["outages"]["rows"]
    return [(wish.begin + whole * place, wish.begin + whole * place + timedelta(hours=hours)) for place, hours in rows]


def _let_in(workflow: Workflow, settings: Settings, cast: Cast, people: dict[str, str], *, at: datetime) -> None:
    accounts = open_accounts(workflow.database, settings)
    logins = {person.login: person.id for person in cast.people.values()}
    for login in people.values():
        accounts.set_password(logins[login], PASSWORD, at=at, must_change=False)
