"""The pages of a full house: ten people at once before `baton serve`, as it comes, on a hundred thousand open tasks.

Each looks at a page, thinks for about a second, and asks for the next. How much of an answer is the database's share
is measured apart, by asking it the same statements by the bare driver.
"""

from __future__ import annotations

import http.client
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlalchemy import event, func, select

from bench import crowded, office
from bench.figures import Figure, Spread
from bench.places import Place, bare
from workflow.config import make_secret_key
from workflow.people.accounts import Accounts
from workflow.settings import Security, Settings
from workflow.storage.database import Database
from workflow.storage.tables import cases, participants

ROOT = Path(__file__).parents[1]
PASSWORD = "slate-orchard-83-lantern"
MEDIAN_MS, P95_MS = 50, 150
AT_ONCE = 10
THOUGHT = (0.5, 1.5)
"""Seconds between two pages of one person."""

PAGES = {
    "inbox": ("manager{n}", "/inbox/"),
    "case": ("manager{n}", "/cases/{case}/"),
    "board": ("supervisor", "/supervision/"),
    "case list": ("manager{n}", "/cases/"),
    "narrow case list": ("department", "/cases/"),
    "performance": ("supervisor", "/supervision/performance/"),
}
ALONE = {"performance"}
"""Pages that count over everything there is: asked for by one person at a time, the first answer like all others."""

ALONE_MS = 1000


@dataclass(frozen=True, slots=True)
class Visit:
    """One page of one person, with what the server knows them by."""

    cookie: str
    path: str


def measure(place: Place, *, quick: bool) -> Iterator[Figure]:
    copies, seconds = (50, 6.0) if quick else (500, 20.0)
    template = place.template(f"crowded{copies}", lambda database: crowded.fill(database, copies))
    with place.copy(template) as url, tempfile.TemporaryDirectory() as folder:
        database = Database(url)
        facts = held(database)
        settings = Settings(security=replace(Security(), secret_key_file=Path(folder) / "secret.key"))
        make_secret_key(settings)
        known = signed_in(database)
        visits = {
            name: [visit(database, known, name, n) for n in range(1 if name in ALONE else AT_ONCE)] for name in PAGES
        }
        shares = {name: share(database, url, settings, one[0]) for name, one in visits.items()}
        database.dispose()
        with served(url, settings) as port:
            for name, theirs in visits.items():
                if name not in ALONE:
                    crowd(port, theirs[:2], seconds=1)
                waited = crowd(port, theirs, seconds=seconds)
                load = round(os.getloadavg()[0], 1)
                yield from figures(name, place.name, waited, {**facts, **shares[name], "load": load})


def held(database: Database) -> dict[str, Any]:
    """How much there is in the house."""
    with database.reading() as connection:
        return {
            name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in ("tasks", "steps")
        }


def figures(name: str, database: str, waited: list[float], facts: dict[str, Any]) -> Iterator[Figure]:
    if name in ALONE:
        yield Figure(
            f"page: {name}, one at a time", database, "ms", Spread(median(waited), min(waited), max(waited)),
            most=ALONE_MS, rounds=len(waited), facts=facts,
        )  # fmt: skip
        return
    late = quantiles(waited, n=20)[-1]
    yield Figure(
        f"page: {name}, {AT_ONCE} at once", database, "ms", Spread(median(waited), min(waited), max(waited)),
        most=MEDIAN_MS, rounds=len(waited), facts=facts,
    )  # fmt: skip
    yield Figure(
        f"page: {name}, the slowest of twenty", database, "ms", Spread(late, late, late), most=P95_MS,
        rounds=len(waited),
    )  # fmt: skip


def signed_in(database: Database) -> dict[str, tuple[int, str]]:
    """Login → id and session of everyone who comes."""
    made, now, accounts = office.again(database), datetime.now(UTC), Accounts(database)
    with database.reading() as connection:
        supervisor = connection.exec_driver_sql("SELECT id FROM persons WHERE login = 'supervisor'").scalar_one()
    people = {f"manager{n}": made.managers[n] for n in range(AT_ONCE)}
    people |= {"department": made.department, "supervisor": supervisor}
    found = {}
    for login, person in people.items():
        accounts.set_password(person, PASSWORD, at=now, must_change=False)
        found[login] = person, accounts.sign_in(login, PASSWORD, address="127.0.0.1", agent="bench", at=now)
    return found


def visit(database: Database, known: dict[str, tuple[int, str]], name: str, n: int) -> Visit:
    """The n-th person's visit of a page; of a case page, the last of their cases that was lived through."""
    login, path = PAGES[name]
    person, secret = known[login.format(n=n)]
    with database.reading() as connection:
        case = connection.scalar(
            select(func.max(participants.c.case_id))
            .join(cases, cases.c.id == participants.c.case_id)
            .where(participants.c.person_id == person, cases.c.kind == "case", cases.c.id < crowded.DISTANCE)
        )
    return Visit(f"baton_session={secret}", path.format(case=case))


@contextmanager
def served(url: str, settings: Settings) -> Iterator[int]:
    """The server as it comes, in a process of its own; gives its port."""
    known = {
        "BATON_DATABASE_URL": url,
        "BATON_SECURITY_SECRET_KEY_FILE": str(settings.security.secret_key_file),
        "BATON_SERVER_SCHEDULER": "false",
    }
    command = [sys.executable, "-m", "workflow.cli", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **known}, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            greeting = process.stdout.readline()
            yield int(greeting.rstrip().rpartition(":")[2])
        finally:
            process.terminate()
            process.wait(timeout=30)


def crowd(port: int, visits: list[Visit], *, seconds: float) -> list[float]:
    """Milliseconds of every answer, from the asking to the last byte."""
    until = time.monotonic() + seconds

    def come(one: Visit, chance: random.Random) -> list[float]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        waited: list[float] = []
        time.sleep(chance.random())
        while time.monotonic() < until or not waited:
            began = time.perf_counter()
            connection.request("GET", one.path, headers={"Cookie": one.cookie, "Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            answer.read()
            waited.append(1000 * (time.perf_counter() - began))
            if answer.status != 200:
                raise AssertionError(f"{one.path} was answered with {answer.status}")
            time.sleep(chance.uniform(*THOUGHT))
        connection.close()
        return waited

    # Each a chance of their own: people who share a sign-in would otherwise all ask in the same instant.
    chances = [random.Random(number) for number in range(len(visits))]
    with ThreadPoolExecutor(len(visits)) as pool:
        return [one for theirs in pool.map(come, visits, chances) for one in theirs]


def share(database: Database, url: str, settings: Settings, one: Visit) -> dict[str, float]:
    """How much of a page's time its statements need by themselves, in percent, and the processor's time for all of it
    but a PostgreSQL server's part: what other programs do meanwhile disturbs neither much."""
    from web import create_app

    app = create_app(office.door(database, datetime.now(UTC)), settings, Accounts(database))
    client = app.test_client()
    client.set_cookie("baton_session", one.cookie.partition("=")[2])
    if client.get(one.path).status_code != 200:
        raise AssertionError(f"{one.path} is not shown")
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    client.get(one.path)
    event.remove(database.engine, "before_cursor_execute", note)
    driver = bare(url)
    whole = min(_seconds(lambda: client.get(one.path)) for _ in range(5))
    theirs = min(_seconds(lambda: [_all(driver, *each) for each in asked]) for _ in range(5))
    busy = min(_seconds(lambda: client.get(one.path), time.thread_time) for _ in range(5))
    driver.close()
    return {"database %": round(100 * theirs / whole, 1), "CPU ms": round(1000 * busy, 1)}


def _all(driver: Any, statement: str, parameters: Any) -> None:
    cursor = driver.cursor()
    cursor.execute(statement, parameters)
    if cursor.description is not None:
        cursor.fetchall()
    cursor.close()


def _seconds(do: Any, clock: Callable[[], float] = time.perf_counter) -> float:
    began = clock()
    do()
    return clock() - began
