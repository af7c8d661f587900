"""`python -m bench.province FILE`: the same figures over a simulated province, with its real mix of lifecycles.

FILE is what `baton simulate --database sqlite:///FILE` made; a copy of it is measured.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile

from sqlalchemy import func, select

from bench import exporting, judging, pages, proving
from bench.figures import Figure, table
from bench.office import library
from workflow.assembly import settle
from workflow.config import make_secret_key
from workflow.people.accounts import Accounts
from workflow.settings import Security, Settings
from workflow.storage.database import Database
from workflow.storage.tables import memberships, persons, tasks

NAME = "sqlite"
READERS = {
    "inbox": "account_manager",
    "case": "account_manager",
    "board": "supervisor",
    "case list": "account_manager",
    "performance": "supervisor",
}
"""Page → the role of those who look at it: of each role those with the most to do."""
PARTS = ("exports", "pages", "verdicts", "proof")
"""Sealing comes last: it writes."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.province", description=__doc__)
    parser.add_argument("file", type=Path, help="a simulated database")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each page is asked for")
    parser.add_argument("--histories", type=int, default=5_000, help="of how many the verdict is found anew")
    parser.add_argument("--only", action="append", choices=PARTS, help="one part; may be given several times")
    asked = parser.parse_args(arguments)
    with copied(asked.file) as url:
        found = measure(url, seconds=asked.seconds, histories=asked.histories, parts=asked.only or PARTS)
        print(table(list(found)))
    return 0


@contextmanager
def copied(file: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory(dir=file.absolute().parent) as folder:
        copy = Path(folder) / "province.db"
        copyfile(file, copy)
        yield f"sqlite:///{copy}"


def measure(url: str, *, seconds: float, histories: int, parts: Sequence[str] = PARTS) -> Iterator[Figure]:
    ways: dict[str, Callable[[], Iterable[Figure]]] = {
        "exports": lambda: exporting.exported(url, NAME, wanted=None),
        "pages": lambda: _pages(url, seconds),
        "verdicts": lambda: [judging.sampled(url, NAME, histories)],
        "proof": lambda: proving.proved(url, NAME),
    }
    for part in parts:
        print(part, file=sys.stderr, flush=True)
        yield from ways[part]()


def _pages(url: str, seconds: float) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(url)
        facts = pages.held(database)
        settings = Settings(security=replace(Security(), secret_key_file=Path(folder) / "secret.key"))
        make_secret_key(settings)
        known = {role: _signed_in(database, role) for role in sorted(set(READERS.values()))}
        visits = {name: _visits(name, known[role]) for name, role in READERS.items()}
        shares = {name: pages.share(database, url, settings, found[0]) for name, found in visits.items()}
        database.dispose()
        with pages.served(url, settings) as port:
            for name, found in visits.items():
                waited = pages.crowd(port, found, seconds=seconds)
                load = round(os.getloadavg()[0], 1)
                yield from pages.figures(name, NAME, waited, {**facts, **shares[name], "load": load})


def _visits(page: str, known: list[tuple[str, int]]) -> list[pages.Visit]:
    path = pages.PAGES[page][1]
    most = 1 if page in pages.ALONE else pages.AT_ONCE
    return [pages.Visit(f"baton_session={secret}", path.format(case=case)) for secret, case in known[:most]]


def _signed_in(database: Database, role: str) -> list[tuple[str, int]]:
    """Those of a role with the most open tasks: their session, and the last case each has work in."""
    now, accounts = datetime.now(UTC), Accounts(database)
    busy = (
        select(persons.c.id, persons.c.login, func.max(tasks.c.case_id))
        .join(memberships, memberships.c.person_id == persons.c.id)
        .join(tasks, tasks.c.assignee_id == persons.c.id)
        .where(memberships.c.role == role, memberships.c.until.is_(None))
        .group_by(persons.c.id, persons.c.login)
        .order_by(func.count(tasks.c.no).desc(), persons.c.id)
        .limit(pages.AT_ONCE)
    )
    with database.reading() as connection:
        people = connection.execute(busy).all()
    found = []
    for person, login, case in people:
        accounts.set_password(person, pages.PASSWORD, at=now, must_change=False)
        secret = accounts.sign_in(login, pages.PASSWORD, address="127.0.0.1", agent="bench", at=now)
        found.append((secret, case))
    return found


if __name__ == "__main__":
    # As `baton serve` does it.
    library()
    settle()
    sys.exit(main())
