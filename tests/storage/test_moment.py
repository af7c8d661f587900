"""A moment: on PostgreSQL all that a thread reads within is one reading, which no write or failure is caught in."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from workflow.storage.database import Database
from workflow.storage.errors import StorageUnavailable

THREADS = 4


@pytest.fixture
def counter(postgres_url: str) -> Iterator[Database]:
    """A database with one number in it, and as many connections as there are THREADS."""
    database = Database(postgres_url, pool_size=THREADS // 2, lock_timeout=5)
    fill(database)
    yield database
    database.dispose()


def fill(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))


def number(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.scalar(text("SELECT n FROM counter")) or 0)


def add_one(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE counter SET n = n + 1"))


def elsewhere(database: Database) -> None:
    """Somebody else adds one."""
    other = threading.Thread(target=add_one, args=(database,))
    other.start()
    other.join()


def held(database: Database) -> int:
    """How many connections somebody has."""
    return int(database.engine.pool.checkedout())  # type: ignore[attr-defined]


def test_what_a_thread_reads_within_is_one_reading(counter: Database) -> None:
    begun: list[object] = []
    event.listen(counter.engine, "begin", begun.append)

    with counter.one_moment():
        assert held(counter) == 0
        assert number(counter) == 0
        elsewhere(counter)
        with counter.one_moment(), counter.reading() as first, counter.reading() as second:
            assert first is second
            assert number(counter) == 0
        begun.clear()
        assert (number(counter), held(counter), begun) == (0, 1, [])

    assert held(counter) == 0
    assert number(counter) == 1


def test_what_it_wrote_it_reads(counter: Database) -> None:
    with counter.one_moment():
        assert number(counter) == 0
        add_one(counter)
        assert number(counter) == 1
        with counter.writing() as connection:
            connection.execute(text("UPDATE counter SET n = 2"))
            # Not yet committed; and this look must not be all that is seen afterwards.
            assert number(counter) == 1
        assert number(counter) == 2
        with counter.reading() as connection:
            add_one(counter)
            assert connection.scalar(text("SELECT n FROM counter")) == 2
            assert number(counter) == 3
        assert held(counter) == 1
    assert held(counter) == 0


def test_a_question_that_fails_spoils_no_other(counter: Database) -> None:
    with counter.one_moment():
        number(counter)
        with pytest.raises(DBAPIError), counter.reading() as connection:
            connection.execute(text("SELECT nothing FROM nowhere"))
        assert number(counter) == 0
        with counter.reading() as connection:
            with pytest.raises(DBAPIError):
                connection.execute(text("SELECT nothing FROM nowhere"))
            inner = number_of_another(counter, connection)
        assert inner
        assert number(counter) == 0
        with pytest.raises(StorageUnavailable, match="lost"):
            lose(counter)
        assert number(counter) == 0
        with pytest.raises(ZeroDivisionError), counter.reading():
            raise ZeroDivisionError
        elsewhere(counter)
        assert number(counter) == 0
    assert held(counter) == 0
    with pytest.raises(ZeroDivisionError), counter.one_moment(), counter.reading():
        raise ZeroDivisionError
    assert (held(counter), number(counter)) == (0, 1)


@pytest.mark.parametrize(("rested", "seen"), [(-1.0, 1), (60.0, 0)])
def test_what_nobody_asked_for_long_is_not_gone_on_with(counter: Database, rested: float, seen: int) -> None:
    counter._rested = rested
    with counter.one_moment():
        number(counter)
        elsewhere(counter)
        assert (number(counter), held(counter)) == (seen, 1)
    assert held(counter) == 0


def test_a_server_that_goes_between_two_questions_is_no_matter(counter: Database) -> None:
    for go_on in (add_one, number, lambda _: None):
        counter._rested = 60.0 if go_on is add_one else -1.0
        with counter.one_moment():
            with counter.reading() as connection:
                backend = connection.scalar(text("SELECT pg_backend_pid()"))
            end(counter, backend)
            go_on(counter)
        assert held(counter) == 0
    assert number(counter) == 1


def test_a_server_lets_a_transaction_rest_longer_than_a_moment(postgres_url: str) -> None:
    for statement_timeout in (0.5, 30.0):
        database = Database(postgres_url, statement_timeout=statement_timeout)
        with database.reading() as connection:
            allowed = connection.scalar(text("SHOW idle_in_transaction_session_timeout"))
        assert allowed == {0.5: "1s", 30.0: "1min"}[statement_timeout]
        assert database._rested == {0.5: 0.5, 30.0: 5.0}[statement_timeout]
        database.dispose()


def test_on_sqlite_a_page_keeps_nobody_from_beginning_the_log_anew(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    fill(database)
    with database.one_moment():
        assert number(database) == 0
        elsewhere(database)
        with database.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            begun_anew = driver.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
        assert begun_anew[0] == 0
        assert (number(database), held(database)) == (1, 0)
    database.dispose()


def number_of_another(database: Database, failed: object) -> bool:
    """Within a reading in which something failed, the number is asked of another."""
    with database.reading() as connection:
        assert connection is failed
        with pytest.raises(DBAPIError):
            connection.execute(text("SELECT 1"))
    return number(database) == 0


def lose(database: Database) -> None:
    with database.reading() as connection:
        end(database, connection.scalar(text("SELECT pg_backend_pid()")))
        connection.execute(text("SELECT 1"))


def end(database: Database, backend: int) -> None:
    """End a process of the server, and with it the connection it serves."""
    other = Database(database.url.render_as_string(hide_password=False))
    with other.writing() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
    other.dispose()


def test_as_many_threads_as_connections_read_and_write_and_none_waits_for_ever(counter: Database) -> None:
    together, seen = threading.Barrier(THREADS), []

    def visit() -> None:
        with counter.one_moment():
            before = number(counter)
            together.wait(timeout=30)
            add_one(counter)
            with counter.reading():
                seen.append(number(counter) - before)

    threads = [threading.Thread(target=visit) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == THREADS
    assert min(seen) >= 1
    assert (number(counter), held(counter)) == (THREADS, 0)
