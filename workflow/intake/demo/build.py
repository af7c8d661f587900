"""Makes the demonstration: an invented organisation with a history that Baton itself has written, up to now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from workflow.assembly import assemble, is_empty, open_accounts
from workflow.customers.scheme import scheme_of
from workflow.customers.tiers import RevenueScheme, ScoreScheme
from workflow.definitions.library import Library
from workflow.intake.demo import earlier
from workflow.intake.demo.companies import register
from workflow.intake.demo.goals import Goals
from workflow.intake.demo.groups import group
from workflow.intake.demo.income import Income
from workflow.intake.demo.newcomers import Newcomers
from workflow.intake.demo.people import Cast, gather
from workflow.intake.demo.plans import Plans
from workflow.intake.demo.player import Player
from workflow.intake.demo.scenario import Scenario
from workflow.intake.demo.stage import Stage
from workflow.intake.demo.tables import table
from workflow.service.base import utc_now
from workflow.service.door import Workflow
from workflow.settings import Settings
from workflow.storage import demonstration, schema
from workflow.storage.database import Database, parse
from workflow.storage.errors import StorageError
from workflow.storage.sqlite import path_of

PASSWORD = "moss-lantern-ferry-27"  # noqa: S105 - it opens the demonstration, and nothing else
LEAST_CUSTOMERS = 40
BESIDE = ("", "-wal", "-shm", "-gate", "-gate-queue")
"""What stands beside an SQLite file, by the ending of its name."""

Progress = Callable[[str, int, int], None]


class NotEmpty(StorageError):
    message = "The database holds data already; the demonstration needs a database of its own."
    code = "not_empty"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody to sign in as."""

    login: str
    title_zh: str
    title_en: str


def sign_ins() -> tuple[SignIn, ...]:
    """Whom the demonstration proposes to sign in as; they all have `PASSWORD`."""
    return tuple(SignIn(*row) for row in table("staff")["signins"]["rows"])


def is_demonstration(database: Database) -> bool:
    """Whether the sign-ins open this database."""
    with database.reading() as connection:
        return demonstration.marked(connection)


def build(
    settings: Settings, *, progress: Progress, seed: int = 2026, now: datetime | None = None, size: float = 1.0
) -> None:
    """Fill the empty database of the settings. `now`: where the history ends; the clock's, when None.

    The same seed gives the same organisation, relative to that end. `size` scales the number of customers and cases.
    An SQLite file is made beside its place and put there when it is whole: whoever stops half-way may start again.
    Raises `NotEmpty`, `StorageError`, `DefinitionErrors`.
    """
    made_whole(settings, lambda apart: _fill(apart, progress=progress, seed=seed, now=now or utc_now(), size=size))


def made_whole(settings: Settings, fill: Callable[[Settings], None]) -> None:
    """Have an empty database filled. An SQLite file is filled beside its place and put there when it is whole.

    Raises `NotEmpty`, `StorageError`.
    """
    if not is_empty(settings):
        raise NotEmpty
    url = parse(settings.database.url)
    if url.get_backend_name() != "sqlite":
        fill(settings)
        return
    place = path_of(url)
    half = place.with_name(place.name + ".building")
    _remove(half)
    fill(replace(settings, database=replace(settings.database, url=f"sqlite:///{half}")))
    _remove(place)
    half.replace(place)
    _remove(half)


def _fill(settings: Settings, *, progress: Progress, seed: int, now: datetime, size: float) -> None:
    progress("Preparing the database", 0, 0)
    begin = now - timedelta(days=table("play")["sizes"]["days"])
    begin = begin.replace(hour=0, minute=30, second=0, microsecond=0)
    prepare(settings)
    workflow = assemble(settings, check_schema=False, clock=lambda: now)
    try:
        scheme, first = scheme_of(settings.tiers), earlier.begun_with(workflow.library)
        earlier.keep(workflow.database, first, at=begin)
        cast = play(workflow, scheme=scheme, progress=progress, seed=seed, begin=begin, now=now, size=size, first=first)
        _let_in(workflow, settings, cast, progress=progress, at=now)
    finally:
        workflow.database.dispose()


def prepare(settings: Settings) -> None:
    """Give an empty database its tables."""
    empty = Database(settings.database.url)
    try:
        schema.upgrade(empty)
    finally:
        empty.dispose()


def play(
    workflow: Workflow,
    *,
    scheme: ScoreScheme | RevenueScheme,
    progress: Progress,
    seed: int,
    begin: datetime,
    now: datetime,
    size: float = 1.0,
    first: Library | None = None,
) -> Cast:
    """Play the whole history through the door of a database that has no cases yet.

    `first`: the lifecycles the house begins with, where it is to live through a change of them; they must be kept.
    """
    rng = Random(seed)
    with Stage(workflow) as stage:
        progress("Gathering the people", 0, 0)
        cast = gather(stage, at=begin, end=now)
        group(stage, cast, table("staff"), at=begin, end=now)
        count = max(LEAST_CUSTOMERS, round(table("play")["sizes"]["customers"] * size))
        progress("Registering the customers", 0, count)
        companies = register(stage, cast, rng, count=count, at=begin)
        names = [company.name for company in companies]
        newcomers = Newcomers(stage, cast, Random(f"newcomers {seed}"), known=names)
        player = Player(stage, cast, rng, now=now, newcomers=newcomers)
        if first is not None:
            earlier.changes(stage, first, now=now, put=player.at)
        Scenario(player, companies, rng, begin=begin, size=size).write()
        Plans(player, companies, Random(f"plans {seed}")).write()
        chance = Random(f"income {seed}")  # what is drawn here leaves the rest of the organisation as it was
        income = Income(player, companies, chance, begin=begin, scheme=scheme)
        income.write()
        Goals(player, companies, chance, begin=begin, income=income).write()
        days = (now - begin).days
        player.run(lambda at: progress("Playing their days", (at - begin).days, days))
        progress("Playing their days", days, days)
    return cast


def _let_in(workflow: Workflow, settings: Settings, cast: Cast, *, progress: Progress, at: datetime) -> None:
    """Give everybody the password, and leave the mark that says so."""
    accounts = open_accounts(workflow.database, settings)
    for number, person in enumerate(cast.people, start=1):
        accounts.set_password(person, PASSWORD, at=at, must_change=False)
        progress("Handing out keys", number, len(cast.people))
    with workflow.database.writing() as connection:
        demonstration.mark(connection)


def _remove(file: Path) -> None:
    for ending in BESIDE:
        file.with_name(file.name + ending).unlink(missing_ok=True)
