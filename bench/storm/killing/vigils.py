"""What a storm blows over: an organisation, cases that wait with a long ladder, and a clock that runs fast."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from multiprocessing.sharedctypes import RawValue
from pathlib import Path

from bench import office
from bench.storm import keys
from workflow import Actor, Workflow
from workflow.config import make_secret_key
from workflow.definitions.library import Library
from workflow.definitions.load import load
from workflow.people.accounts import Accounts
from workflow.settings import Delivery, Scheduler, Security, Server, Settings
from workflow.storage.database import Database

VIGIL = "vigil"

RUNGS = tuple(timedelta(hours=hours) for hours in (4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 60, 80))
"""When the ladder of a vigil fires, counted by hand from vigil.yaml."""

STAGGER = timedelta(hours=4)
"""Vigils are opened evenly over it, so that something is always coming due."""

SPAN = RUNGS[-1]
"""How much time goes by while processes are killed; it begins when the first rung is due."""

AT_THE_PAGES = 8
"""So many of the managers come there."""

PASSWORD = "willow-lantern-4471"


@cache
def library() -> Library:
    """The product's own lifecycles, and the vigil."""
    found = office.library()
    return replace(found, latest={**found.latest, VIGIL: load(Path(__file__).with_name("vigil.yaml"))})


def door(database: Database, at: datetime) -> Workflow:
    """The door with a clock that stands still."""
    return Workflow(database, library(), clock=lambda: at)


def prepare(database: Database, cases: int) -> None:
    """The organisation, whoever comes to the pages able to sign in, and that many vigils."""
    made = office.found(database)
    accounts = Accounts(database)
    for person in (*made.managers[:AT_THE_PAGES], made.department):
        accounts.set_password(person, PASSWORD, at=office.BEGIN, must_change=False)
    with door(database, office.BEGIN).batch() as batch:
        for n in range(cases):
            customer = made.customers[n % len(made.customers)]
            manager = Actor(made.manager(customer))
            batch.open(VIGIL, customer=customer, actor=manager, at=office.BEGIN + STAGGER * n / cases)
            batch.rest()


class Clock:
    """The same in every process forked from here. It stands at `since` until `begin`, then runs `pace` times faster."""

    def __init__(self, since: datetime, *, pace: float) -> None:
        self.since = since
        self.pace = pace
        self._began = RawValue("d", 0.0)

    def begin(self) -> None:
        self._began.value = time.time()

    def __call__(self) -> datetime:
        return self.at(time.time())

    def at(self, moment: float) -> datetime:
        """What it says when the machine's clock says `moment`."""
        began = self._began.value
        return self.since + timedelta(seconds=(moment - began) * self.pace if began else 0.0)


def settings(folder: Path) -> Settings:
    """Those of a server whose sessions outlast the storm, and of a scheduler that does a little at a time."""
    made = keys.within(
        folder,
        server=Server(threads=4),
        scheduler=Scheduler(tick=0.05, batch=20),
        delivery=Delivery(tick=1.0),
        security=Security(secret_key_file=folder / "secret.key", session_days=365, session_idle_minutes=100_000),
    )
    make_secret_key(made)
    return made
