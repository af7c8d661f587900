"""A database of the first release, with what people did in it, becomes one of this release and goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, MetaData, Table, func, insert, select, text

from tests.support.office import Office
from workflow.assembly import assemble
from workflow.cli.root import baton
from workflow.service.verification import verify
from workflow.settings import Database as Chosen
from workflow.settings import Definitions, Settings
from workflow.storage import schema
from workflow.storage.database import Database

FIRST = "0001"
DEFINITIONS = Path(__file__).parents[2] / "definitions"


@pytest.fixture
def first(database_url: str) -> Iterator[Database]:
    """A database with the first schema and nothing in it."""
    made = Database(database_url)
    with made.writing() as connection:
        schema.run(connection, to=FIRST)
    yield made
    made.dispose()


@pytest.fixture
def lived_in(tmp_path: Path, sqlite_template: Path) -> Iterator[Office]:
    """An office of today in which something of everything has happened."""
    file = tmp_path / "today.db"
    file.write_bytes(sqlite_template.read_bytes())
    made = Database(f"sqlite:///{file}")
    office = Office(made)
    answered, late, linked = office.complaint(), office.complaint(severity="major"), office.complaint()
    anna, door = office.actor("anna"), office.workflow
    door.comment(answered.id, "@ben 请看", actor=anna)
    door.attach(answered.id, "照片.png", b"x" * 500, actor=anna)
    asked = {"department": office.units["works"], "question": "为何延误？", "told": "phone"}
    door.perform(linked.id, "dispatch", actor=anna, form=asked)
    office.later(hours=60)
    office.fire()
    door.substitute(
        office.people["ben"], office.people["anna"], since=office.now, until=office.now.replace(day=20),
        reason="休假", actor=office.actor("ben"),
    )  # fmt: skip
    assert door.history(late.id, office.actor("anna"))
    yield office
    made.dispose()


def fill(old: Database, today: Database) -> dict[str, int]:
    """Copy, as they are stored, the rows of every table the first schema has; gives how many of each."""
    copied: dict[str, int] = {}
    with old.writing() as connection, today.reading() as source:
        if old.dialect == "postgresql":
            connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        there, here = reflected(connection), reflected(source)
        for table in there.sorted_tables:
            if table.name == "alembic_version":
                continue
            names = [column.name for column in table.columns]
            rows = source.execute(select(*(here.tables[table.name].c[name] for name in names))).all()
            if rows:
                connection.execute(insert(table), [fitting(table, row._mapping) for row in rows])
            copied[table.name] = len(rows)
        if old.dialect == "postgresql":
            number_on(connection, there)
    return copied


def reflected(connection: Connection) -> MetaData:
    found = MetaData()
    found.reflect(connection)
    return found


def fitting(table: Table, row: Any) -> dict[str, Any]:
    """SQLite keeps truth as 0 and 1."""
    return {
        column.name: bool(row[column.name]) if column.type.python_type is bool else row[column.name]
        for column in table.columns
    }


def number_on(connection: Connection, known: MetaData) -> None:
    """Let PostgreSQL give out the next ids after those copied."""
    for table in known.sorted_tables:
        if "id" in table.c and table.c.id.identity is not None:
            most = connection.scalar(select(func.max(table.c.id))) or 0
            sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
            connection.execute(text(f"SELECT setval({sequence}, {most + 1}, false)"))
    cases = connection.scalar(text("SELECT max(id) FROM cases"))
    connection.execute(text(f"SELECT setval('case_ids', {cases + 1}, false)"))


def settings(tmp_path: Path, url: str) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(f'[database]\nurl = "{url}"\n[definitions]\nfolder = "{DEFINITIONS}"\n', encoding="utf-8")
    return file


def test_a_filled_database_of_the_first_schema_is_refused_until_it_is_upgraded_and_then_goes_on(
    first: Database, lived_in: Office, database_url: str, tmp_path: Path
) -> None:
    copied = fill(first, lived_in.database)
    assert {"steps", "clocks", "escalations", "outbox", "vault", "files", "memberships"} <= {
        name for name, many in copied.items() if many
    }
    config = str(settings(tmp_path, database_url))

    refused = CliRunner().invoke(baton, ["--config", config, "serve", "--port", "0"])
    assert refused.exit_code == 1
    assert f"schema {FIRST}" in refused.output
    assert f"needs {schema.wanted()}" in refused.output
    assert "baton db upgrade" in refused.output
    assert "Traceback" not in refused.output

    upgraded = CliRunner().invoke(baton, ["--config", config, "db", "upgrade"])
    assert (upgraded.exit_code, upgraded.output) == (0, f"The schema is now {schema.wanted()}.\n")

    with first.reading() as connection:
        kept = reflected(connection)
        assert {
            name: connection.scalar(select(func.count()).select_from(kept.tables[name])) for name in copied
        } == copied
        ids = list(connection.scalars(text("SELECT id FROM cases ORDER BY id")))
    assert all(verify(first, case).holds for case in ids)

    door = assemble(
        Settings(database=Chosen(url=database_url), definitions=Definitions(folder=DEFINITIONS)),
        clock=lambda: lived_in.now,
    )
    lived_in.later(hours=48)
    assert door.fire_due().timers > 0
    opened = door.open(
        "complaint",
        customer=lived_in.customer,
        actor=lived_in.actor("anna"),
        data={"kind": "complaint", "channel": "phone", "text": "又迟到了", "severity": "normal"},
    )
    assert opened.id > max(ids)
    assert all(verify(first, case).holds for case in (*ids, opened.id))
    door.database.dispose()
