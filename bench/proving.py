"""Sealing and verifying: a million steps, in histories as the product writes them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench import office
from bench.figures import Figure, Spread
from bench.places import Place
from workflow.audit.log.sealer import Sealer
from workflow.audit.log.verify import verify
from workflow.core import chain
from workflow.settings import Seal
from workflow.storage.database import Database
from workflow.storage.tables import steps

COLUMNS = [column.name for column in steps.columns]
AT_ONCE = 20_000


def build(database: Database, wanted: int) -> None:
    """One case of the product's own, copied under other numbers until there are enough steps, each chained anew."""
    made = office.found(database)
    office.open_cases(database, made, 1)
    door = office.door(database, office.LATER)
    [(first, customer)] = office.case_ids(database)
    for one in office.commands(made, [(first, customer)]):
        one.do(door)
    with database.writing() as connection:
        row = dict(connection.execute(text("SELECT * FROM cases WHERE id = :c"), {"c": first}).mappings().one())
        named = ", ".join(COLUMNS)
        query = text(f"SELECT {named} FROM steps WHERE case_id = :c ORDER BY seq")
        history = [tuple(one) for one in connection.execute(query, {"c": first})]
        values = connection.execute(text("SELECT commitment, salt, value FROM vault WHERE case_id = :c"), {"c": first})
        vault = [tuple(one) for one in values]
        there = connection.execute(text("SELECT count(*), max(case_id) FROM steps")).one()
    marks = ["%s" if database.dialect == "postgresql" else "?"]
    into_cases = f"INSERT INTO cases ({', '.join(row)}) VALUES ({', '.join(marks * len(row))})"
    into_vault = f"INSERT INTO vault (case_id, commitment, salt, value) VALUES ({', '.join(marks * 4)})"
    into_steps = f"INSERT INTO steps ({named}) VALUES ({', '.join(marks * len(COLUMNS))})"
    done, case = int(there[0]), int(there[1])
    while done < wanted:
        rows: list[Any] = []
        heads: list[Any] = []
        beside: list[Any] = []
        while len(rows) < AT_ONCE and done + len(rows) < wanted:
            case += 1
            previous = chain.GENESIS
            number = f"BM{case:08d}"
            beside += [(case, *one) for one in vault]
            for one in history:
                # The first step says which case it opens.
                columns = (case, *one[1:-3], one[-3].replace(f'"{row["number"]}"', f'"{number}"', 1))
                own = chain.link(previous, columns)
                rows.append((*columns, previous, own))
                previous = own
            heads.append(tuple({**row, "id": case, "number": number, "head": previous}.values()))
        with database.writing() as connection:
            cursor: Any = connection.connection.driver_connection.cursor()
            cursor.executemany(into_cases, heads)
            cursor.executemany(into_vault, beside)
            cursor.executemany(into_steps, rows)
        done += len(rows)


def measure(place: Place, *, quick: bool) -> Iterator[Figure]:
    wanted = 50_000 if quick else 1_000_000
    template = place.template(f"proving{wanted}", lambda database: build(database, wanted))
    with place.copy(template) as url:
        yield from proved(url, place.name, least=wanted)


def proved(url: str, name: str, *, least: int = 1) -> Iterator[Figure]:
    """Seal everything there is, and verify it against a note kept outside."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(url, statement_timeout=600)
        sealer = Sealer(database, Seal(key=Path(folder) / "seal.key"), clock=lambda: datetime.now(UTC))
        began, cpu = time.perf_counter(), time.process_time()
        sealed = sealer.sign()
        took, worked = time.perf_counter() - began, time.process_time() - cpu
        yield Figure(
            "seal steps", name, "/s", Spread.of([sealed.added / took]), rounds=1,
            facts={"steps": sealed.added, "seconds": round(took, 1), "of them on the core": round(worked, 1)},
        )  # fmt: skip
        outside = [sealer_note(database)]
        began, cpu = time.perf_counter(), time.process_time()
        report = verify(database, outside=outside)
        worked = time.process_time() - cpu
        assert report.holds, report.damages[:3]
        assert report.leaves == report.steps >= least
        yield Figure(
            "verify chains and tree", name, "/s", Spread.of([report.steps / report.walking]), rounds=1,
            facts={"steps": report.steps, "seconds": report.walking, "with the file's own check": report.seconds,
                   "on the core": round(worked, 1)},
        )  # fmt: skip
        database.dispose()


def sealer_note(database: Database) -> str:
    """The last checkpoint, as it would be kept outside."""
    with database.reading() as connection:
        return str(connection.execute(text("SELECT note FROM checkpoints ORDER BY no DESC LIMIT 1")).scalar_one())
