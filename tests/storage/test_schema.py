"""The schema is made by migrations alone, and a database with another one is refused."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from workflow.storage import schema
from workflow.storage.columns import metadata
from workflow.storage.database import Database
from workflow.storage.errors import SchemaAbsent, SchemaOutdated, SchemaUnknown

PROTECTED = (
    "steps", "refusals", "leaves", "nodes", "epochs", "log_keys", "checkpoints", "copies", "confirmations",
    "verifications", "reads", "control_runs", "wordings",
)  # fmt: skip
TRIGGERS = {
    "sqlite": {f"{table}_{what}" for table in PROTECTED for what in ("update", "delete", "replace")},
    "postgresql": {f"{table}_{what}" for table in PROTECTED for what in ("update", "delete", "truncate")},
}  # fmt: skip
OPEN_A_CASE = text(
    "INSERT INTO cases (id, kind, number, definition, version, state, phase, marks, opened, updated, seq, head, body)"
    " VALUES (1, 'case', 'C-1', 'd', 1, 's', 'p', '', 0, 0, 1, :hash, '{}')"
)
ADD_A_STEP = (
    "INTO steps (case_id, seq, kind, trigger, effective, recorded, from_state, to_state, version, form, ops,"
    " previous, hash) VALUES (1, :seq, 'open', 'open', 0, 0, '', 's', 1, '{}', '[]', :previous, :hash)"
)
ADD_A_REFUSAL = "INTO refusals (id, at, code, attempt, facts) VALUES (1, 0, 'NotPermitted', 'open', '{}')"


@pytest.fixture
def fresh(database_url: str) -> Database:
    return Database(database_url)


@pytest.fixture
def with_history(database: Database) -> Database:
    with database.writing() as connection:
        connection.execute(OPEN_A_CASE, {"hash": b"h"})
        connection.execute(text(f"INSERT {ADD_A_STEP}"), {"seq": 1, "previous": b"0", "hash": b"h"})
        connection.execute(text(f"INSERT {ADD_A_REFUSAL}"))
    return database


def test_migrations_and_tables_agree(database: Database) -> None:
    with database.reading() as connection:
        # SQLite numbers rows unasked and reports no Identity, which Alembic takes for a difference.
        options = {"compare_server_default": database.dialect == "postgresql"}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_every_table_is_strict(sqlite_database: Database) -> None:
    with sqlite_database.reading() as connection:
        rows = connection.execute(text("PRAGMA table_list")).all()
    strict = {row.name for row in rows if row.strict}
    assert strict == set(metadata.tables)


def test_history_is_protected(database: Database) -> None:
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_schema WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'",
    }
    with database.reading() as connection:
        names = set(connection.scalars(text(catalogue[database.dialect])))
    assert names == TRIGGERS[database.dialect] | {"steps_unsealed"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE steps SET form = '{}'",
        "DELETE FROM steps",
        "UPDATE refusals SET facts = '{}'",
        "DELETE FROM refusals",
        "DELETE FROM refusals WHERE id = 1",
    ],
)
def test_history_can_be_neither_changed_nor_deleted(with_history: Database, statement: str) -> None:
    with pytest.raises(IntegrityError, match="only ever inserted"), with_history.writing() as connection:
        connection.execute(text(statement))
    assert counted(with_history) == (1, 1)


@pytest.mark.parametrize(("seq", "previous"), [(1, b"1"), (2, b"0")])
def test_history_cannot_be_replaced(sqlite_database: Database, seq: int, previous: bytes) -> None:
    with sqlite_database.writing() as connection:
        connection.execute(OPEN_A_CASE, {"hash": b"h"})
        connection.execute(text(f"INSERT {ADD_A_STEP}"), {"seq": 1, "previous": b"0", "hash": b"h"})
        connection.execute(text(f"INSERT {ADD_A_REFUSAL}"))

    for statement in (ADD_A_STEP, ADD_A_REFUSAL):
        with pytest.raises(IntegrityError, match="only ever inserted"), sqlite_database.writing() as connection:
            connection.execute(
                text(f"INSERT OR REPLACE {statement}"),
                {"seq": seq, "previous": previous, "hash": b"x"} if statement == ADD_A_STEP else {},
            )

    with sqlite_database.reading() as connection:
        assert connection.scalar(text("SELECT hash FROM steps")) == b"h"


def test_history_cannot_be_truncated(postgres_database: Database) -> None:
    for table in ("steps", "refusals"):
        with pytest.raises(IntegrityError, match="only ever inserted"), postgres_database.writing() as connection:
            connection.execute(text(f"TRUNCATE {table}"))


def test_not_even_by_a_session_that_plays_the_replica(postgres_database: Database) -> None:
    statement = text("SET LOCAL session_replication_role = replica; DELETE FROM steps")
    with pytest.raises(IntegrityError, match="only ever inserted"), postgres_database.writing() as connection:
        connection.execute(statement)


def test_the_same_step_twice_is_refused(with_history: Database) -> None:
    with pytest.raises(IntegrityError), with_history.writing() as connection:
        connection.execute(text(f"INSERT {ADD_A_STEP}"), {"seq": 1, "previous": b"h", "hash": b"i"})
    assert counted(with_history) == (1, 1)


def test_an_upgrade_makes_the_schema_once(fresh: Database) -> None:
    with pytest.raises(SchemaAbsent, match="holds no Baton yet"):
        schema.check(fresh)

    assert schema.upgrade(fresh) is True
    schema.check(fresh)
    assert schema.upgrade(fresh) is False
    fresh.dispose()


def test_a_failed_upgrade_leaves_nothing(fresh: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    run = schema.run

    def run_and_fail(connection: object) -> None:
        run(connection)  # type: ignore[arg-type]
        raise ZeroDivisionError

    monkeypatch.setattr(schema, "run", run_and_fail)
    with pytest.raises(ZeroDivisionError):
        schema.upgrade(fresh)
    with fresh.reading() as connection:
        assert inspect(connection).get_table_names() == []
    fresh.dispose()


def test_an_older_schema_is_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    now = schema.wanted()
    monkeypatch.setattr(schema, "known", lambda: (now, "9998"))
    with pytest.raises(SchemaOutdated, match=f"has schema {now}, this Baton needs 9998; run “baton db upgrade”"):
        schema.check(database)


def test_a_newer_schema_is_refused(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for refused in (schema.check, schema.upgrade):
        with pytest.raises(SchemaUnknown, match="schema 9999"):
            refused(database)


def test_looking_for_a_schema_makes_no_file(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'mistyped.db'}")
    with pytest.raises(SchemaAbsent):
        schema.check(database)
    assert list(tmp_path.iterdir()) == []


def test_revisions_are_known_by_their_file_names() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.FOLDER))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert tuple(reversed([script.revision for script in scripts.walk_revisions()])) == schema.known()


def counted(database: Database) -> tuple[int, int]:
    with database.reading() as connection:
        steps = connection.scalar(text("SELECT count(*) FROM steps"))
        refusals = connection.scalar(text("SELECT count(*) FROM refusals"))
    return int(steps or 0), int(refusals or 0)
