"""How much of what is done to a stored history is found: bits, structure, and the insider with the key."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from bench import flips, office, tampering
from bench.figures import Figure, Spread
from bench.places import Place
from workflow import Actor
from workflow.audit.log import keyfile
from workflow.audit.log.sealer import Sealer
from workflow.audit.log.verify import examine
from workflow.core.notes import Signer
from workflow.settings import Seal
from workflow.storage.database import Database

STEPS = 100
SHORT = 3


def measure(place: Place, *, quick: bool) -> Iterator[Figure]:
    times = 10 if quick else 1000
    with place.copy(place.template("tampered", build)) as url, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Database(url)
        at = [datetime.now(UTC)]
        settings = Seal(key=folder / "seal.key", origin="bench.example")
        sealer = Sealer(database, settings, clock=lambda: at[0])
        # Two checkpoints: one in the middle of the histories and one at their end.
        sealer.seal(most=1)
        with database.writing() as connection:
            cases = tampering.cases(connection)
        sealer.sign()
        outside = note(database)
        at[0] += timedelta(hours=1)
        for attack, clever in ((one, how) for one in tampering.ATTACKS for how in (False, True)):
            found = sum(attacked(database, cases, attack, clever=clever, seed=n) for n in range(times // 2))
            yield result(f"{attack}, {'chain worked out again' if clever else 'as it is'}", place, found, times // 2)
        signer = Signer("bench.example/1", keyfile.read(settings.key))
        found = sum(inside(database, cases, signer, outside, seed=n) for n in range(times))
        yield result("insider with the key, one checkpoint outside", place, found, times)
        if database.dialect == "sqlite":
            yield from bits(database, cases[0], folder, place, quick=quick)
        database.dispose()


def bits(database: Database, case: int, folder: Path, place: Place, *, quick: bool) -> Iterator[Figure]:
    began, tried, found = time.perf_counter(), 0, 0
    for _, _, good in flips.fields(database, case, every=199 if quick else 1):
        tried, found = tried + 1, found + good
    yield result("each bit of each field of 100 steps", place, found, tried, seconds=time.perf_counter() - began)
    assert database.path is not None
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    file = folder / "whole.db"
    shutil.copyfile(database.path, file)
    seen = list(flips.anywhere(file, folder, count=100 if quick else 10_000, seed=1))
    good = sum(told or equal for _, told, equal in seen)
    yield result("a bit anywhere in the file", place, good, len(seen), reported=sum(told for _, told, _ in seen))


def build(database: Database) -> None:
    """A case of 100 steps, and short ones."""
    made = office.found(database)
    office.open_cases(database, made, 1 + SHORT)
    door = office.door(database, office.LATER)
    with door.batch() as batch:
        for n, (case, customer) in enumerate(office.case_ids(database)):
            actor = Actor(made.manager(customer))
            for number in range((STEPS if n == 0 else 6) - 1):
                batch.perform(case, "record_progress", actor=actor, form={"progress": f"第{number}次跟进。"})


def attacked(database: Database, cases: list[int], attack: str, *, clever: bool, seed: int) -> bool:
    """Whether verification found it, and named the case where there is still a history to be named."""
    dice = random.Random(seed)
    case = dice.choice(cases)
    with tampering.undone(database) as connection:
        tampering.ATTACKS[attack](connection, case, dice, clever=clever)
        found = [one for one in examine(connection).damages if one.kind != "unprotected"]
    if attack == "case inserted":
        return any(one.kind == ("tree" if clever else "foreign") for one in found)
    if attack == "case removed" and clever:
        return any(one.kind == "tree" for one in found)
    return case in {one.case for one in found}


def inside(database: Database, cases: list[int], signer: Signer, outside: str, *, seed: int) -> bool:
    """Whether the checkpoint kept outside shows it, where nothing else does."""
    dice = random.Random(seed)
    with tampering.undone(database) as connection:
        tampering.insider(connection, dice.choice(cases), dice, signer)
        kinds = {one.kind for one in examine(connection, [outside]).damages}
    return kinds == {"unprotected", "outside"}


def note(database: Database) -> str:
    with database.reading() as connection:
        return str(connection.execute(text("SELECT note FROM checkpoints ORDER BY no DESC LIMIT 1")).scalar_one())


def result(name: str, place: Place, found: int, tried: int, **facts: float) -> Figure:
    told = {"found": found, "of": tried, **facts}
    return Figure(f"found: {name}", place.name, "%", Spread.of([100 * found / tried]), rounds=tried, facts=told)
