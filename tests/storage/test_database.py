"""Units: writers queue and lose nothing, readers see one moment, and what cannot be used safely is refused."""

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, StatementError

from workflow.core.moments import micros
from workflow.storage import filesystem, postgresql, sqlite
from workflow.storage.database import Database
from workflow.storage.errors import (
    AffectedLibrary,
    JournalRefused,
    NoFolder,
    NoSuchDatabase,
    NotInMemory,
    OnNetwork,
    StorageUnavailable,
    UnitEnded,
)
from workflow.storage.tables import heartbeats

SPAWN = multiprocessing.get_context("spawn")
FORK = multiprocessing.get_context("fork")


@pytest.fixture
def counter(database_url: str) -> Iterator[Database]:
    """A database with one number in it, impatient."""
    database = Database(database_url, lock_timeout=0.3)
    with database.writing() as connection:
        connection.execute(
            text("CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL CHECK (n < 1000000))")
        )
        connection.execute(text("INSERT INTO counter VALUES (1, 0)"))
    yield database
    database.dispose()


def number(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.scalar(text("SELECT n FROM counter WHERE id = 1")) or 0)


def add_one(database: Database, pause: float = 0) -> None:
    """Read, think, write: the way updates are lost."""
    lock = " FOR UPDATE" if database.dialect == "postgresql" else ""
    with database.writing() as connection:
        found = connection.scalar(text(f"SELECT n FROM counter WHERE id = 1{lock}")) or 0
        time.sleep(pause)
        connection.execute(text("UPDATE counter SET n = :n WHERE id = 1"), {"n": found + 1})


def add_many(url: str, times: int) -> None:
    database = Database(url, lock_timeout=30)
    for _ in range(times):
        add_one(database)
    database.dispose()


def test_no_update_is_lost_between_threads_and_processes(counter: Database) -> None:
    url = counter.url.render_as_string(hide_password=False)
    processes = [SPAWN.Process(target=add_many, args=(url, 25)) for _ in range(2)]
    threads = [threading.Thread(target=add_many, args=(url, 25)) for _ in range(2)]
    for worker in (*processes, *threads):
        worker.start()
    for worker in (*processes, *threads):
        worker.join()

    assert [process.exitcode for process in processes] == [0, 0]
    assert number(counter) == 100


def test_a_second_writer_waits_for_the_first(counter: Database) -> None:
    first = threading.Thread(target=add_one, args=(counter, 0.2))
    first.start()
    time.sleep(0.05)
    began = time.monotonic()
    add_one(counter)
    assert time.monotonic() - began > 0.1
    first.join()
    assert number(counter) == 2


def test_a_writer_that_waits_too_long_is_told_so(counter: Database) -> None:
    first = threading.Thread(target=add_one, args=(counter, 1.0))
    first.start()
    time.sleep(0.2)
    with pytest.raises(StorageUnavailable, match=r"could not do this now \(busy: .*\); nothing was changed") as caught:
        add_one(counter)
    first.join()
    assert caught.value.reason == "busy"
    add_one(counter)
    assert number(counter) == 2


def test_who_waited_at_the_gate_waits_only_the_rest_for_a_program_that_does_not_know_it(sqlite_url: str) -> None:
    database = Database(sqlite_url, lock_timeout=1.0)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER)"))
    outsider = sqlite.driver.connect(str(database.path), isolation_level=None)
    outsider.execute("BEGIN IMMEDIATE")
    took: list[float] = []

    def wait(before: float) -> None:
        time.sleep(before)
        began = time.monotonic()
        with pytest.raises(StorageUnavailable, match="busy"), database.writing():
            pass
        took.append(time.monotonic() - began)

    threads = [threading.Thread(target=wait, args=(before,)) for before in (0.0, 0.5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outsider.execute("ROLLBACK")
    outsider.close()

    assert max(took) < 1.4
    with database.reading() as connection:
        assert connection.scalar(text("PRAGMA busy_timeout")) == 1000
    database.dispose()


def test_an_error_undoes_the_unit(counter: Database) -> None:
    def fail() -> None:
        with counter.writing() as connection:
            connection.execute(text("UPDATE counter SET n = 7"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert number(counter) == 0


def test_an_error_that_was_swallowed_ends_the_unit_all_the_same(counter: Database) -> None:
    def swallow() -> None:
        with counter.writing() as connection:
            connection.execute(text("UPDATE counter SET n = 7"))
            if counter.dialect == "postgresql":
                with pytest.raises(IntegrityError):
                    connection.execute(text("UPDATE counter SET n = 1000000"))
            else:
                # What SQLITE_FULL does: the transaction is rolled back behind our back.
                connection.connection.driver_connection.rollback()  # type: ignore[union-attr]

    with pytest.raises(UnitEnded):
        swallow()
    assert number(counter) == 0


def test_a_unit_inside_a_unit_is_a_fault(counter: Database) -> None:
    with counter.writing(), pytest.raises(RuntimeError, match="already open"), counter.writing():
        pass
    add_one(counter)


def test_a_reader_sees_one_moment(counter: Database) -> None:
    with counter.reading() as connection:
        before = connection.scalar(text("SELECT n FROM counter"))
        writer = threading.Thread(target=add_one, args=(counter,))
        writer.start()
        writer.join()
        assert connection.scalar(text("SELECT n FROM counter")) == before == 0
    assert number(counter) == 1


def test_a_forked_child_starts_anew(counter: Database) -> None:
    with counter.writing() as connection:
        connection.execute(text("UPDATE counter SET n = n + 1"))
        child = FORK.Process(target=read_in_child, args=(counter,))
        child.start()
        child.join()
        assert child.exitcode == 0
        connection.execute(text("UPDATE counter SET n = n + 1"))
    child = FORK.Process(target=add_one, args=(counter,))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert number(counter) == 3


def read_in_child(database: Database) -> None:
    assert number(database) == 0
    with pytest.raises(StorageUnavailable), database.writing() as connection:
        connection.execute(text("UPDATE counter SET n = 9"))


def test_a_writer_that_dies_leaves_the_gate_open(counter: Database) -> None:
    url = counter.url.render_as_string(hide_password=False)
    process = SPAWN.Process(target=die_while_writing, args=(url,))
    process.start()
    process.join()
    assert process.exitcode == 9
    add_one(counter)
    assert number(counter) == 1


def die_while_writing(url: str) -> None:
    with Database(url).writing() as connection:
        connection.execute(text("UPDATE counter SET n = 9"))
        os._exit(9)


def test_sqlite_writes_begin_immediate_and_reads_do_not(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    said: list[str] = []
    event.listen(database.engine, "connect", lambda driver, _: driver.set_trace_callback(said.append))
    with database.writing():
        pass
    with database.reading():
        pass
    database.dispose()
    assert [one for one in said if one.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]


def test_sqlite_is_told_to_be_careful(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    wanted = {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000, "secure_delete": 1,
        "recursive_triggers": 1,
    }  # fmt: skip
    with database.reading() as connection:
        found = {name: connection.scalar(text(f"PRAGMA {name}")) for name in wanted}
    database.dispose()
    assert found == wanted
    assert (tmp_path / "baton.db").stat().st_mode & 0o777 == 0o600


def test_postgresql_is_told_to_give_up(postgres_url: str) -> None:
    database = Database(postgres_url, lock_timeout=2, statement_timeout=3)
    wanted = {
        "lock_timeout": "2s", "statement_timeout": "3s", "idle_in_transaction_session_timeout": "6s",
        "application_name": "baton", "transaction_isolation": "read committed",
    }  # fmt: skip
    with database.writing() as connection:
        assert {name: connection.scalar(text(f"SHOW {name}")) for name in wanted} == wanted
    with database.reading() as connection:
        assert connection.scalar(text("SHOW transaction_read_only")) == "on"
    database.dispose()


@pytest.mark.parametrize(
    ("given", "there"), [("", ("32MB", "4MB")), ("&options=-c%20work_mem%3D64MB", ("64MB", "64MB"))]
)
def test_room_to_sort_is_given_to_one_reading_and_never_taken(
    postgres_url: str, given: str, there: tuple[str, str]
) -> None:
    database = Database(postgres_url + given)
    with database.reading() as connection:
        postgresql.give_room(connection)
        within = connection.scalar(text("SHOW work_mem"))
    with database.reading() as connection:
        assert (within, connection.scalar(text("SHOW work_mem"))) == there
    database.dispose()


def test_a_slow_statement_is_given_up(postgres_url: str) -> None:
    database = Database(postgres_url, statement_timeout=0.1)
    with pytest.raises(StorageUnavailable, match="slow") as caught, database.reading() as connection:
        connection.execute(text("SELECT pg_sleep(5)"))
    assert caught.value.__cause__ is not None
    database.dispose()


def test_a_lost_connection_is_said_and_replaced(postgres_url: str) -> None:
    database, other = Database(postgres_url), Database(postgres_url)

    def lose() -> None:
        with database.writing() as connection:
            backend = connection.scalar(text("SELECT pg_backend_pid()"))
            with other.writing() as second:
                second.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
            # As the store does it, past SQLAlchemy's eyes.
            connection.connection.driver_connection.execute("SELECT 1")  # type: ignore[union-attr]

    with pytest.raises(StorageUnavailable, match="lost"):
        lose()
    with database.reading() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    database.dispose()
    other.dispose()


def test_a_connection_lost_while_it_rested_is_replaced_unseen(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, other = Database(postgres_url), Database(postgres_url)
    with database.reading() as connection:
        backend = connection.scalar(text("SELECT pg_backend_pid()"))
    with other.writing() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
    monkeypatch.setattr(postgresql, "REST", 0.0)
    with database.writing() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) != backend
    database.dispose()
    other.dispose()


def test_a_full_disk_is_said(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE t (b BLOB)"))
        connection.execute(text("PRAGMA max_page_count = 10"))
    with pytest.raises(StorageUnavailable, match="full"), database.writing() as connection:
        connection.execute(text("INSERT INTO t VALUES (zeroblob(1000000))"))
    database.dispose()


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "baton.db").write_bytes(b"no database at all, but long enough to be looked at" * 100)
    database = Database(f"sqlite:///{tmp_path / 'baton.db'}")
    with pytest.raises(StorageUnavailable, match="broken"), database.reading():
        pass
    database.dispose()


@pytest.mark.parametrize("url", ["mysql://host/db", "baton.db", "", "oracle:", "sqlite", "http://user:secret@host/db"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(NoSuchDatabase, match="is neither SQLite"):
        Database(url)


def test_a_password_is_not_shown() -> None:
    with pytest.raises(NoSuchDatabase) as caught:
        Database("mysql://user:secret@host/db")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file::memory:?uri=true", "sqlite:///x?mode=memory"]
)
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(NotInMemory, match="would be lost at the end"):
        Database(url)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoFolder, match="nowhere"):
        Database(f"sqlite:///{tmp_path / 'nowhere' / 'baton.db'}")


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "9p", "fuse.sshfs"])
def test_a_network_file_system_is_refused(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "far away"
    folder.mkdir()
    spelt = str(folder).replace(" ", r"\040")
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {spelt} {kind} rw 0 0\n")
    monkeypatch.setattr(filesystem, "MOUNTS", mounts)

    with pytest.raises(OnNetwork, match=kind):
        Database(f"sqlite:///{folder / 'baton.db'}")
    Database(f"sqlite:///{tmp_path / 'near.db'}").dispose()


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 6), False),
        ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 53, 4), True), ((4, 0, 0), True),
    ],
)  # fmt: skip
def test_the_versions_that_damage_a_write_ahead_log_are_known(version: tuple[int, ...], safe: bool) -> None:
    assert sqlite.wal_is_safe(version) is safe


def test_an_affected_library_does_without_a_write_ahead_log(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "wal_is_safe", lambda _: False)
    database = Database(sqlite_url)
    with database.writing() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "truncate"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
    database.dispose()


def test_an_affected_library_refuses_a_database_that_has_one(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(sqlite_url)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
    database.dispose()
    monkeypatch.setattr(sqlite, "wal_is_safe", lambda _: False)
    with pytest.raises(AffectedLibrary, match=r"in WAL mode, in which SQLite [\d.]+ can damage it"):
        Database(sqlite_url)


def test_a_journal_that_cannot_be_had_is_said(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite.driver.connect
    # A database in memory knows no journal on disk, as some file systems do not.
    monkeypatch.setattr(sqlite.driver, "connect", lambda *_, **settings: connect(":memory:", **settings))
    database = Database(sqlite_url)
    with pytest.raises(JournalRefused, match="stays in journal mode memory instead of wal"), database.reading():
        pass
    database.dispose()


def test_a_database_somebody_keeps_to_themselves_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "baton.db"
    other = sqlite.driver.connect(str(path), isolation_level=None)
    other.execute("CREATE TABLE t (n INTEGER)")
    other.execute("BEGIN EXCLUSIVE")
    database = Database(f"sqlite:///{path}", lock_timeout=0.1)
    with pytest.raises(StorageUnavailable, match="busy"), database.reading():
        pass
    database.dispose()
    other.close()


def test_naive_moments_are_refused(database: Database) -> None:
    naive = datetime(2026, 3, 2)  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        micros(naive)
    aware = datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=UTC)
    with database.writing() as connection:
        connection.execute(heartbeats.insert().values(scheduler="a", started=aware, last=aware))
        assert connection.scalar(heartbeats.select().with_only_columns(heartbeats.c.last)) == aware
    with pytest.raises(StatementError, match="time zone"), database.writing() as connection:
        connection.execute(heartbeats.insert().values(scheduler="b", started=naive, last=naive))
